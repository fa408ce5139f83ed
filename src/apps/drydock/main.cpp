// drydock: one program for the servers and clients. Parses the command line and hands over.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <drydock/host.hpp>
#include <drydock/version.hpp>

#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/programs.hpp"
#include "src/cli/command_line.hpp"
#include "src/cli/help.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

void add_limit_options(CLI::App& command, ServerArguments& arguments) {
    take_number(command
                    .add_option("--max-per-address", arguments.max_per_address,
                                "Close further connections while one IP address has this many, "
                                "{range}; 0: no limit")
                    ->capture_default_str(),
                "N", 0);
    take_seconds(command
                     .add_option("--idle-timeout", arguments.idle_timeout,
                                 "Close a connection on which no byte has moved for this long; "
                                 "0: never")
                     ->capture_default_str());
    take_seconds(command
                     .add_option("--grace", arguments.grace,
                                 "Grace time: how long a graceful stop waits for clients before it "
                                 "aborts their connections")
                     ->capture_default_str());
}

void add_backend_option(CLI::App& command, std::string& backend) {
    command
        .add_option("--backend", backend,
                    "Completion queue: " + backend_names() + ", auto. auto takes the first of " +
                        backend_names() + " that the system provides")
        ->type_name("NAME")
        ->capture_default_str();
}

void add_server_options(CLI::App& command, ServerArguments& arguments) {
    command.add_option("PORT", arguments.port, "TCP port, 0 to 65535; 0: any free port")
        ->required();
    command
        .add_option("--bind", arguments.bind,
                    "Address or host name to listen on; may be given several times")
        ->type_name("ADDRESS")
        ->default_str("all addresses, IPv6 and IPv4")
        ->allow_extra_args(false);
    add_backend_option(command, arguments.backend);
    take_number(command.add_option("--workers", arguments.workers, "Worker threads, {range}")
                    ->default_str("one for each processor, or as many as the backend permits"),
                "N", 1, 1024);
    add_limit_options(command, arguments);
    command
        .add_option("--log-level", arguments.log_level,
                    "Log events of this severity and above: debug, info, warning or error")
        ->type_name("LEVEL")
        ->capture_default_str();
    command.add_option("--log-format", arguments.log_format, "Format of the log: logfmt or json")
        ->type_name("FORMAT")
        ->capture_default_str();
}

CLI::App* add_echo_server(CLI::App& app, EchoServerArguments& arguments) {
    constexpr std::uint64_t most_bytes = 1 << 30;
    CLI::App* command = app.add_subcommand("echo-server", "Send every byte back, in order");
    add_server_options(*command, arguments);
    take_number(command
                    ->add_option("--buffer-size", arguments.buffer_size,
                                 "The most bytes that one receive takes, {range}")
                    ->capture_default_str(),
                "BYTES", 1, most_bytes);
    take_number(command
                    ->add_option("--turn-size", arguments.turn_size,
                                 "The most bytes that a worker receives or sends on one connection "
                                 "before it serves the others, {range}")
                    ->capture_default_str(),
                "BYTES", 1, most_bytes);
    take_number(command
                    ->add_option("--max-connections", arguments.max_connections,
                                 "Close further connections while this many are open, {range}; "
                                 "0: no limit")
                    ->capture_default_str(),
                "N", 0);
    return command;
}

void add_fairness_options(CLI::App& command, ChatServerArguments& arguments) {
    take_number(
        command
            .add_option("--speaker-share", arguments.speaker_share,
                        "Stop receiving from a member while the slowest member still has to "
                        "be sent more than this many bytes of its lines, {range}; at most a "
                        "quarter of the outbox limit")
            ->default_str("an eighth of the outbox limit"),
        "BYTES", 1);
    take_number(
        command
            .add_option("--least-rate", arguments.least_rate,
                        "Bytes a second that members who talk too fast may still publish, "
                        "{range}. A member that reads at this rate is never dropped because "
                        "of them")
            ->default_str("a quarter of the outbox limit"),
        "BYTES", 1);
}

/// For options whose absence is an empty text: an empty one that is given was meant to be another,
/// as of a variable that is not set.
std::string refuse_empty(std::string& value) {
    return value.empty() ? "the value is empty" : std::string();
}

void add_relay_options(CLI::App& command, ChatServerArguments& arguments) {
    command
        .add_option("--relay", arguments.relay,
                    "Share the room with all servers that name the same one: lines go through a "
                    "stream of the Redis server at redis://[USER@]HOST[:PORT]/ROOM. A password is "
                    "taken from the environment variable DRYDOCK_RELAY_PASSWORD")
        ->check(CLI::Validator(&refuse_empty, ""))
        ->type_name("URL");
    command
        .add_option("--relay-password-file", arguments.relay_password_file,
                    "Take the password from this file's first line instead")
        ->check(CLI::Validator(&refuse_empty, ""))
        ->type_name("FILE");
    take_number(command
                    .add_option("--relay-keep", arguments.relay_keep,
                                "About how many entries of up to 64 KiB the stream keeps, {range}. "
                                "A server that is further behind resets its members")
                    ->capture_default_str(),
                "N", 100, 1'000'000'000);
}

CLI::App* add_chat_server(CLI::App& app, ChatServerArguments& arguments) {
    CLI::App* command =
        app.add_subcommand("chat-server", "Send every line to every member of one room");
    add_server_options(*command, arguments);
    take_number(command
                    ->add_option("--max-line", arguments.max_line,
                                 "The longest line in bytes, {range}. A member that sends a longer "
                                 "one is dropped")
                    ->capture_default_str(),
                "BYTES", 1);
    take_number(command
                    ->add_option("--outbox-limit", arguments.outbox_limit,
                                 "When a line is published, drop each member that still has to be "
                                 "sent more than this many bytes, its own lines included, {range}")
                    ->capture_default_str(),
                "BYTES", 1);
    add_fairness_options(*command, arguments);
    add_relay_options(*command, arguments);
    take_number(command
                    ->add_option("--max-members", arguments.max_members,
                                 "Close further connections while this many members are in the "
                                 "room, {range}; 0: no limit")
                    ->capture_default_str(),
                "N", 0);
    return command;
}

void add_client_options(CLI::App& command, ClientArguments& arguments) {
    command
        .add_option("HOST", arguments.host,
                    "Host name or address of the server. All addresses of a name are tried")
        ->required();
    command.add_option("PORT", arguments.port, "TCP port of the server, 1 to 65535")->required();
    take_seconds(command
                     .add_option("--connect-timeout", arguments.connect_timeout,
                                 "Give up connecting after this long; 0: when the system gives up")
                     ->capture_default_str());
    add_backend_option(command, arguments.backend);
}

int run(int count, char** words) {
    CLI::App app("Echo and chat servers on completion queues, and their clients", "drydock");
    app.require_subcommand(1);
    app.set_version_flag("--version", DRYDOCK_VERSION_STRING);

    EchoServerArguments echo_server;
    CLI::App* echo_server_command = add_echo_server(app, echo_server);
    ChatServerArguments chat_server;
    CLI::App* chat_server_command = add_chat_server(app, chat_server);

    ClientArguments echo_client;
    CLI::App* echo_client_command = app.add_subcommand(
        "echo-client", "Send lines and print their echoes; the line q or Q quits");
    add_client_options(*echo_client_command, echo_client);
    ChatClientArguments chat_client;
    CLI::App* chat_client_command = app.add_subcommand(
        "chat-client",
        "Send lines under a name and print all members' lines; the line q or Q quits");
    add_client_options(*chat_client_command, chat_client);
    chat_client_command
        ->add_option("NAME", chat_client.name, "Your name. Each line is sent as [NAME] LINE")
        ->required();

    if (const std::optional<int> status = parse_command_line(app, drydock_manual(), count, words)) {
        return *status;
    }
    if (echo_server_command->parsed()) return run_echo_server(echo_server);
    if (chat_server_command->parsed()) return run_chat_server(chat_server);
    if (chat_client_command->parsed()) return run_chat_client(chat_client);
    return run_echo_client(echo_client);
}

}  // namespace
}  // namespace drydock::app

int main(int count, char** words) {
    return drydock::app::run_program("drydock", [&] {
        std::vector<std::string> texts = drydock::host::command_line(count, words);
        std::vector<char*> pointers;
        for (std::string& text : texts) pointers.push_back(text.data());
        pointers.push_back(nullptr);
        return drydock::app::run(static_cast<int>(texts.size()), pointers.data());
    });
}

// drydock: one program for the servers and clients. Parses the command line and hands over.
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "platform/host/host.hpp"
#include "src/apps/command_line.hpp"
#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/programs.hpp"
#include "src/apps/output.hpp"

namespace drydock::app {
namespace {

void add_server_options(CLI::App& command, ServerArguments& arguments) {
    command.add_option("PORT", arguments.port, "TCP port; 0 picks a free one")->required();
    command
        .add_option("--bind", arguments.bind,
                    "Address or name to listen on; may be given several times (default: all "
                    "addresses, IPv6 and IPv4)")
        ->allow_extra_args(false);
    command.add_option("--backend", arguments.backend, "One of " + backend_names())
        ->capture_default_str();
    command
        .add_option("--workers", arguments.workers,
                    "Worker threads (default: the CPUs, or as the backend takes)")
        ->check(CLI::Range(1, 1024));
    command
        .add_option("--max-per-address", arguments.max_per_address,
                    "Close connections over this many from one IP address; 0: no limit")
        ->check(whole_number(0))
        ->capture_default_str();
    command
        .add_option("--idle-timeout", arguments.idle_timeout,
                    "Close a connection on which nothing moves for so many seconds; 0: never")
        ->check(seconds())
        ->capture_default_str();
    command
        .add_option("--grace", arguments.grace,
                    "Seconds that a graceful stop waits before it cuts connections off")
        ->check(seconds())
        ->capture_default_str();
    command.add_option("--log-level", arguments.log_level, "debug, info, warning or error")
        ->capture_default_str();
    command.add_option("--log-format", arguments.log_format, "logfmt or json")
        ->capture_default_str();
}

CLI::App* add_echo_server(CLI::App& app, EchoServerArguments& arguments) {
    CLI::App* command =
        app.add_subcommand("echo-server", "Return every byte, in order, until Ctrl-C");
    add_server_options(*command, arguments);
    command
        ->add_option("--buffer-size", arguments.buffer_size,
                     "The most bytes that are received at once")
        ->check(CLI::Range(1, 1 << 30))
        ->capture_default_str();
    command
        ->add_option("--turn-size", arguments.turn_size,
                     "The most bytes of a connection that a worker receives or sends before others "
                     "have their turn")
        ->check(CLI::Range(1, 1 << 30))
        ->capture_default_str();
    command
        ->add_option("--max-connections", arguments.max_connections,
                     "Close connections over this many at once; 0: no limit")
        ->check(whole_number(0))
        ->capture_default_str();
    return command;
}

CLI::App* add_chat_server(CLI::App& app, ChatServerArguments& arguments) {
    CLI::App* command =
        app.add_subcommand("chat-server", "Send every line to every member, until Ctrl-C");
    add_server_options(*command, arguments);
    command
        ->add_option("--max-line", arguments.max_line,
                     "The most bytes of a line; a longer one ends its sender's connection")
        ->check(whole_number(1))
        ->capture_default_str();
    command
        ->add_option("--outbox-limit", arguments.outbox_limit,
                     "When a line comes, drop a member that is behind by more than so many bytes; "
                     "its own lines count, too")
        ->check(whole_number(1))
        ->capture_default_str();
    command
        ->add_option("--speaker-share", arguments.speaker_share,
                     "Stop receiving from a member while the slowest one has more than so many "
                     "bytes of its lines to take (default: an eighth of the outbox limit; a "
                     "quarter is the most)")
        ->check(whole_number(1));
    command
        ->add_option("--least-rate", arguments.least_rate,
                     "Bytes a second that members who talk too fast may publish all the same; a "
                     "member that reads at this rate is never dropped for them (default: a quarter "
                     "of the outbox limit)")
        ->check(whole_number(1));
    command
        ->add_option("--max-members", arguments.max_members,
                     "Close connections over this many at once; 0: no limit")
        ->check(whole_number(0))
        ->capture_default_str();
    return command;
}

void add_client_options(CLI::App& command, ClientArguments& arguments) {
    command.add_option("HOST", arguments.host, "Name or address; all its addresses are tried")
        ->required();
    command.add_option("PORT", arguments.port, "TCP port")->required();
    command
        .add_option("--connect-timeout", arguments.connect_timeout,
                    "Seconds after which connecting is given up; 0: when the system gives up")
        ->check(seconds())
        ->capture_default_str();
    command.add_option("--backend", arguments.backend, "One of " + backend_names())
        ->capture_default_str();
}

int run(int count, char** words) {
    CLI::App app("Completion-port servers, built and tested out of the network", "drydock");
    app.require_subcommand(1);
    app.set_version_flag("--version", DRYDOCK_VERSION);

    EchoServerArguments echo_server;
    CLI::App* echo_server_command = add_echo_server(app, echo_server);
    ChatServerArguments chat_server;
    CLI::App* chat_server_command = add_chat_server(app, chat_server);

    ClientArguments echo_client;
    CLI::App* echo_client_command =
        app.add_subcommand("echo-client", "Send lines, show their echoes; q or Q quits");
    add_client_options(*echo_client_command, echo_client);
    ChatClientArguments chat_client;
    CLI::App* chat_client_command = app.add_subcommand(
        "chat-client", "Send lines under a name, show everybody's; q or Q quits");
    add_client_options(*chat_client_command, chat_client);
    chat_client_command->add_option("NAME", chat_client.name, "Stands before each line: [NAME]")
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

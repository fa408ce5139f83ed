// Starting an echo server, and reading what it says.
#include "tests/support/echo_server_process.hpp"

#include <array>
#include <charconv>
#include <regex>

namespace drydock::test {
namespace {

Command command_line(const std::vector<std::string>& program,
                     const std::vector<std::string>& options,
                     std::optional<Command::OpenFiles> open_files) {
    Command command{program};
    command.words.insert(command.words.end(), {"echo-server", "0"});
    bool is_bound = false;
    for (const std::string& option : options) {
        is_bound = is_bound || option == "--bind";
    }
    if (!is_bound) {
        command.words.insert(command.words.end(), {"--bind", "127.0.0.1"});
    }
    command.words.insert(command.words.end(), options.begin(), options.end());
    command.open_files = open_files;
    return command;
}

}  // namespace

Summary parse_summary(const std::string& output) {
    static const std::regex form(
        "served (\\d+) connections: (\\d+) ended by the client, (\\d+) failed, (\\d+) idle, "
        "(\\d+) stopped; (\\d+) rejected, (\\d+) lost before accept, (\\d+) shortages; "
        "(\\d+) messages, (\\d+) bytes received, (\\d+) bytes sent\r?\n$");
    Summary summary;
    std::smatch match;
    const std::size_t start = output.rfind("served ");
    if (start == std::string::npos) {
        return summary;
    }
    const std::string line = output.substr(start);
    if (!std::regex_match(line, match, form)) {
        return summary;
    }
    const std::array fields = {&summary.served,         &summary.ended,     &summary.failed,
                               &summary.idle,           &summary.stopped,   &summary.rejected,
                               &summary.lost,           &summary.shortages, &summary.messages,
                               &summary.bytes_received, &summary.bytes_sent};
    for (std::size_t i = 0; i < fields.size(); ++i) {
        *fields[i] = std::stoull(match[i + 1].str());
    }
    summary.printed = true;
    return summary;
}

EchoServerProcess::EchoServerProcess(const std::vector<std::string>& program,
                                     const std::vector<std::string>& options,
                                     std::optional<Command::OpenFiles> open_files)
    : process_(command_line(program, options, open_files)) {
    constexpr std::string_view announcement = "listening on ";
    const std::optional<std::string> line = process_.read_line();
    if (!line || !line->starts_with(announcement)) {
        return;
    }
    const std::size_t colon = line->rfind(':');
    address_ = line->substr(announcement.size(), colon - announcement.size());
    const char* const end = line->data() + line->size();
    std::from_chars(line->data() + colon + 1, end, port_);
}

Ending EchoServerProcess::stop(int signal, Milliseconds timeout) {
    process_.signal(signal);
    return process_.wait(timeout);
}

}  // namespace drydock::test

// Starting a server, and reading what it says.
#include "tests/support/server_process.hpp"

#include <charconv>
#include <regex>
#include <span>

namespace drydock::test {
namespace {

Command command_line(const std::vector<std::string>& program, const std::string& name,
                     const std::vector<std::string>& options,
                     std::optional<Command::OpenFiles> open_files) {
    Command command{program};
    command.words.insert(command.words.end(), {name, "0"});
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

/// Whether the output ends with a summary of this form; then its numbers, one after the other.
bool read_summary(const std::string& output, const std::regex& form,
                  std::span<std::uint64_t* const> numbers) {
    std::smatch match;
    const std::size_t start = output.rfind("served ");
    if (start == std::string::npos) {
        return false;
    }
    const std::string line = output.substr(start);
    if (!std::regex_match(line, match, form)) {
        return false;
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        *numbers[i] = std::stoull(match[i + 1].str());
    }
    return true;
}

}  // namespace

ServerProcess::ServerProcess(const std::vector<std::string>& program, const std::string& command,
                             const std::vector<std::string>& options,
                             std::optional<Command::OpenFiles> open_files)
    : process_(command_line(program, command, options, open_files)) {
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

Ending ServerProcess::stop(int signal, Milliseconds timeout) {
    process_.signal(signal);
    return process_.wait(timeout);
}

Summary EchoServerProcess::summary() const {
    static const std::regex form(
        "served (\\d+) connections: (\\d+) ended by the client, (\\d+) failed, (\\d+) idle, "
        "(\\d+) stopped; (\\d+) rejected, (\\d+) lost before accept, (\\d+) shortages; "
        "(\\d+) messages, (\\d+) bytes received, (\\d+) bytes sent; "
        "(\\d+) of the rejected for their address\r?\n$");
    Summary summary;
    std::uint64_t* const numbers[] = {
        &summary.served,   &summary.ended,          &summary.failed,     &summary.idle,
        &summary.stopped,  &summary.rejected,       &summary.lost,       &summary.shortages,
        &summary.messages, &summary.bytes_received, &summary.bytes_sent, &summary.rejected_address};
    summary.printed = read_summary(process().output(), form, numbers);
    return summary;
}

ChatSummary ChatServerProcess::summary() const {
    static const std::regex form(
        "served (\\d+) members: (\\d+) left, (\\d+) failed, (\\d+) stopped; "
        "dropped: (\\d+) too slow, (\\d+) line too long, (\\d+) idle; "
        "(\\d+) rejected, (\\d+) lost before accept, (\\d+) shortages; "
        "(\\d+) lines, (\\d+) bytes received, (\\d+) bytes sent; "
        "(\\d+) of the rejected for their address, (\\d+) holds of fast talkers\r?\n$");
    ChatSummary summary;
    std::uint64_t* const numbers[] = {&summary.served,     &summary.left,
                                      &summary.failed,     &summary.stopped,
                                      &summary.too_slow,   &summary.too_long,
                                      &summary.idle,       &summary.rejected,
                                      &summary.lost,       &summary.shortages,
                                      &summary.lines,      &summary.bytes_received,
                                      &summary.bytes_sent, &summary.rejected_address,
                                      &summary.holds};
    summary.printed = read_summary(process().output(), form, numbers);
    return summary;
}

}  // namespace drydock::test

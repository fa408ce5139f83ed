// bash, in a session of its own, so that whatever it has started can be ended with it.
#include "tests/pages/shell.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <csignal>
#include <cstring>

#include "tests/support/tcp.hpp"

namespace drydock::pages {
namespace {

test::Command bash(const std::string& folder, const Shell::Variables& variables) {
    test::Command command{{"setsid", "bash", "--norc"}, folder, variables};
    command.environment.emplace_back("LC_ALL", "C.UTF-8");
    return command;
}

}  // namespace

Shell::Shell(const std::string& folder, const Variables& variables)
    : bash_(bash(folder, variables)) {}

Shell::~Shell() { ::kill(-bash_.pid(), SIGKILL); }

Printed Shell::run(const std::string& command, const std::string& awaited,
                   test::Milliseconds patience) {
    const std::string mark = "\n@end of command " + std::to_string(++commands_) + ", status ";
    bash_.type("{ " + command + "\n} </dev/null 2>&1; printf '\\n%s%d\\n' '" + mark.substr(1) +
               "' $?\n");
    Printed printed;
    if (!bash_.wait_for_output(mark, patience)) {
        printed.text = bash_.output().substr(read_);
        return printed;
    }
    // The mark is there; its number follows at once.
    const std::size_t place = bash_.output().find(mark, read_);
    const std::size_t number = place + mark.size();
    while (bash_.output().find('\n', number) == std::string::npos && bash_.runs_for({})) continue;
    const std::size_t end = bash_.output().find('\n', number);
    printed.ended = end != std::string::npos;
    if (!printed.ended) return printed;
    printed.status = std::stoi(bash_.output().substr(number, end - number));
    if (!awaited.empty()) bash_.wait_for_output(awaited, patience);
    printed.text = bash_.output().substr(read_, place - read_) + bash_.output().substr(end + 1);
    read_ = bash_.output().size();
    return printed;
}

std::uint16_t free_port(std::uint16_t port) {
    for (const std::uint16_t wanted : {port, std::uint16_t{0}}) {
        const test::SocketFile socket(::socket(AF_INET, SOCK_STREAM, 0));
        const int yes = 1;
        ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        ::sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(wanted);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        ::socklen_t size = sizeof address;
        auto* const any = reinterpret_cast<::sockaddr*>(&address);
        if (::bind(socket.get(), any, size) != 0) continue;
        if (::listen(socket.get(), 1) != 0) continue;
        if (::getsockname(socket.get(), any, &size) == 0) return ntohs(address.sin_port);
    }
    return port;
}

}  // namespace drydock::pages

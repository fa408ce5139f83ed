// What the bare loops need besides the measured code: interrupts and a listener.
#pragma once

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include <csignal>
#include <cstdint>
#include <cstdio>

namespace drydock::bench {

/// SIGINT as a descriptor that the loop watches.
inline int open_interrupts() noexcept {
    ::sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGINT);
    ::sigprocmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

/// Listens on loopback and prints the address. `flags` are further flags of socket(); with
/// `no_delay` accepted sockets inherit that small sends go out at once. Returns -1 after printing
/// the reason with the program's name.
inline int open_listener(const char* program, std::uint16_t port, int flags, bool no_delay) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (no_delay) ::setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<::sockaddr*>(&address);
    if (::bind(listener, generic, size) != 0 || ::listen(listener, 4096) != 0 ||
        ::getsockname(listener, generic, &size) != 0) {
        std::perror(program);
        return -1;
    }
    std::printf("listening on 127.0.0.1:%u\n", static_cast<unsigned>(ntohs(address.sin_port)));
    std::fflush(stdout);
    return listener;
}

}  // namespace drydock::bench

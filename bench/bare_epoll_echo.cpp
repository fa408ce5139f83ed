// The yardstick: an echo server as an expert would write the smallest correct one on epoll, for
// this job alone. One thread, level triggered, one buffer for all connections, no abstraction. Of
// what drydock's server has it only echoes: it has no stop that drains, no limits, no timers, no
// second worker.
//
// drydock-bench-bare [PORT]
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "bench/bare_program.hpp"
#include "bench/open_files.hpp"

namespace {

using namespace drydock::bench;

constexpr std::size_t buffer_size = 16 * 1024;

struct Connection {
    int descriptor;
    std::string unsent;  // what a short send left; while there is any, nothing is received
};

int epoll_file = -1;
std::vector<std::unique_ptr<Connection>> connections;  // by descriptor
char buffer[buffer_size];

void watch(int action, int descriptor, std::uint32_t events) {
    ::epoll_event event{};
    event.events = events;
    event.data.fd = descriptor;
    ::epoll_ctl(epoll_file, action, descriptor, &event);
}

void drop(Connection& connection) {
    const int descriptor = connection.descriptor;
    ::close(descriptor);
    connections[static_cast<std::size_t>(descriptor)].reset();
}

void accept_all(int listener) {
    for (;;) {
        const int descriptor = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return;
        const int on = 1;
        ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        const auto index = static_cast<std::size_t>(descriptor);
        if (connections.size() <= index) connections.resize(index + 1);
        connections[index] = std::make_unique<Connection>(Connection{descriptor, {}});
        watch(EPOLL_CTL_ADD, descriptor, EPOLLIN);
    }
}

void on_readable(Connection& connection) {
    const ::ssize_t received = ::recv(connection.descriptor, buffer, sizeof buffer, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (received <= 0) return drop(connection);
    const auto size = static_cast<std::size_t>(received);
    const ::ssize_t result = ::send(connection.descriptor, buffer, size, MSG_NOSIGNAL);
    if (result < 0 && errno != EAGAIN && errno != EINTR) return drop(connection);
    const auto sent = static_cast<std::size_t>(result < 0 ? 0 : result);
    if (sent == size) return;
    connection.unsent.assign(buffer + sent, size - sent);
    watch(EPOLL_CTL_MOD, connection.descriptor, EPOLLOUT);
}

void on_writable(Connection& connection) {
    std::string& unsent = connection.unsent;
    const ::ssize_t sent =
        ::send(connection.descriptor, unsent.data(), unsent.size(), MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (sent < 0) return drop(connection);
    unsent.erase(0, static_cast<std::size_t>(sent));
    if (unsent.empty()) watch(EPOLL_CTL_MOD, connection.descriptor, EPOLLIN);
}

void serve(int listener, int interrupts) {
    ::epoll_event events[256];
    for (;;) {
        const int count = ::epoll_wait(epoll_file, events, 256, -1);
        for (int i = 0; i < count; ++i) {
            const int descriptor = events[i].data.fd;
            if (descriptor == interrupts) return;
            if (descriptor == listener) {
                accept_all(listener);
                continue;
            }
            Connection& connection = *connections[static_cast<std::size_t>(descriptor)];
            if (connection.unsent.empty()) {
                on_readable(connection);
            } else {
                on_writable(connection);
            }
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::uint16_t port = 0;
    if (argc > 1) std::from_chars(argv[1], argv[1] + std::strlen(argv[1]), port);
    raise_open_file_limit();
    const int interrupts = open_interrupts();
    const int listener = open_listener("drydock-bench-bare", port, SOCK_NONBLOCK, false);
    if (listener < 0) return 2;
    epoll_file = ::epoll_create1(EPOLL_CLOEXEC);
    watch(EPOLL_CTL_ADD, listener, EPOLLIN);
    watch(EPOLL_CTL_ADD, interrupts, EPOLLIN);
    serve(listener, interrupts);
    return 0;
}

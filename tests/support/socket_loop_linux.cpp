// The one loop of all crowds.
#include "tests/support/socket_loop.hpp"

#include <sys/epoll.h>

#include <array>

namespace drydock::test {

SocketLoop::SocketLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

void SocketLoop::add(const SocketFile& socket, std::uint64_t key) {
    ::epoll_event event{};
    event.data.u64 = key;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, socket.get(), &event);
}

void SocketLoop::watch(const SocketFile& socket, std::uint64_t key, std::uint32_t wanted,
                       std::uint32_t& asked) {
    if (wanted == asked) {
        return;
    }
    asked = wanted;
    ::epoll_event event{};
    event.events = wanted;
    event.data.u64 = key;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, socket.get(), &event);
}

void SocketLoop::step(Milliseconds at_most, const Handler& handle) {
    std::array<::epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(at_most.count()));
    for (int i = 0; i < count; ++i) {
        const ::epoll_event& event = events[static_cast<std::size_t>(i)];
        handle(event.data.u64, event.events);
    }
}

bool SocketLoop::run_until(const std::function<bool()>& condition, Milliseconds timeout,
                           const Handler& handle) {
    const Clock::time_point deadline = Clock::now() + timeout;
    while (!condition()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        step(Milliseconds(5), handle);
    }
    return true;
}

}  // namespace drydock::test

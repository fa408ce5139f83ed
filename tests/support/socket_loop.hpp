// Waiting for many sockets on one thread: what all crowds of clients have in common. Linux only
// (epoll, written out here: nothing of drydock's own in it).
#pragma once

#include <cstdint>
#include <functional>

#include "tests/support/tcp.hpp"

namespace drydock::test {

class SocketLoop {
public:
    /// What became possible (EPOLLIN and its like) on the socket with this key.
    using Handler = std::function<void(std::uint64_t key, std::uint32_t events)>;

    SocketLoop();

    /// From now on its errors are told. Closing the socket takes it out.
    void add(const SocketFile& socket, std::uint64_t key);
    /// These events, too. `asked` is what was asked for last, and remembers it.
    void watch(const SocketFile& socket, std::uint64_t key, std::uint32_t wanted,
               std::uint32_t& asked);

    /// Waits once, and tells what there is.
    void step(Milliseconds at_most, const Handler& handle);
    /// Steps until the condition holds. False: time was up first.
    bool run_until(const std::function<bool()>& condition, Milliseconds timeout,
                   const Handler& handle);

private:
    SocketFile epoll_;
};

}  // namespace drydock::test

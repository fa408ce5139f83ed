// One connection of the load generator: the bytes that it has sent, and those it expects back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "bench/load_common.hpp"

namespace drydock::bench {

/// The endless byte stream that all connections send, each from a place of its own. Its period is a
/// prime, so that bytes lost, doubled or swapped between connections do not match by chance.
class Pattern {
public:
    Pattern();
    std::span<const std::byte> at(std::uint64_t position, std::size_t most) const noexcept;

private:
    static constexpr std::size_t period = 65521;
    std::vector<std::byte> bytes_;  // two periods: any piece up to one period lies in one piece
};

class Connection {
public:
    /// Connects. Throws LoadError.
    Connection(const ::sockaddr_in& server, const Pattern& pattern, std::uint64_t place,
               std::size_t size, std::size_t depth);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    int descriptor() const noexcept { return descriptor_; }
    bool blocked() const noexcept { return blocked_; }  // wants to know when it may send on
    bool all_back() const noexcept { return received_ == allowed_; }

    /// Puts `count` messages in flight, when none is; at most as many as may be.
    void start(std::size_t count, Clock::time_point now);

    /// Receives once, checks the bytes, calls `completed(latency)` for each whole message and, if
    /// `go_on`, sends one more in its place. False: the end of the stream, with nothing missing.
    template <typename Completed>
    bool receive(bool go_on, Completed completed);

    /// Sends what may be sent.
    void flush();

    void shutdown_send() noexcept;

private:
    std::size_t receive_and_check();

    const Pattern& pattern_;
    const std::uint64_t place_;
    const std::size_t size_;
    int descriptor_ = -1;
    bool blocked_ = false;
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    std::uint64_t allowed_ = 0;               // `sent_` may grow up to here
    std::vector<Clock::time_point> started_;  // of the messages in flight, by number % depth
};

template <typename Completed>
bool Connection::receive(bool go_on, Completed completed) {
    const std::uint64_t before = received_ / size_;
    const std::size_t count = receive_and_check();
    const Clock::time_point now = Clock::now();
    for (std::uint64_t message = before; message < received_ / size_; ++message) {
        Clock::time_point& start = started_[message % started_.size()];
        completed(now - start);
        start = now;
        if (go_on) allowed_ += size_;
    }
    flush();
    return count > 0;
}

}  // namespace drydock::bench

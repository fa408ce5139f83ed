// The parts that the load generators share: connecting, waiting for events, measuring a window of
// time, and their results.
#pragma once

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "bench/histogram.hpp"

namespace drydock::bench {

using Clock = std::chrono::steady_clock;

/// The server did something that it must not; or the system refused something.
class LoadError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A LoadError that says what failed, and errno's reason.
[[noreturn]] void fail(const char* what);

struct CommonOptions {
    ::sockaddr_in server{};
    std::chrono::nanoseconds warm_up = std::chrono::milliseconds(300);
    std::chrono::nanoseconds window = std::chrono::seconds(2);  // what is measured, after warm-up
    std::vector<::pid_t> server_processes;                      // none: no processor time is asked
    ::pid_t helper_process = 0;  // that of a process which works for the server, or 0
};

/// What was used and lost in a window of time.
struct Window {
    std::chrono::nanoseconds length{0};
    std::optional<std::chrono::nanoseconds> server_cpu;
    std::optional<std::chrono::nanoseconds> helper_cpu;
    /// How much of the window a server or this program was kept from running, by other work on the
    /// machine: the share of the one that was kept most.
    double disturbed = 0;
};

struct LoadResult {
    std::uint64_t messages = 0;  // came back, or were delivered, within the window
    Window window;
    Histogram latency;
};

/// Begins a window when it is made, and ends it when it is asked to.
class Observation {
public:
    explicit Observation(const CommonOptions& options);
    Clock::time_point start() const noexcept { return start_; }
    /// Throws LoadError when there is no such server, or no such helper.
    Window end() const;

private:
    /// Of this program, and of each server.
    std::vector<std::chrono::nanoseconds> ask_waited() const;

    const std::vector<::pid_t> servers_;
    const ::pid_t helper_;
    const std::vector<std::chrono::nanoseconds> waited_;
    const std::vector<std::optional<std::chrono::nanoseconds>> server_cpu_;
    const std::optional<std::chrono::nanoseconds> helper_cpu_;
    const Clock::time_point start_;
};

class Poller {
public:
    Poller();
    ~Poller();
    Poller(const Poller&) = delete;
    Poller& operator=(const Poller&) = delete;

    /// `action` is one of EPOLL_CTL_*; `data` comes back with the events.
    void watch(int action, int descriptor, std::uint32_t events, void* data);

    /// Waits until there are events, but not much longer than until `end`.
    std::span<const ::epoll_event> wait(Clock::time_point end);

private:
    int epoll_;
    std::array<::epoll_event, 1024> events_{};
};

/// A connected, non-blocking socket with TCP_NODELAY.
int connect_to(const ::sockaddr_in& server);

}  // namespace drydock::bench

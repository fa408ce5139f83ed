// One measurement: connections that keep an echo server busy, and what came of it.
#pragma once

#include <netinet/in.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "bench/histogram.hpp"

namespace drydock::bench {

struct LoadOptions {
    ::sockaddr_in server{};
    std::size_t connections = 64;
    std::size_t size = 64;  // bytes of a message
    std::size_t depth = 1;  // messages in flight per connection; 1 is ping-pong
    std::chrono::nanoseconds warm_up = std::chrono::milliseconds(300);
    std::chrono::nanoseconds window = std::chrono::seconds(2);  // what is measured, after warm-up
    ::pid_t server_process = 0;  // 0: its processor time is not asked
};

struct LoadResult {
    std::uint64_t messages = 0;  // echoed within the window
    std::chrono::nanoseconds window{0};
    std::optional<std::chrono::nanoseconds> server_cpu;
    /// How much of the window the server or this program was kept from running, by other work on
    /// the machine: the share of whichever was kept more.
    double disturbed = 0;
    Histogram latency;
};

/// The server did something that an echo server must not; or the system refused something.
class LoadError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Connects, warms up, measures, takes back all that is in flight, half closes and waits for the
/// server's end of stream. One thread; every phase ends in bounded time. Throws LoadError.
LoadResult run_load(const LoadOptions& options);

}  // namespace drydock::bench

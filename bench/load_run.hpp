// One measurement: connections that keep an echo server busy, and its result.
#pragma once

#include <cstddef>

#include "bench/load_common.hpp"

namespace drydock::bench {

struct LoadOptions : CommonOptions {
    std::size_t connections = 64;
    std::size_t size = 64;  // bytes of a message
    std::size_t depth = 1;  // messages in flight per connection; 1 is ping-pong
};

/// Connects, warms up, measures, takes back all that is in flight, half closes and waits for the
/// server's end of stream. One thread; every phase ends in bounded time. Throws LoadError.
LoadResult run_load(const LoadOptions& options);

}  // namespace drydock::bench

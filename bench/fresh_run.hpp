// One measurement: new connections to an echo server, and how long each waits for its first echo.
#pragma once

#include "bench/load_run.hpp"

namespace drydock::bench {

/// One connection at a time, with one message each and a pause before it. Latency is from before
/// connect() to the echo's last byte; a "message" is all of a connection. Throws LoadError.
LoadResult run_fresh_load(const LoadOptions& options);

}  // namespace drydock::bench

// A run for Perfetto's user interface and chrome://tracing: the Trace Event Format (JSON).
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "sim/picture/json.hpp"

namespace drydock::sim {

/// The run as an object with "traceEvents". Processes are the clients, the server's ends of the
/// connections, the run, and each host with the ends that are on it; threads are the receives and
/// the sends of each end. Many events of a run happen at one virtual time: each is shown at least a
/// nanosecond after the one before, and "time_ns" in its "args" has its virtual time.
nlohmann::ordered_json perfetto_of(const Picture& picture);

}  // namespace drydock::sim

// The environment variables by which the same tests run more seeds at night.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace drydock::sim::harness {

struct Environment {
    std::optional<std::uint64_t> seeds;       ///< DRYDOCK_SEEDS
    std::optional<std::uint64_t> first_seed;  ///< DRYDOCK_FIRST_SEED
    unsigned jobs = 1;                        ///< DRYDOCK_JOBS, or all cores
    bool in_process = false;                  ///< DRYDOCK_IN_PROCESS is 1
    std::string folder;                       ///< DRYDOCK_SCHEDULES, or "drydock-failures"
    /// The sentence about a value that cannot be used. Empty: all can.
    std::string complaint;
};

Environment read_environment();

}  // namespace drydock::sim::harness

// The parts of a farm (shards): which of them a command runs, as the command line says it or the
// environment that a cluster's scheduler gives each of its tasks.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <drydock/sim/farm.hpp>

namespace drydock::app {

/// One of the parts of a farm, of about the same size, that make up the whole together.
struct Shard {
    std::uint64_t part = 1;   ///< from 1 on
    std::uint64_t parts = 1;  ///< at most as many as the whole farm has seeds
    std::string from;         ///< where part and parts come from: "SLURM_ARRAY_TASK_ID=3"
    sim::SeedRange whole;     ///< the seeds of the whole farm

    sim::SeedRange seeds() const noexcept;  ///< of this part
};

/// A shard whose seeds are still to be set; or none, and an error message that says why.
struct NamedShard {
    std::optional<Shard> shard;
    std::string complaint;
};

/// The shard that a text names: "2/8".
NamedShard parse_shard(const std::string& text);

/// The value of a variable of the environment. Empty: it is not set.
using Environment = std::function<std::string(const char* name)>;

/// The shard that the environment names by exactly one part and number of parts. It looks for
/// DRYDOCK_SHARD, the tasks of a Slurm array, those of a Slurm step, the pods of an indexed Job of
/// Kubernetes, and the jobs of GNU parallel (docs/CLUSTER.md).
NamedShard shard_of_environment(const Environment& environment);

/// The environment of this process.
std::string environment_variable(const char* name);

}  // namespace drydock::app

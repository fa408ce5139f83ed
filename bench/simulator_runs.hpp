// The measurements of the simulator's benchmark, one call each: a farm, and a plain echo workload
// in a simulated world and over sockets.
#pragma once

#include <cstdint>

#include <drydock/sim/run.hpp>

#include "bench/simulator_workload.hpp"

namespace drydock::bench {

/// What was done, and what it took.
struct Sample {
    std::uint64_t completions = 0;
    std::uint64_t items = 0;  // runs of a farm, or messages
    double cpu = 0;           // seconds
    double wall = 0;
    double disturbed = 0;  // the share of time in which other work had the core
};

/// As `drydock-sim farm --jobs 1` does it; each call goes on with the next seeds.
class FarmBench {
public:
    /// The scenario's name.
    explicit FarmBench(const char* scenario);
    /// Throws std::runtime_error, as the others do, when something fails.
    Sample measure(double seconds);

private:
    const sim::ScenarioInfo& scenario_;
    std::uint64_t next_ = 1;
};

/// In a world without faults. All checks are on, as in a farm.
Sample simulate(const Workload& workload);

/// Over the loopback on epoll, with one thread for the server and its clients.
Sample run_over_sockets(const Workload& workload);

}  // namespace drydock::bench

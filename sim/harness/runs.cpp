// Threads that work on one farm, and runs on the caller's thread.
#include "sim/harness/runs.hpp"

#include <thread>
#include <vector>

#include <drydock/sim/schedule.hpp>

namespace drydock::sim::harness {

FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options, unsigned jobs) {
    Farm farm(scenario, options);
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < jobs; ++i) others.emplace_back([&farm] { farm.work(); });
        farm.work();
    }
    return farm.summary();
}

std::string property_of_seed(const ScenarioInfo& scenario, const FarmOptions& options,
                             std::uint64_t seed) {
    return run_seed(scenario, options, seed).property;
}

Shrunk shrink(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed) {
    return shrink_seed(scenario, options, seed);
}

std::string property_of_replay(const ScenarioInfo& scenario, std::string_view schedule_text) {
    return replay(scenario, schedule_text).property;
}

}  // namespace drydock::sim::harness

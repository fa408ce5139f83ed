// Threads that work on one farm.
#include "sim/harness/farm_run.hpp"

#include <thread>
#include <vector>

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

}  // namespace drydock::sim::harness

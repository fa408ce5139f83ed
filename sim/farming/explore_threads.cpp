// An exploration in threads of this process, which share the table of states.
#include <drydock/sim/explore_threads.hpp>

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "sim/explorer.hpp"

namespace drydock::sim {

Exploration explore_in_threads(const ScenarioInfo& scenario, ExploreOptions options,
                               unsigned jobs) {
    if (options.reduction != Reduction::states) jobs = 1;
    const Settings settings = options.settings;
    Explorer explorer([&] { return make(scenario, settings); },
                      checked(scenario, std::move(options)));
    std::vector<std::jthread> threads;
    for (unsigned worker = 1; worker < std::max(jobs, 1U); ++worker) {
        threads.emplace_back([&explorer, worker] { explorer.work(worker); });
    }
    explorer.work(0);
    threads.clear();
    return explorer.result();
}

}  // namespace drydock::sim

// The command line of each example: drydock-sim's, with all scenarios.
#include <span>
#include <vector>

#include <drydock/sim/tool.hpp>

#include "tests/asio_examples/scenarios.hpp"

int main(int argc, char** argv) {
    using namespace drydock::examples;
    std::vector<const drydock::sim::ScenarioInfo*> all;
    const auto add = [&](const drydock::sim::ScenarioInfo* const* first, std::size_t count) {
        all.insert(all.end(), first, first + count);
    };
    add(serving_scenarios, serving_scenario_count);
    add(visiting_scenarios, visiting_scenario_count);
    add(plain_scenarios, plain_scenario_count);
    return drydock::sim::tool_main(argc, argv, all);
}

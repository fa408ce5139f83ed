// The commands of drydock-sim for the scenario of the line server.
#include <drydock/sim/tool.hpp>

#include "line_scenario.hpp"

int main(int argc, char** argv) {
    static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {&lines};
    return drydock::sim::tool_main(argc, argv, scenarios);
}

// The project's own tool: the simulator's commands for its scenarios.
#include <drydock/sim/tool.hpp>

#include "sim/scenario.hpp"

int main(int argc, char** argv) {
    const drydock::sim::ScenarioInfo* const scenarios[] = {&shout::sound, &shout::broken};
    return drydock::sim::tool_main(argc, argv, scenarios);
}

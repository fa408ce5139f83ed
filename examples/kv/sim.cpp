// kv-sim: the commands of drydock-sim (run, farm, explore, replay, ...) for the key-value server.
#include <drydock/sim/tool.hpp>

#include "scenario.hpp"

int main(int argc, char** argv) {
    static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {&kv::scenario};
    return drydock::sim::tool_main(argc, argv, scenarios);
}

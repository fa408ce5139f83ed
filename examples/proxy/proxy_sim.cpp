// The commands of drydock-sim for the scenario of the proxy.
#include <drydock/sim/tool.hpp>

#include "proxy_scenario.hpp"

int main(int argc, char** argv) {
    static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {&proxied};
    return drydock::sim::tool_main(argc, argv, scenarios);
}

// The commands of drydock-sim for the scenario of the ledger.
#include <drydock/sim/tool.hpp>

#include "ledger.hpp"

int main(int argc, char** argv) {
    static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {&ledger_scenario};
    return drydock::sim::tool_main(argc, argv, scenarios);
}

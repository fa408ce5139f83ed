// fragile-sim: the simulator's tool with scenarios that end its processes, for end-to-end tests.
#include <drydock/sim/tool.hpp>

#include "tests/fragile/fragile.hpp"

int main(int argc, char** argv) {
    using drydock::test::Disaster;
    using drydock::test::fragile;
    static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {
        &fragile<Disaster::none>,         &fragile<Disaster::null_write>,
        &fragile<Disaster::exception>,    &fragile<Disaster::exit>,
        &fragile<Disaster::endless_loop>, &fragile<Disaster::endless_choices>};
    return drydock::sim::tool_main(argc, argv, scenarios);
}

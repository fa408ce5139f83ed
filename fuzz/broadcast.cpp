// Fuzzes the chat server in the simulator: the input is a small chat world, who says what in it,
// and the schedule. All properties of the scenario must hold.
#include "fuzz/scenario_input.hpp"
#include "tests/scenarios/chat.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    drydock::sim::ChatScenario scenario;
    drydock::fuzz::run_or_abort("chat", scenario, {data, size});
    return 0;
}

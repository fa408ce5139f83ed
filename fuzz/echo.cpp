// Fuzzes the echo server in the simulator: the input is a world, its clients and their schedule.
#include "tests/scenarios/echo.hpp"
#include "fuzz/scenario_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    drydock::sim::EchoScenario scenario;
    drydock::fuzz::run_or_abort("echo", scenario, {data, size});
    return 0;
}

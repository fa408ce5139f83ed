// Fuzzes the echo server in the simulator: the input is a world, its clients and their schedule.
//
// A property that does not hold is a crash: the report goes to standard error, with the schedule,
// which `drydock-sim replay` takes when it is saved to a file.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "fuzz/echo_input.hpp"
#include "sim/schedule.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace drydock;
    const sim::Report report = fuzz::run_echo({data, size});
    if (report.passed) return 0;
    const std::string schedule = sim::write_schedule("echo", fuzz::echo_options(), report);
    std::fprintf(
        stderr, "%s does not hold: %s\noptions: %s\nthe schedule, for drydock-sim replay:\n%s",
        report.property.c_str(), report.sentence.c_str(), report.options.c_str(), schedule.c_str());
    std::abort();
}

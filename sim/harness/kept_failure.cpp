// Writes schedules and says so.
#include "sim/harness/kept_failure.hpp"

#include <drydock/sim/failure.hpp>

#include "sim/harness/environment.hpp"
#include "sim/harness/runs.hpp"
#include "sim/harness/schedule_file.hpp"

namespace drydock::sim::harness {
namespace {

WrittenFile write(const RunSetup& setup, const Report& report, std::string_view origin,
                  const std::string& text) {
    return write_file(read_environment().folder, schedule_name(setup, report.property, origin),
                      text);
}

/// As a word of a command line.
std::string quoted(const std::string& path) {
    return path.find(' ') == std::string::npos ? path : "'" + path + "'";
}

}  // namespace

std::string shrunk_text(const Shrunk& shrunk) {
    const std::size_t length = not_benign(shrunk.report.schedule);
    if (length == 0)
        return "  shrunk to no choice: the run in which all choices are benign fails\n";
    return "  shrunk to " + std::to_string(length) +
           (length == 1 ? " choice that is" : " choices that are") + " not benign" +
           (shrunk.finished ? "" : " (not to the end)") + ":\n" +
           choices_text(shrunk.report.schedule, "    ");
}

std::string keep_schedule(const ScenarioInfo& scenario, const RunSetup& setup, const Report& report,
                          std::string_view origin, std::string_view expression) {
    const std::string text = write_schedule(setup, report);
    const WrittenFile file = write(setup, report, origin, text);
    if (!file.complaint.empty()) return "  " + file.complaint + "\n";
    std::string told = "  schedule: " + file.path + "\n";
    if (property_of_replay(scenario, text) != report.property) {
        return told + "  (a replay of it does not fail in this way: the program decides by " +
               "something that is not a choice of the world)\n";
    }
    return told + "  replay it in a test: DRYDOCK_EXPECT_REPLAY_HOLDS(" + std::string(expression) +
           ", \"" + file.path + "\");\n  replay it with a tool of your scenarios: TOOL replay " +
           quoted(file.path) + " --trace 40\n";
}

std::string keep_schedule_of_workload(const RunSetup& setup, const Report& report,
                                      std::string_view origin) {
    const WrittenFile file = write(setup, report, origin, write_schedule(setup, report));
    if (!file.complaint.empty()) return "  " + file.complaint + "\n";
    return "  schedule, for this workload alone: " + file.path + "\n";
}

}  // namespace drydock::sim::harness

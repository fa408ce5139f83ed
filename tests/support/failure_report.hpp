// What a test says about a simulated run that failed: the schedule, shrunk, and the line that
// replays it.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <utility>

#include <drydock/sim/farm.hpp>
#include <drydock/sim/schedule.hpp>
#include <drydock/sim/shrink.hpp>

namespace drydock::test {

/// Writes the schedule into the folder that the test runs in, and tells what is in it.
inline std::string failure_report(const sim::RunSetup& setup, const sim::Shrunk& shrunk,
                                  const std::string& name) {
    const sim::Report& report = shrunk.report;
    std::string text = report.property + " does not hold: " + report.sentence +
                       "\noptions: " + report.options + "\nshrunk, in " +
                       std::to_string(shrunk.runs) + " runs, to these choices that are not benign" +
                       (shrunk.finished ? ":\n" : " (not to the end):\n");
    for (const sim::Choice& choice : report.schedule) {
        if (choice.value == 0) continue;
        text += "  " + std::string(choice.label) + ": " + std::to_string(choice.value) + " of " +
                std::to_string(choice.options - 1) + "\n";
    }
    const std::string path = "failure_" + name + ".schedule";
    std::ofstream file(path, std::ios::binary);
    file << write_schedule(setup, report);
    if (!file.flush()) return text + "(it could not be written to " + path + ")";
    return text + "again: drydock-sim replay " + path + " --trace 40";
}

/// The same for a seed that a farm of these options has found to fail.
inline std::string failure_report(const sim::ScenarioInfo& scenario,
                                  const sim::FarmOptions& options, std::uint64_t seed) {
    std::string name(scenario.name);
    for (char& c : name) c = c == '/' ? '-' : c;
    return "seed " + std::to_string(seed) + ": " +
           failure_report({std::string(scenario.name), options.settings, options.run},
                          shrink_seed(scenario, options, seed), name + "_" + std::to_string(seed));
}

}  // namespace drydock::test

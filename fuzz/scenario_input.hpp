// What the scenarios' fuzz targets do with their input, apart from the targets so that tests can
// show that they fail on broken servers.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include <drydock/sim/run.hpp>

#include <drydock/sim/schedule.hpp>

namespace drydock::fuzz {

/// An input of a few kilobytes is spent long before the standard storm ends; shorter ones run
/// quicker.
inline sim::RunOptions run_options() {
    sim::RunOptions options;
    options.calm_after = 600;
    options.record = true;
    return options;
}

/// The bytes decide everything: the swarm, the workload and the schedule, one choice after the
/// other. Past their end all is benign, so every run ends.
inline sim::Report run(sim::Scenario& scenario, std::span<const std::uint8_t> bytes) {
    sim::ByteChoices choices(bytes);
    return sim::run(scenario, choices, run_options());
}

/// A property that does not hold is a crash: the report goes to standard error, with the schedule,
/// which `drydock-sim replay` takes when it is saved to a file.
inline void run_or_abort(std::string_view name, sim::Scenario& scenario,
                         std::span<const std::uint8_t> bytes) {
    const sim::Report report = run(scenario, bytes);
    if (report.passed) return;
    const std::string schedule =
        sim::write_schedule({std::string(name), {}, run_options()}, report);
    std::fprintf(
        stderr, "%s does not hold: %s\noptions: %s\nthe schedule, for drydock-sim replay:\n%s",
        report.property.c_str(), report.sentence.c_str(), report.options.c_str(), schedule.c_str());
    std::abort();
}

}  // namespace drydock::fuzz

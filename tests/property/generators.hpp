// What the property tests of the scenarios share: generators of schedules and times, and a run that
// RapidCheck judges.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <drydock/sim/run.hpp>

#include "sim/schedule.hpp"

namespace drydock::sim {

/// A schedule, as any vector of numbers is one.
using Numbers = std::vector<std::uint32_t>;

inline rc::Gen<Duration> durations(std::int64_t most_microseconds) {
    return rc::gen::map(
        rc::gen::inRange<std::int64_t>(0, most_microseconds + 1),
        [](std::int64_t count) { return Duration(std::chrono::microseconds(count)); });
}

/// Small numbers are more likely: 0 is benign, and most choices have few options.
inline rc::Gen<Numbers> schedules() {
    return rc::gen::scale(8.0, rc::gen::container<Numbers>(rc::gen::inRange<std::uint32_t>(0, 24)));
}

/// Nothing that takes bytes away from a connection.
inline FaultSet harmless_faults() {
    return FaultSet::all()
        .without(Fault::network_reset)
        .without(Fault::no_buffers)
        .without(Fault::accept_reset)
        .without(Fault::accept_shortage)
        .without(Fault::connect_refused)
        .without(Fault::connect_timed_out);
}

inline std::string where_saved(std::string_view scenario, const Report& report,
                               const RunOptions& options, const std::string& test) {
    const std::string path = "property_failure_" + std::string(scenario) + "_" + test + ".schedule";
    std::ofstream file(path, std::ios::binary);
    file << write_schedule({std::string(scenario), {}, options}, report);
    return file.flush() ? path : "nowhere, as it could not be written";
}

/// Runs and demands that all properties and rules hold. `name` is the scenario's.
inline Report expect_passed(std::string_view name, Scenario& scenario, ChoiceSource& choices,
                            RunOptions options, const std::string& test) {
    options.record = true;
    const Report report = run(scenario, choices, options);
    if (!report.passed) {
        RC_LOG() << report.property << " does not hold: " << report.sentence << "\n"
                 << "options: " << report.options << "\n"
                 << "the choices, for the workload if one is printed above: "
                 << where_saved(name, report, options, test) << "\n";
    }
    RC_ASSERT(report.passed);
    return report;
}

inline Numbers values_of(const Report& report) {
    Numbers values;
    for (const Choice& choice : report.schedule) values.push_back(choice.value);
    return values;
}

}  // namespace drydock::sim

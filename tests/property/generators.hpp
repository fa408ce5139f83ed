// What the property tests of the scenarios share: generators of schedules and times, and a run that
// RapidCheck judges.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <drydock/sim/run.hpp>

#include <drydock/sim/schedule.hpp>
#include <drydock/sim/shrink.hpp>
#include "tests/support/failure_report.hpp"

namespace drydock::sim {

/// A schedule, as any vector of numbers is one.
using Numbers = std::vector<std::uint32_t>;

inline rc::Gen<Duration> durations(std::int64_t most_microseconds) {
    return rc::gen::map(
        rc::gen::inRange<std::int64_t>(0, most_microseconds + 1),
        [](std::int64_t count) { return Duration(std::chrono::microseconds(count)); });
}

/// Small numbers are more likely: 0 is benign, and most choices have few options. RapidCheck does
/// not shrink them: expect_passed() does.
inline rc::Gen<Numbers> schedules() {
    return rc::gen::noShrink(
        rc::gen::scale(8.0, rc::gen::container<Numbers>(rc::gen::inRange<std::uint32_t>(0, 24))));
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

/// Runs and demands that all properties and rules hold. `name` is the scenario's. RapidCheck
/// shrinks the workload that it has generated; the schedule is shrunk here, by those who know its
/// spans.
inline Report expect_passed(std::string_view name,
                            const std::function<std::unique_ptr<Scenario>()>& make,
                            ChoiceSource& choices, RunOptions options, const std::string& test) {
    options.record = true;
    const auto experiment = [&](ChoiceSource& source) {
        const std::unique_ptr<Scenario> scenario = make();
        return run(*scenario, source, options);
    };
    const Report report = experiment(choices);
    if (!report.passed) {
        ShrinkOptions bounds;
        bounds.most_completions = 500'000;  // once for every workload that RapidCheck tries
        const Shrunk shrunk = shrink(experiment, report, bounds);
        RC_LOG() << test::failure_report({std::string(name), {}, options}, shrunk, test)
                 << "\n(for the workload, if one is printed above)\n";
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

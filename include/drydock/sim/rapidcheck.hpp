// Workload and schedule by RapidCheck: a property of a server over generated clients and generated
// choices of the simulated world. Link drydock::rapidcheck.
//
//     rc::Gen<Plan> plans();  // what the clients do, as the test's author wants it
//
//     RC_GTEST_PROP(Lines, AnswersInOrderForAnyPlan, ()) {
//         const Plan plan = *plans();
//         sim::ReplayChoices choices(*sim::rapidcheck::schedules());
//         sim::rapidcheck::expect_holds(
//             {.scenario = "lines",
//              .make = [&] { return std::make_unique<LineScenario>(plan); },
//              .test = "answers_in_order"},
//             choices);
//     }
//
// When a property does not hold, RapidCheck shrinks the plan. The schedule is shrunk here, by
// sim::shrink(), which knows its labels and spans; RapidCheck would take it for numbers. Both are
// printed, and the schedule is written into the folder DRYDOCK_SCHEDULES (an environment variable;
// if it is not set, drydock-failures in the current directory). sim::replay() with the same `make`
// repeats it.
//
// If the choices decide the workload as well (a scenario without a plan), expect_holds() for a
// ScenarioInfo is the simpler one: the schedule file alone then repeats the failure.
#pragma once

#include <cstdint>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <drydock/sim/generated.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/schedule.hpp>

namespace drydock::sim::rapidcheck {

/// Any numbers are a schedule, for ReplayChoices. Small ones are more likely: 0 is benign, and most
/// choices have few options. RapidCheck does not shrink them: expect_holds() does.
inline rc::Gen<std::vector<std::uint32_t>> schedules() {
    using Numbers = std::vector<std::uint32_t>;
    return rc::gen::noShrink(
        rc::gen::scale(8.0, rc::gen::container<Numbers>(rc::gen::inRange<std::uint32_t>(0, 24))));
}

/// A generator of seeds, for SeedChoices. All values are as likely as one another.
inline rc::Gen<std::uint64_t> any_seed() {
    return rc::gen::noShrink(
        rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>()));
}

/// A generator of times from 0 to `most`, in steps of `step`, which must be greater than 0.
inline rc::Gen<Duration> durations(Duration most, Duration step = std::chrono::microseconds(1)) {
    return rc::gen::map(rc::gen::inRange<Duration::rep>(0, most / step + 1),
                        [step](Duration::rep count) { return count * step; });
}

/// A generator of sets of the faults `among`, each as likely as not. They shrink towards none.
inline rc::Gen<FaultSet> fault_sets(FaultSet among = FaultSet::all()) {
    return rc::gen::map(
        rc::gen::container<std::vector<bool>>(fault_count, rc::gen::arbitrary<bool>()),
        [among](const std::vector<bool>& chosen) {
            FaultSet faults;
            for (int i = 0; i < fault_count; ++i) {
                const auto fault = static_cast<Fault>(i);
                if (chosen[static_cast<std::size_t>(i)] && among.has(fault)) {
                    faults = faults.with(fault);
                }
            }
            return faults;
        });
}

/// Runs the case `generated` with these `choices`, and demands that all properties and rules hold:
/// RC_ASSERT, with a message in RapidCheck's log. Returns the report, recorded. Only inside a
/// property of RapidCheck's, which catches what RC_ASSERT throws.
inline Report expect_holds(const Case& generated, ChoiceSource& choices) {
    RunOptions options = generated.options;
    options.record = true;
    const std::unique_ptr<Scenario> scenario = generated.make();
    Report report = run(*scenario, choices, options);
    if (!report.passed) RC_LOG() << failure_message(generated, report);
    RC_ASSERT(report.passed);
    return report;
}

/// The same for a `scenario` whose choices decide everything. Throws std::invalid_argument if the
/// `settings` are not valid. `test` becomes part of the schedule file's name.
inline Report expect_holds(const ScenarioInfo& scenario, ChoiceSource& choices,
                           const std::string& test, const Settings& settings = {},
                           RunOptions options = {}) {
    options.record = true;
    Report report = run(scenario, settings, choices, options);
    if (!report.passed) RC_LOG() << failure_message(scenario, settings, options, test, report);
    RC_ASSERT(report.passed);
    return report;
}

}  // namespace drydock::sim::rapidcheck

namespace drydock::sim {

/// How RapidCheck prints a set of `faults`: fault_names().
inline void showValue(FaultSet faults, std::ostream& out) { out << fault_names(faults); }

}  // namespace drydock::sim

// Cases that a generator of tests makes (RapidCheck: see rapidcheck.hpp), and the messages about
// those that fail. This header needs no such library.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <drydock/sim/run.hpp>

namespace drydock::sim::rapidcheck {

/// A generated case: the scenario with its workload, and what the runs of it have in common.
struct Case {
    /// Its name, for the schedule file.
    std::string scenario;
    /// A new scenario object with the generated workload. It is called many times.
    std::function<std::unique_ptr<Scenario>()> make;
    /// The name of the test, as part of a file name. Two tests of one scenario have different ones.
    std::string test;
    /// Of every run; RunOptions::record is set in any case.
    RunOptions options = {};
    /// Shrinking of the schedule ends after so many completions. It is done for each workload that
    /// RapidCheck tries, so the bound is lower than that of a farm.
    std::uint64_t most_completions = 500'000;
};

/// Shrinks the schedule of the run `failing` of the case `failed`, writes it into a file, and
/// returns the message about it. `failing` must be recorded. For any generator of tests:
/// expect_holds() of <drydock/sim/rapidcheck.hpp> calls it.
std::string failure_message(const Case& failed, Report failing);
/// The same for a scenario whose choices decide everything; `settings` and `options` are those of
/// the run that gave `failing`. `test` becomes part of the file's name.
std::string failure_message(const ScenarioInfo& scenario, const Settings& settings,
                            const RunOptions& options, const std::string& test, Report failing);

}  // namespace drydock::sim::rapidcheck

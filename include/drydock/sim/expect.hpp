// Simulated runs in tests, for any test framework: <drydock/sim/gtest.hpp> has macros for
// GoogleTest; a TestFramework of a few lines serves another. Link drydock::expect.
//
// A failure is not fatal: the test goes on. It says which property did not hold, with the shrunk
// choices, the schedule file, and the line that replays it. The same seeds give the same message.
// Wrong use (a setting out of range, no seeds, a file that is no schedule) fails the test with one
// sentence.
//
// Environment variables change the tests without a new build:
//
//     DRYDOCK_SEEDS       every DRYDOCK_EXPECT_HOLDS runs so many seeds: more of them at night
//     DRYDOCK_FIRST_SEED  ... from this seed on
//     DRYDOCK_JOBS        ... by so many processes or threads; if it is not set, on all cores
//     DRYDOCK_IN_PROCESS  1: in the test's own process, for debuggers and for sanitizers that watch
//                         threads; a run that crashes or never ends then does so in the test
//     DRYDOCK_SCHEDULES   the folder for the schedules of failures; if it is not set, the folder
//                         drydock-failures in the current directory
//
// The files are named after scenario, property and seed (and settings, where they are not the usual
// ones), and appear when they are complete, so tests may run at the same time.
//
// Where the system has fork() and the test has one thread, the runs of DRYDOCK_EXPECT_HOLDS happen
// in child processes (<drydock/sim/farming.hpp>): a seed that crashes or hangs fails the test like
// any other, with a seed and a schedule. So what a run writes into a global variable stays in its
// process.
//
// An expectation is for one thread of a test at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <drydock/sim/explore.hpp>
#include <drydock/sim/farm.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/schedule.hpp>

namespace drydock::sim {

/// Where an expectation stands in a test. The macros of a test framework fill it in.
struct TestPlace {
    const char* file = "";      ///< of the test's source: __FILE__
    int line = 0;               ///< in it: __LINE__
    const char* scenario = "";  ///< the expression, for the line that replays a failure
};

/// A test framework, as far as expectations need one. They call it on their caller's thread.
class TestFramework {
public:
    TestFramework() = default;
    TestFramework(const TestFramework&) = delete;
    TestFramework& operator=(const TestFramework&) = delete;
    virtual ~TestFramework() = default;

    /// Fails the current test with `text` (lines, the last with or without a newline), and lets it
    /// go on. `place` is where the expectation stands.
    virtual void fail(const TestPlace& place, const std::string& text) const = 0;
    /// Adds the `value` with this `name` to the report of the current test. A framework may leave
    /// it out.
    virtual void record(const std::string& name, const std::string& value) const = 0;
};

/// Bounds of an exploration, and the faults in it.
struct ExploredOptions {
    /// The faults that are active beside `reorder`. None: those that the scenario names
    /// (ScenarioInfo::explored_faults).
    std::optional<FaultSet> faults = std::nullopt;
    /// The test fails if so many runs have not explored everything.
    std::uint64_t most_runs = 1'000'000;
    /// The same for this much real time. Zero: no bound. It depends on the machine, so most_runs is
    /// the better bound.
    Duration most_time{0};
    /// How equivalent schedules are left out.
    Reduction reduction = Reduction::states;
    /// For worlds that are too large. None: those that the scenario names
    /// (ScenarioInfo::explored_bounds).
    std::optional<ExploreBounds> bounds = std::nullopt;
    /// How often these strike in a run: RunOptions.
    std::uint64_t most_resets = 1;
    std::uint64_t most_crashes = 1;     ///< of hosts, by the faults `crash` and `restart`
    std::uint64_t most_partitions = 1;  ///< between hosts
};

/// Runs the seeds of `range` with the parameters `settings` and the options `run`, and fails the
/// test once for each property that does not hold. A plain farm (no settings, the usual faults) of
/// `standard_farm` seeds or more must also reach every probe of its scenario. `place` is where the
/// expectation stands. Returns the summary; an empty one after wrong use. Blocks until all seeds
/// are done.
FarmSummary expect_holds(const TestFramework& test, const TestPlace& place,
                         const ScenarioInfo& scenario, SeedRange range,
                         const Settings& settings = {}, const RunOptions& run = {});
/// Runs a farm of `scenario` with all of its `options`, which say the seeds, too.
FarmSummary expect_holds(const TestFramework& test, const TestPlace& place,
                         const ScenarioInfo& scenario, const FarmOptions& options);

/// Explores a small world of `scenario`, and fails the test if a schedule fails or if the bounds of
/// `options` end it before everything is explored. Parameters that `settings` does not give have
/// the value Parameter::explored. What was explored is recorded as `explored`. Returns it; an empty
/// one after wrong use. Blocks.
Exploration expect_explored(const TestFramework& test, const TestPlace& place,
                            const ScenarioInfo& scenario, const Settings& settings = {},
                            const ExploredOptions& options = {});

/// Replays the schedule file `path` of `scenario`, and fails the test if the run fails. A relative
/// path is looked for in the current directory, then beside the test's source file. A run that left
/// its schedule is told on standard output, and recorded as `replay_diverged`: a mended server may
/// do so. Returns the report of the replay.
Replayed expect_replay_holds(const TestFramework& test, const TestPlace& place,
                             const ScenarioInfo& scenario, const std::string& path);

}  // namespace drydock::sim

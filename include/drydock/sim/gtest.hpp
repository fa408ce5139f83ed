// Simulated runs in an ordinary GoogleTest: many seeds, all schedules of a small world, or one
// recorded schedule, each in one line. Link drydock::gtest.
//
//     TEST(LineServer, HoldsItsProperties) {
//         DRYDOCK_EXPECT_HOLDS(lines, sim::seeds(1, 2000));
//     }
//     TEST(LineServer, HoldsItsPropertiesInEverySmallWorld) {
//         DRYDOCK_EXPECT_EXPLORED(lines, {{"clients", 1}, {"bytes", 2}});
//     }
//     TEST(LineServer, KeepsTheLastLine) {  // a failure of last week, and now a regression test
//         DRYDOCK_EXPECT_REPLAY_HOLDS(lines, "keeps_the_last_line.schedule");
//     }
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
// The macros are used on one thread of a test at a time.
#pragma once

#if !__has_include(<gtest/gtest.h>)
#error "<gtest/gtest.h> is missing: find_package(GTest), link GTest::gtest (Debian: libgtest-dev)"
#endif

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include <drydock/sim/expect.hpp>
#include <drydock/sim/failure.hpp>

namespace drydock::sim {

/// Reports to the GoogleTest that runs. Recorded values become properties of the test (in the XML
/// report).
class GoogleTest final : public TestFramework {
public:
    /// Adds a failure that is not fatal, at `place`.
    void fail(const TestPlace& place, const std::string& text) const override {
        ADD_FAILURE_AT(place.file, place.line) << text;
    }
    /// Records a property of the current test.
    void record(const std::string& name, const std::string& value) const override {
        ::testing::Test::RecordProperty(name, value);
    }
};

/// How GoogleTest prints a `report`: summary_text().
inline void PrintTo(const Report& report, std::ostream* out) { *out << summary_text(report); }

}  // namespace drydock::sim

#define DRYDOCK_TEST_PLACE_(scenario) \
    ::drydock::sim::TestPlace { __FILE__, __LINE__, #scenario }

/// Runs seeds of a scenario, and fails the test for each property that does not hold:
/// sim::expect_holds(). The arguments are (scenario, seeds), (scenario, seeds, settings),
/// (scenario, seeds, settings, run options) or (scenario, farm options). An expression: it gives
/// the FarmSummary.
#define DRYDOCK_EXPECT_HOLDS(scenario, ...)                                                   \
    ::drydock::sim::expect_holds(::drydock::sim::GoogleTest(), DRYDOCK_TEST_PLACE_(scenario), \
                                 scenario, __VA_ARGS__)

/// Explores all schedules of a small world: sim::expect_explored(). The arguments are (scenario,
/// settings) or (scenario, settings, ExploredOptions). It gives the Exploration.
#define DRYDOCK_EXPECT_EXPLORED(scenario, ...)                                                   \
    ::drydock::sim::expect_explored(::drydock::sim::GoogleTest(), DRYDOCK_TEST_PLACE_(scenario), \
                                    scenario, __VA_ARGS__)

/// Replays the schedule file `path` of `scenario`: sim::expect_replay_holds(). It gives the report
/// of the replay.
#define DRYDOCK_EXPECT_REPLAY_HOLDS(scenario, path)                   \
    ::drydock::sim::expect_replay_holds(::drydock::sim::GoogleTest(), \
                                        DRYDOCK_TEST_PLACE_(scenario), scenario, path)

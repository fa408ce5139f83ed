// <drydock/sim/rapidcheck.hpp>: its generators, and what it says of a planted failure.
#include <fstream>
#include <memory>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <drydock/sim/gtest.hpp>
#include <drydock/sim/rapidcheck.hpp>
#include "tests/support/environment.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;

RC_GTEST_PROP(Generators, MakeDurationsInWholeStepsUpToTheBound, ()) {
    const Duration made = *rapidcheck::durations(30ms, 10ms);
    RC_ASSERT(made >= Duration::zero() && made <= Duration(30ms));
    RC_ASSERT(made % Duration(10ms) == Duration::zero());
}

RC_GTEST_PROP(Generators, MakeFaultsOfThoseThatAreGiven, ()) {
    const FaultSet among = FaultSet().with(Fault::delay).with(Fault::reorder);
    const FaultSet made = *rapidcheck::fault_sets(among);
    RC_ASSERT(made.without(among) == FaultSet());
}

TEST(Generators, MakeEachFaultAtSomeTime) {
    FaultSet seen;
    FaultSet common = FaultSet::all();
    rc::check("all faults are made", [&] {
        const FaultSet made = *rapidcheck::fault_sets();
        seen = seen | made;
        common = common.without(FaultSet::all().without(made));
    });
    EXPECT_EQ(seen, FaultSet::all());
    EXPECT_EQ(common, FaultSet()) << "a fault that is always there";
}

TEST(Generators, ShowFaultsByTheirNames) {
    std::ostringstream out;
    rc::show(FaultSet().with(Fault::delay), out);
    EXPECT_EQ(out.str(), "delay");
}

/// Fails when the size, which is the workload, and a choice are both large.
rapidcheck::Case planted(int size, const std::string& test) {
    return {"planted",
            [size] {
                return std::make_unique<test::FunctionScenario>([size](World& world) -> Task<void> {
                    const std::uint32_t first = world.choose(100, "first");
                    world.choose(100, "second");
                    if (size >= 10 && first >= 10) world.fail("small", "both are large");
                    co_return;
                });
            },
            test};
}

/// What RapidCheck says when the property does not hold; "" if it holds.
std::string complaint_of(const std::string& test) {
    ::testing::internal::CaptureStderr();
    const bool held = rc::check("a planted failure: this one is wanted", [&] {
        const int size = *rc::gen::inRange(0, 100);
        SeedChoices choices(*rapidcheck::any_seed());
        rapidcheck::expect_holds(planted(size, test), choices);
    });
    const std::string text = ::testing::internal::GetCapturedStderr();
    return held ? "" : text;
}

TEST(ExpectHoldsOfAGeneratedCase, ShrinksTheWorkloadAndTheSchedule) {
    const test::ScopedFolder folder;
    const test::ScopedVariable schedules("DRYDOCK_SCHEDULES", folder.path());
    const std::string text = complaint_of("both");
    const std::string path = folder.path() + "/planted-small-both.schedule";
    EXPECT_THAT(text, HasSubstr("int:\n10\n")) << "RapidCheck has shrunk the workload";
    EXPECT_THAT(text, HasSubstr("planted: small does not hold\n  both are large\n"));
    EXPECT_THAT(text, HasSubstr("  shrunk to 1 choice that is not benign:\n    first: 10 of 99\n"
                                "  schedule, for this workload alone: " +
                                path + "\n"));
    std::ostringstream schedule;
    schedule << std::ifstream(path, std::ios::binary).rdbuf();
    EXPECT_EQ(replay(planted(10, "both").make, schedule.str()).property, "small");
    EXPECT_TRUE(replay(planted(9, "both").make, schedule.str()).passed);
}

TEST(ExpectHoldsOfAGeneratedCase, OfAScenarioWithoutAWorkloadPrintsTheLineThatReplaysIt) {
    const test::ScopedFolder folder;
    const test::ScopedVariable schedules("DRYDOCK_SCHEDULES", folder.path());
    ScenarioInfo scenario;
    scenario.name = "planted";
    scenario.make = [] { return planted(10, "").make(); };
    SeedChoices choices(1);
    RunOptions options;
    options.record = true;
    Report failing = run(scenario, Settings{}, choices, options);
    ASSERT_FALSE(failing.passed) << "the first choice of seed 1 is below 10: take another seed";
    const std::string text =
        rapidcheck::failure_message(scenario, {}, {}, "numbers", std::move(failing));
    EXPECT_THAT(text, HasSubstr("\n    first: 10 of 99\n"));
    EXPECT_THAT(text, EndsWith("  replay it in a test: DRYDOCK_EXPECT_REPLAY_HOLDS(planted, \"" +
                               folder.path() + "/planted-small-numbers.schedule\");\n" +
                               "  replay it with a tool of your scenarios: TOOL replay " +
                               folder.path() + "/planted-small-numbers.schedule --trace 40\n"));
}

TEST(ExpectHoldsOfAGeneratedCase, PassesAndGivesTheReportWhereAllHolds) {
    EXPECT_TRUE(rc::check("small workloads hold", [] {
        const int size = *rc::gen::inRange(0, 10);
        ReplayChoices choices(*rapidcheck::schedules());
        const Report report = rapidcheck::expect_holds(planted(size, "small"), choices);
        RC_ASSERT(report.passed && report.schedule.size() >= 2U);
    }));
}

}  // namespace
}  // namespace drydock::sim

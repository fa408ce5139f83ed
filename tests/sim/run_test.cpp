// Runs: the same choices give the same run, everywhere and every time; records replay; storms end
// in calm.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include <drydock/sim/farm.hpp>
#include "tests/scenarios/echo.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/sim/runs.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::scaled;
using test::simulate;
using testing::HasSubstr;
using testing::IsEmpty;

// --- determinism ---------------------------------------------------------------------------------

TEST(Determinism, GivesDifferentSeedsDifferentRuns) {
    EXPECT_NE(run(echo_scenario, 1).digest, run(echo_scenario, 2).digest);
}

std::string golden_text(const ScenarioInfo& scenario) {
    FarmOptions options;
    options.count = 1000;
    options.keep_digests = true;
    Farm farm(scenario, options);
    farm.work();
    const FarmSummary summary = farm.summary();
    EXPECT_EQ(summary.failures, 0U) << "golden runs should pass";
    std::string text = "seeds 1..1000 " + hex(summary.digest) + "\n";
    for (const std::size_t seed : {1U, 2U, 3U, 10U, 100U, 1000U}) {
        text += "seed " + std::to_string(seed) + " " + hex(summary.digests[seed - 1]) + "\n";
    }
    return text;
}

class Golden : public testing::TestWithParam<const ScenarioInfo*> {};

// The same files for g++, clang++ and the Windows build. When the simulator, a server or a scenario
// has been changed on purpose, write them anew and commit them with the change:
//
//     DRYDOCK_UPDATE_GOLDEN=1 build/dev/tests/sim_tests --gtest_filter=*Golden*
TEST_P(Golden, DigestsAreTheSameOnEverySystem) {
    const std::string path =
        DRYDOCK_GOLDEN_FOLDER "/golden_" + std::string(GetParam()->name) + ".txt";
    const std::string text = golden_text(*GetParam());
    if (std::getenv("DRYDOCK_UPDATE_GOLDEN") != nullptr) {
        std::ofstream file(path, std::ios::binary);
        file << text;
        ASSERT_TRUE(file.flush()) << "cannot write " << path;
        GTEST_SKIP() << "the golden file was written anew";
    }
    std::ifstream file(path);
    ASSERT_TRUE(file) << "cannot read " << path;
    std::ostringstream golden;
    golden << file.rdbuf();
    EXPECT_EQ(text, golden.str())
        << "these runs went another way than when the golden file was made. If the simulator, the "
           "server or the scenario was changed on purpose, write it anew with "
           "DRYDOCK_UPDATE_GOLDEN=1. If only the compiler or the system is another one, something "
           "has escaped the simulator: find it.";
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Golden,
                         testing::ValuesIn(scenarios().begin(), scenarios().end()),
                         [](const auto& test) { return std::string(test.param->name); });

// --- the benign run ------------------------------------------------------------------------------

// All zeros is where shrinking leads: it must be what a demonstration would show.
TEST(BenignRun, LooksLikeADemonstration) {
    ReplayChoices zeros(std::span<const std::uint32_t>{});
    RunOptions options;
    options.record = true;
    options.trace = 1000;
    EchoWorkload workload;
    workload.clients.push_back({Manner::polite, 32, 16, 64, 0, Duration(0)});
    EchoScenario scenario(workload);
    const Report report = run(scenario, zeros, options);
    EXPECT_TRUE(report.passed) << report.sentence;
    EXPECT_THAT(report.options, HasSubstr("no faults"));
    EXPECT_THAT(report.options, HasSubstr("polite(32/16)"));
    EXPECT_EQ(report.virtual_time, Duration(0)) << "nothing takes time";
    int echoes = 0;
    for (const std::string& line : report.trace) {
        if (line.ends_with("is of client 1")) continue;
        EXPECT_THAT(line, testing::AnyOf(HasSubstr(": ok"), HasSubstr(": canceled"))) << line;
        echoes += line.find("(accepted side)") != std::string::npos &&
                          line.find("16 bytes") != std::string::npos
                      ? 1
                      : 0;
    }
    EXPECT_EQ(echoes, 4) << "two messages should be received whole and sent back whole";
}

TEST(BenignRun, OfTheChosenWorkloadPassesAndMakesNoFaults) {
    ReplayChoices zeros(std::span<const std::uint32_t>{});
    RunOptions options;
    options.record = true;
    const Report report = run_echo(zeros, options);
    EXPECT_TRUE(report.passed) << report.sentence;
    for (const ProbeHits& hit : report.probes) {
        EXPECT_THAT(std::string(hit.name), testing::Not(HasSubstr("fault.")))
            << hit.hits << " hits";
    }
    for (const Choice& choice : report.schedule) EXPECT_EQ(choice.value, 0U) << choice.label;
}

// --- calm after the storm ------------------------------------------------------------------------

struct CalmSeen {
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    std::uint32_t chosen_after = 0;
    bool flipped_after = false;
};

Task<void> choose_every_millisecond(World& world, CalmSeen& seen) {
    Timer timer(world);
    for (int i = 0; i < 100; ++i) {
        co_await timer.after(1ms);
        ++(world.calm() ? seen.after : seen.before);
        const std::uint32_t chosen = world.choose(2, "test");
        const bool flipped = world.flip(2, "test");
        if (!world.calm()) continue;
        seen.chosen_after += chosen;
        seen.flipped_after = seen.flipped_after || flipped;
    }
}

TEST(Calm, ComesAfterSoManyCompletions) {
    CalmSeen seen;
    test::LabelChoices choices;
    choices.always("test", 1);
    RunOptions options;
    options.calm_after = 30;
    const Report report = simulate(
        [&](World& world) { return choose_every_millisecond(world, seen); }, {}, choices, options);
    EXPECT_TRUE(report.passed) << report.sentence;
    EXPECT_EQ(seen.before + seen.after, 100U);
    EXPECT_LE(seen.before, 30U);
    EXPECT_GE(seen.before, 27U) << "the start of the tasks is a completion, too";
    EXPECT_EQ(seen.chosen_after, 0U) << "once calm, all choices are benign";
    EXPECT_FALSE(seen.flipped_after);
    EXPECT_EQ(choices.asked("test"), static_cast<int>(2 * seen.before))
        << "and nobody is asked any more";
}

TEST(Calm, ComesAfterSoMuchTime) {
    CalmSeen seen;
    test::LabelChoices choices;
    RunOptions options;
    options.calm_after_time = 10ms;
    simulate([&](World& world) { return choose_every_millisecond(world, seen); }, {}, choices,
             options);
    EXPECT_EQ(seen.before, 9U) << "at 10 ms the world is calm";
}

// --- reports and farms ---------------------------------------------------------------------------

TEST(Run, KeepsTheLastEventsOfItsTrace) {
    RunOptions options;
    options.trace = 3;
    const Report report = simulate(
        [](World& world) -> Task<void> {
            Timer timer(world);
            for (int i = 0; i < 10; ++i) co_await timer.after(1ms);
        },
        options);
    ASSERT_EQ(report.trace.size(), 3U);
    EXPECT_THAT(report.trace.back(),
                HasSubstr("     10.000 ms  timer started at tests/sim/run_test.cpp:"));
}

TEST(Run, CountsItsProbes) {
    const Report report = simulate([](World& world) -> Task<void> {
        world.probe("twice");
        world.probe("once");
        world.probe("twice");
        co_return;
    });
    ASSERT_EQ(report.probes.size(), 2U);
    EXPECT_EQ(report.probes[0].name, "twice");
    EXPECT_EQ(report.probes[0].hits, 2U);
    EXPECT_EQ(report.probes[1].hits, 1U);
}

TEST(Scenarios, AreFoundByName) {
    EXPECT_EQ(find_scenario("echo"), &echo_scenario);
    EXPECT_EQ(find_scenario("none"), nullptr);
}

}  // namespace
}  // namespace drydock::sim

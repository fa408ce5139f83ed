// Runs: the same choices give the same run, everywhere and every time; records replay; storms end
// in calm.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "sim/farm.hpp"
#include "sim/scenarios/echo.hpp"
#include "sim/scenarios/scenarios.hpp"
#include "sim/schedule.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::scaled;
using test::simulate;
using testing::HasSubstr;
using testing::IsEmpty;

std::string hex(std::uint64_t value) {
    std::ostringstream text;
    text << std::hex << value;
    return text.str();
}

Report run_echo(ChoiceSource& choices, const RunOptions& options = {}) {
    EchoScenario scenario;
    return run(scenario, choices, options);
}

std::vector<std::uint32_t> values_of(const Report& report) {
    std::vector<std::uint32_t> values;
    for (const Choice& choice : report.schedule) values.push_back(choice.value);
    return values;
}

FarmSummary run_farm(FarmOptions options, unsigned threads = 1) {
    Farm farm(echo_scenario, options);
    {
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < threads; ++i) others.emplace_back([&farm] { farm.work(); });
        farm.work();
    }
    return farm.summary();
}

// --- determinism ---------------------------------------------------------------------------------

TEST(Determinism, RunsEachSeedTheSameWayTwice) {
    FarmOptions options;
    options.count = static_cast<std::uint64_t>(scaled(1000));
    options.twice = true;
    const FarmSummary summary = run_farm(options);
    for (const SeedFailure& failure : summary.first_failures) {
        ADD_FAILURE() << "seed " << failure.seed << ", " << failure.property << ": "
                      << failure.sentence;
    }
    EXPECT_EQ(summary.seeds, options.count);
}

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

// --- records -------------------------------------------------------------------------------------

TEST(Replay, OfARecordIsTheSameRun) {
    RunOptions options;
    options.record = true;
    for (int seed = 1; seed <= scaled(200); ++seed) {
        const Report recorded = run(echo_scenario, static_cast<std::uint64_t>(seed), options);
        ASSERT_EQ(recorded.schedule.size(), recorded.choices);
        const ParsedSchedule parsed = parse_schedule(write_schedule("echo", options, recorded));
        ASSERT_TRUE(parsed.ok()) << parsed.complaint;
        ReplayChoices replay(parsed.schedule.values);
        const Report replayed = run_echo(replay);
        EXPECT_EQ(hex(replayed.digest), hex(recorded.digest)) << "seed " << seed;
        EXPECT_EQ(replayed.completions, recorded.completions);
    }
}

TEST(Replay, OfAFailureFailsInTheSameWay) {
    const auto body = [](World& world) -> Task<void> {
        Timer timer(world);
        for (int i = 0; i < 10; ++i) {
            co_await timer.after(1ms);
            if (world.choose(8, "test") == 7)
                world.fail("seven", "it came at " + std::to_string(i));
        }
    };
    RunOptions options;
    options.record = true;
    options.faults = FaultSet();
    int failures = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        test::FunctionScenario scenario(body);
        SeedChoices choices(seed);
        const Report recorded = run(scenario, choices, options);
        ReplayChoices replay(values_of(recorded));
        const Report replayed = run(scenario, replay, options);
        EXPECT_EQ(replayed.property, recorded.property) << "seed " << seed;
        EXPECT_EQ(replayed.sentence, recorded.sentence);
        failures += recorded.passed ? 0 : 1;
    }
    EXPECT_GT(failures, 5) << "this test wants failures";
}

TEST(Replay, PastTheEndOfTheRecordIsBenign) {
    RunOptions options;
    options.record = true;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const std::vector<std::uint32_t> whole = values_of(run(echo_scenario, seed, options));
        for (const std::size_t parts : {0U, 1U, 2U, 3U}) {
            const std::size_t size = whole.size() * parts / 4;
            ReplayChoices cut(std::span<const std::uint32_t>(whole).first(size));
            const Report report = run_echo(cut, options);
            EXPECT_TRUE(report.passed)
                << "seed " << seed << " cut after " << size << " choices: " << report.property
                << ": " << report.sentence;
            for (std::size_t i = size; i < report.schedule.size(); ++i) {
                ASSERT_EQ(report.schedule[i].value, 0U) << "choice " << i << " is past the end";
            }
        }
    }
}

TEST(Replay, SurvivesAChangedParameter) {
    RunOptions options;
    options.record = true;
    for (int seed = 1; seed <= scaled(100); ++seed) {
        const std::vector<std::uint32_t> values =
            values_of(run(echo_scenario, static_cast<std::uint64_t>(seed), options));
        RunOptions changed;
        changed.calm_after = 40;
        ReplayChoices early_calm(values);
        const Report calmer = run_echo(early_calm, changed);
        EXPECT_TRUE(calmer.passed) << "seed " << seed << ": " << calmer.sentence;
        changed = {};
        changed.faults = FaultSet::all().without(Fault::network_reset).without(Fault::delay);
        ReplayChoices fewer_faults(values);
        const Report kinder = run_echo(fewer_faults, changed);
        EXPECT_TRUE(kinder.passed) << "seed " << seed << ": " << kinder.sentence;
    }
}

TEST(Replay, OfAnyNumbersIsARun) {
    for (int i = 0; i < scaled(200); ++i) {
        SeedChoices random(static_cast<std::uint64_t>(i) + 9000);
        std::vector<std::uint32_t> values(500);
        for (std::uint32_t& value : values) value = random.choose(0xffffffff, "");
        ReplayChoices replay(values);
        const Report report = run_echo(replay);
        EXPECT_TRUE(report.passed) << "vector " << i << ": " << report.sentence;
    }
}

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
                HasSubstr("10000 us  timer started at tests/sim/run_test.cpp:"));
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

TEST(Farm, HasTheSameSummaryForOneAndForFourThreads) {
    FarmOptions options;
    options.first = 500;
    options.count = static_cast<std::uint64_t>(scaled(600));
    options.keep_digests = true;
    const FarmSummary one = run_farm(options, 1);
    const FarmSummary four = run_farm(options, 4);
    EXPECT_EQ(one.seeds, options.count);
    EXPECT_EQ(four.seeds, one.seeds);
    EXPECT_EQ(hex(four.digest), hex(one.digest));
    EXPECT_EQ(four.digests, one.digests);
    EXPECT_EQ(four.completions, one.completions);
    EXPECT_EQ(four.failures, one.failures);
    ASSERT_EQ(four.probes.size(), one.probes.size());
    for (std::size_t i = 0; i < one.probes.size(); ++i) {
        EXPECT_EQ(four.probes[i].name, one.probes[i].name);
        EXPECT_EQ(four.probes[i].hits, one.probes[i].hits) << one.probes[i].name;
    }
}

TEST(Farm, ReachesEveryProbe) {
    FarmOptions options;
    options.count = 4000;
    const FarmSummary summary = run_farm(options);
    EXPECT_EQ(summary.failures, 0U);
    EXPECT_THAT(summary.unreached(echo_scenario), IsEmpty())
        << "a fault that never fires, or a branch that is never taken, tests nothing";
}

std::unique_ptr<Scenario> make_scenario_that_fails_at_times() {
    return std::make_unique<test::FunctionScenario>([](World& world) -> Task<void> {
        if (world.choose(10, "test") == 9) world.fail("nine", "a nine came");
        co_return;
    });
}

TEST(Farm, ListsItsFirstFailuresBySeedWhateverTheThreads) {
    const ScenarioInfo scenario = {"test", "", &make_scenario_that_fails_at_times, {}};
    FarmOptions options;
    options.count = 1000;
    std::vector<std::vector<std::uint64_t>> seeds;
    for (const unsigned threads : {1U, 4U}) {
        Farm farm(scenario, options);
        {
            std::vector<std::jthread> others;
            for (unsigned i = 1; i < threads; ++i) others.emplace_back([&farm] { farm.work(); });
            farm.work();
        }
        EXPECT_NEAR(static_cast<double>(farm.summary().failures), 100.0, 50.0);
        std::vector<std::uint64_t>& found = seeds.emplace_back();
        for (const SeedFailure& failure : farm.summary().first_failures) {
            EXPECT_EQ(failure.property, "nine");
            found.push_back(failure.seed);
        }
    }
    EXPECT_EQ(seeds[0].size(), 20U) << "a few are kept";
    EXPECT_TRUE(std::is_sorted(seeds[0].begin(), seeds[0].end()));
    EXPECT_EQ(seeds[0], seeds[1]);
}

TEST(Farm, NamesTheProbesThatNoRunReached) {
    static constexpr std::array<std::string_view, 2> probes = {"reached", "missed"};
    const ScenarioInfo scenario = {
        "test", "",
        []() -> std::unique_ptr<Scenario> {
            return std::make_unique<test::FunctionScenario>([](World& world) -> Task<void> {
                world.probe("reached");
                co_return;
            });
        },
        probes};
    Farm farm(scenario, {});
    farm.work();
    EXPECT_THAT(farm.summary().unreached(scenario), testing::ElementsAre("missed"));
}

TEST(Scenarios, AreFoundByName) {
    EXPECT_EQ(find_scenario("echo"), &echo_scenario);
    EXPECT_EQ(find_scenario("none"), nullptr);
}

}  // namespace
}  // namespace drydock::sim

// Farms: one summary whatever the threads, failures by property, parts that add up, determinism
// checked.
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/timer.hpp>

#include <drydock/sim/farm.hpp>
#include <drydock/sim/gtest.hpp>
#include "sim/determinism.hpp"
#include "sim/harness/runs.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::scaled;
using testing::HasSubstr;
using testing::IsEmpty;

FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options,
                     unsigned threads = 1) {
    return harness::run_farm(scenario, options, threads);
}

const ScenarioInfo& echo() { return *find_scenario("echo"); }

void expect_same(const FarmSummary& one, const FarmSummary& other) {
    EXPECT_EQ(one.first, other.first);
    EXPECT_EQ(one.seeds, other.seeds);
    EXPECT_EQ(one.failures, other.failures);
    EXPECT_EQ(one.completions, other.completions);
    EXPECT_EQ(one.digest, other.digest);
    EXPECT_EQ(one.digests, other.digests);
    EXPECT_EQ(one.probes, other.probes);
    EXPECT_EQ(one.behaviors, other.behaviors);
    ASSERT_EQ(one.failed.size(), other.failed.size());
    for (const auto& [property, group] : one.failed) {
        const auto found = other.failed.find(property);
        ASSERT_NE(found, other.failed.end()) << property;
        EXPECT_EQ(group.count, found->second.count) << property;
        EXPECT_EQ(group.first, found->second.first) << property;
        EXPECT_EQ(group.sentence, found->second.sentence) << property;
        EXPECT_EQ(group.options, found->second.options) << property;
    }
}

std::unique_ptr<Scenario> make_scenario_that_fails_at_times() {
    return std::make_unique<test::FunctionScenario>([](World& world) -> Task<void> {
        const std::uint32_t drawn = world.choose(20, "test");
        if (drawn == 19) world.fail("nineteen", "it came");
        if (drawn == 7) world.fail("seven", "it came");
        co_return;
    });
}

ScenarioInfo failing() {
    ScenarioInfo scenario;
    scenario.name = "test";
    scenario.make = &make_scenario_that_fails_at_times;
    return scenario;
}

TEST(Farm, HasTheSameSummaryForOneAndForFourThreads) {
    FarmOptions options;
    options.first = 500;
    options.count = static_cast<std::uint64_t>(scaled(600));
    options.keep_digests = true;
    const FarmSummary one = run_farm(echo(), options, 1);
    EXPECT_EQ(one.seeds, options.count);
    EXPECT_EQ(one.digests.size(), options.count);
    expect_same(one, run_farm(echo(), options, 4));
}

TEST(Farm, ReachesEveryProbe) {
    const FarmSummary summary = DRYDOCK_EXPECT_HOLDS(echo(), seeds(1, 8000));
    EXPECT_THAT(summary.unreached(echo()), IsEmpty())
        << "a fault that never fires, or a branch that is never taken, tests nothing";
}

TEST(Farm, GroupsFailuresByPropertyWhateverTheThreads) {
    const ScenarioInfo scenario = failing();
    FarmOptions options;
    options.count = 1000;
    const FarmSummary one = run_farm(scenario, options, 1);
    ASSERT_EQ(one.failed.size(), 2U);
    for (const char* property : {"seven", "nineteen"}) {
        const FailureGroup& group = one.failed.at(property);
        EXPECT_NEAR(static_cast<double>(group.count), 50.0, 30.0);
        EXPECT_EQ(run_seed(scenario, options, group.first).property, property);
        for (std::uint64_t seed = 1; seed < group.first; ++seed) {
            ASSERT_NE(run_seed(scenario, options, seed).property, property) << "seed " << seed;
        }
    }
    expect_same(one, run_farm(scenario, options, 4));
}

TEST(Farm, EndsWithTheFirstFailureWhenAskedTo) {
    const ScenarioInfo scenario = failing();
    FarmOptions options;
    options.count = 100'000;
    options.until_failure = true;
    const FarmSummary one = run_farm(scenario, options, 1);
    EXPECT_EQ(one.failures, 1U);
    ASSERT_EQ(one.failed.size(), 1U);
    EXPECT_EQ(one.failed.begin()->second.first, one.first + one.seeds - 1) << "it is the last seed";
    expect_same(one, run_farm(scenario, options, 4));
}

TEST(Farm, ThatIsStoppedHasASummaryOfTheFirstSeeds) {
    FarmOptions options;
    options.count = ~std::uint64_t{0} / 2;
    Farm farm(echo(), options);
    {
        const std::jthread one([&farm] { farm.work(); });
        const std::jthread two([&farm] { farm.work(); });
        while (farm.seeds_done() < 200) std::this_thread::yield();
        farm.stop();
    }
    FarmOptions same;
    same.count = farm.summary().seeds;
    EXPECT_GE(same.count, 200U);
    expect_same(farm.summary(), run_farm(echo(), same));
}

TEST(Farm, IsTheSumOfItsParts) {
    const ScenarioInfo scenario = failing();
    FarmOptions options;
    options.count = 1000;
    options.keep_digests = true;
    const FarmSummary whole = run_farm(scenario, options);
    FarmSummary sum;
    for (const auto& [first, count] :
         {std::pair(1U, 333U), std::pair(334U, 400U), std::pair(734U, 267U)}) {
        FarmOptions part = options;
        part.first = first;
        part.count = count;
        sum.merge(run_farm(scenario, part));
    }
    expect_same(whole, sum);
}

TEST(Farm, NamesTheProbesThatNoRunReached) {
    static constexpr std::array<std::string_view, 2> probes = {"reached", "missed"};
    ScenarioInfo scenario;
    scenario.name = "test";
    scenario.make = []() -> std::unique_ptr<Scenario> {
        return std::make_unique<test::FunctionScenario>([](World& world) -> Task<void> {
            world.probe("reached");
            co_return;
        });
    };
    scenario.probes = probes;
    EXPECT_THAT(run_farm(scenario, {}).unreached(scenario), testing::ElementsAre("missed"));
}

TEST(Farm, OrdersByPrioritiesWhenAskedTo) {
    FarmOptions options;
    options.count = static_cast<std::uint64_t>(scaled(1000));
    options.run.always = FaultSet().with(Fault::reorder);
    const FarmSummary plain = run_farm(echo(), options);
    options.pct_depth = 3;
    options.twice = true;
    const FarmSummary by_priority = run_farm(echo(), options);
    EXPECT_EQ(by_priority.failures, 0U);
    EXPECT_NE(by_priority.digest, plain.digest);
    EXPECT_GT(by_priority.probes.at("fault.reorder"), 0U);
}

// --- determinism --------------------------------------------------------------------------------

class Deterministic : public testing::TestWithParam<const ScenarioInfo*> {};

TEST_P(Deterministic, RunsOfOneSeedAreTheSame) {
    FarmOptions options;
    options.count = static_cast<std::uint64_t>(scaled(1000));
    options.twice = true;
    DRYDOCK_EXPECT_HOLDS(*GetParam(), options);
}

INSTANTIATE_TEST_SUITE_P(All, Deterministic,
                         testing::ValuesIn(scenarios().begin(), scenarios().end()),
                         [](const auto& test) { return std::string(test.param->name); });

/// The canary: what lives on from one run to the next enters the second one.
std::unique_ptr<Scenario> make_scenario_that_remembers() {
    static int runs = 0;
    const int number = ++runs;
    return std::make_unique<test::FunctionScenario>([number](World& world) -> Task<void> {
        Timer timer(world);
        for (int i = 0; i < 10; ++i) {
            co_await timer.after(i == 6 && number % 2 == 0 ? 2ms : 1ms);
        }
    });
}

TEST(Determinism, OfAProgramThatRemembersItsLastRunIsFoundMissing) {
    ScenarioInfo scenario;
    scenario.name = "test";
    scenario.make = &make_scenario_that_remembers;
    FarmOptions options;
    options.count = 3;
    options.twice = true;
    options.run.faults = FaultSet();
    const FarmSummary summary = run_farm(scenario, options);
    EXPECT_EQ(summary.failures, 3U);
    ASSERT_TRUE(summary.failed.contains("determinism"));
    EXPECT_THAT(
        summary.failed.at("determinism").sentence,
        HasSubstr("a second run of the same seed went another way: at completion 8: timer: "
                  "ok, 0 bytes, at 7000 us; the second time timer: ok, 0 bytes, at 8000 us"));
    options.twice = false;
    EXPECT_EQ(run_farm(scenario, options).failures, 0U);
}

TEST(Determinism, DifferencesAreLocated) {
    const auto marks = [](std::vector<std::uint64_t> digests) {
        Report report;
        report.passed = true;
        for (const std::uint64_t digest : digests) {
            Mark mark;
            mark.digest = digest;
            mark.kind = OperationKind::send;
            mark.connection = 2;
            mark.bytes = digest;
            report.marks.push_back(mark);
            report.digest = digest;
        }
        return report;
    };
    EXPECT_EQ(first_difference(marks({1, 2, 3}), marks({1, 2, 3})), "");
    EXPECT_THAT(
        first_difference(marks({1, 2, 3}), marks({1, 4, 3})),
        HasSubstr("at completion 2: send on connection 2 (connecting side): ok, 2 bytes, "
                  "at 0 us; the second time send on connection 2 (connecting side): ok, 4"));
    EXPECT_THAT(first_difference(marks({1, 2}), marks({1, 2, 3})),
                HasSubstr("before completion 3: the first run had ended there"));
    EXPECT_THAT(first_difference(marks({1, 2, 3}), marks({1, 2})),
                HasSubstr("before completion 3: the second run had ended there"));
    Report broken = marks({1, 2});
    broken.property = "stuck";
    EXPECT_THAT(first_difference(marks({1, 2}), broken), HasSubstr("'stuck'"));
    Report other = marks({1, 2});
    other.digest = 9;
    EXPECT_THAT(first_difference(marks({1, 2}), other), HasSubstr("after the last completion"));
}

}  // namespace
}  // namespace drydock::sim

// What a farm has shown: behaviors are counted in bounded memory, parts add up exactly, and the two
// estimates are right where the truth is known.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/hash.hpp>
#include <drydock/sim/behaviors.hpp>
#include <drydock/sim/choices.hpp>
#include <drydock/sim/farm.hpp>
#include <drydock/timer.hpp>
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

std::uint64_t behavior(std::uint64_t number) { return hash_of({number, number}); }

/// `once` behaviors that come once, and `again` that come three times.
std::vector<std::uint64_t> drawn(std::uint64_t once, std::uint64_t again) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t i = 0; i < once; ++i) all.push_back(behavior(i));
    for (std::uint64_t i = 0; i < 3 * again; ++i) all.push_back(behavior(1'000'000 + i / 3));
    return all;
}

Behaviors counted(const std::vector<std::uint64_t>& all, std::size_t from = 0,
                  std::size_t upto = ~std::size_t{0}) {
    Behaviors behaviors;
    for (std::size_t i = from; i < std::min(upto, all.size()); ++i) behaviors.add(all[i]);
    return behaviors;
}

TEST(Behaviors, AreCountedExactlyWhileTheyAreFew) {
    const Behaviors behaviors = counted(drawn(90, 160));
    EXPECT_EQ(behaviors.different(), 250U);
    EXPECT_EQ(behaviors.seen_once(), 90U);
    EXPECT_EQ(behaviors.halvings(), 0U);
    EXPECT_DOUBLE_EQ(behaviors.chance_of_new(900), 0.1);
}

TEST(Behaviors, AreEstimatedInBoundedMemoryWhenTheyAreMany) {
    const Behaviors behaviors = counted(drawn(60'000, 40'000));
    EXPECT_LE(behaviors.kept().size(), Behaviors::most_kept);
    EXPECT_GT(behaviors.kept().size(), Behaviors::most_kept / 4);
    EXPECT_NEAR(static_cast<double>(behaviors.different()), 100'000, 25'000);
    EXPECT_NEAR(static_cast<double>(behaviors.seen_once()), 60'000, 20'000);
}

TEST(Behaviors, OfPartsAddUpWhateverTheOrder) {
    for (const std::uint64_t many : {10U, 200U, 3'000U}) {
        std::vector<std::uint64_t> all = drawn(many, many);
        const Behaviors whole = counted(all);
        SeedChoices random(many);
        for (std::size_t i = all.size() - 1; i > 0; --i) {
            std::swap(all[i], all[random.choose(static_cast<std::uint32_t>(i + 1), "test")]);
        }
        EXPECT_EQ(counted(all), whole) << "the order of the runs does not matter";
        const std::array<Behaviors, 3> parts = {counted(all, 0, all.size() / 7),
                                                counted(all, all.size() / 7, all.size() / 2),
                                                counted(all, all.size() / 2)};
        std::array<std::size_t, 3> order = {0, 1, 2};
        do {
            Behaviors sum;
            for (const std::size_t part : order) sum.merge(parts[part]);
            EXPECT_EQ(sum, whole) << "nor does that of the parts";
        } while (std::next_permutation(order.begin(), order.end()));
    }
}

TEST(Behaviors, AreReadAgainAsTheyWereKept) {
    const Behaviors behaviors = counted(drawn(3'000, 3'000));
    Behaviors again;
    ASSERT_TRUE(Behaviors::read(behaviors.halvings(), behaviors.kept(), again));
    EXPECT_EQ(again, behaviors);
    EXPECT_FALSE(Behaviors::read(64, {}, again));
    EXPECT_FALSE(Behaviors::read(1, {{3, false}}, again)) << "3 is not kept after one halving";
    std::map<std::uint64_t, bool> too_many;
    for (std::uint64_t i = 0; i <= Behaviors::most_kept; ++i) too_many[i] = false;
    EXPECT_FALSE(Behaviors::read(0, too_many, again));
}

/// Behavior i comes with a probability that falls as 1 / i^2, so the truth can be computed.
TEST(Behaviors, SayHowLikelyANewOneIs) {
    constexpr std::uint32_t cut = 1U << 20;
    constexpr std::uint64_t seeds = 20'000;
    SeedChoices random(1);
    std::map<std::uint64_t, bool> met;
    Behaviors behaviors;
    for (std::uint64_t i = 0; i < seeds; ++i) {
        const std::uint32_t draw = random.choose(cut, "test");
        const auto number = static_cast<std::uint64_t>(cut / (draw + 1.0));
        met[number] = true;
        behaviors.add(behavior(number));
    }
    double unmet = 0;
    for (std::uint32_t draw = 0; draw < cut; ++draw) {
        if (!met.contains(static_cast<std::uint64_t>(cut / (draw + 1.0)))) unmet += 1.0 / cut;
    }
    EXPECT_GT(unmet, 0.001);
    EXPECT_NEAR(behaviors.chance_of_new(seeds) / unmet, 1.0, 0.3);
}

TEST(MostLikelyFailing, IsTheProbabilityAtWhichNoFailureIsSeenInOneOfTwentyFarms) {
    for (const std::uint64_t seeds : {1U, 20U, 1'000U, 1'000'000U, 1'000'000'000U}) {
        const double most = most_likely_failing(seeds);
        const double none = std::exp(static_cast<double>(seeds) * std::log1p(-most));
        EXPECT_NEAR(none, 0.05, 1e-9) << seeds;
    }
    EXPECT_NEAR(most_likely_failing(1'000'000), 3e-6, 5e-9) << "the rule of three";
}

// --- in a farm -----------------------------------------------------------------------------------

std::unique_ptr<Scenario> make_scenario_with_probes() {
    return std::make_unique<test::FunctionScenario>([](World& world) -> Task<void> {
        const std::uint32_t first = world.choose(40, "test");
        Timer timer(world);
        co_await timer.after(std::chrono::milliseconds(1));  // which the fault `delay` may hold up
        for (std::uint32_t i = 0; i < first % 3; ++i) world.probe("often");
        if (first == 39) world.probe("rarely");
        if (first == 20) world.fail("twenty", "it came");
        co_return;
    });
}

TEST(Behaviors, OfARunAreItsSetOfProbesAndTheFailedProperty) {
    ScenarioInfo scenario;
    scenario.name = "test";
    scenario.make = &make_scenario_with_probes;
    FarmOptions options;
    options.count = 2000;
    Farm farm(scenario, options);
    farm.work();
    ASSERT_TRUE(farm.summary().probes.contains("fault.delay"));
    EXPECT_EQ(farm.summary().behaviors.different(), 4U)
        << "nothing; often; rarely; often with the failure: neither how often nor the faults "
           "matter";
    EXPECT_EQ(farm.summary().behaviors.seen_once(), 0U);
}

}  // namespace
}  // namespace drydock::sim

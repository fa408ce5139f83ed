// Runs in this process itself: one that crashes ends it, and its last words say where it was.
#include <gmock/gmock.h>

#include <drydock/sim/farming.hpp>

#include "tests/fragile/fragile.hpp"

namespace drydock::sim {
namespace {

using test::Disaster;
using test::fragile;
using test::Fragile;

/// The first seed that meets its fate.
std::uint64_t fatal_seed() {
    FarmOptions options;
    options.run.faults = {};
    options.run.record = true;
    for (std::uint64_t seed = 1;; ++seed) {
        const Report report = run_seed(fragile<Disaster::none>, options, seed);
        if (report.schedule.back().value == Fragile::doom) return seed;
    }
}

FarmSummary farm_in_threads(const ScenarioInfo& scenario, std::uint64_t first,
                            std::uint64_t count) {
    FarmOptions options;
    options.first = first;
    options.count = count;
    options.run.faults = {};
    FarmRun how;
    how.jobs = 2;
    how.isolation = Isolation::threads;
    how.again = "tool run fragile --seed ";
    return run_farm(scenario, options, how);
}

Report run_fatal_schedule(Disaster disaster) {
    static constexpr Choice choices[] = {{Fragile::doom, Fragile::one_in, "fate"}};
    Apart here;
    here.isolation = Isolation::threads;
    here.last_words = "scenario fragile, schedule a.schedule";
    return run_apart(
        [&](RunListener* listener) {
            RunOptions options;
            options.faults = {};
            options.listener = listener;
            ReplayChoices source{std::span<const Choice>(choices)};
            Fragile scenario(disaster);
            return run(scenario, source, options);
        },
        here);
}

TEST(LastWords, OfAFarmInThreadsNameTheSeedAndTheCommandThatRepeatsIt) {
    const std::uint64_t seed = fatal_seed();
    const std::string expected = ", seed " + std::to_string(seed) +
                                 "; again: tool run fragile --seed " + std::to_string(seed);
    EXPECT_DEATH(farm_in_threads(fragile<Disaster::null_write>, seed - 5, 10),
                 " in scenario fragile/null-write" + expected);
    EXPECT_DEATH(farm_in_threads(fragile<Disaster::exception>, seed - 5, 10),
                 "abort in scenario fragile/exception" + expected);
}

TEST(LastWords, OfARunNameTheStep) {
    const std::string expected = " in scenario fragile, schedule a.schedule, in step 4";
    EXPECT_DEATH(run_fatal_schedule(Disaster::null_write), expected);
    EXPECT_DEATH(run_fatal_schedule(Disaster::exception), "abort" + expected);
}

TEST(LastWords, AreNotSaidOfARunThatSurvives) {
    const Report report = run_fatal_schedule(Disaster::none);
    EXPECT_TRUE(report.passed);
    EXPECT_EQ(farm_in_threads(fragile<Disaster::none>, 1, 100).failures, 0U);
}

}  // namespace
}  // namespace drydock::sim

// Small worlds of the lock service, explored completely: the sound one holds in every schedule, and
// a specimen does not.
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/sim/explore.hpp>
#include "tests/support/scale.hpp"
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

/// One worker makes one add, and `fault` strikes `host` once, anywhere.
sim::Exploration explored(LockParts parts, sim::Fault fault, const std::string& host) {
    sim::ExploreOptions options;
    options.run.always = sim::FaultSet().with(fault);
    options.run.most_crashes = 1;
    std::uint64_t runs = 0;
    options.stop = [&runs] { return ++runs > 1'000'000; };
    const auto make = [&] {
        auto scenario = std::make_unique<LockScenario>(parts, std::vector<LockVisit>(1));
        scenario->strike_only(host);
        return scenario;
    };
    return sim::explore(make, options);
}

class SoundLock : public testing::TestWithParam<const char*> {};

TEST_P(SoundLock, HoldsWhereverThisHostIsStartedAnew) {
    const bool all = std::getenv("DRYDOCK_LONG_TESTS") != nullptr;
    if (!all && GetParam() != std::string_view("worker 1")) {
        GTEST_SKIP() << "half a minute: set DRYDOCK_LONG_TESTS";
    }
    if (test::scaled(100) < 100) GTEST_SKIP() << "a sanitizer would take minutes for it";
    const sim::Exploration found = explored(make_sound_lock(), sim::Fault::restart, GetParam());
    EXPECT_TRUE(found.complete);
    EXPECT_EQ(found.failures, 0U) << found.failure->property << ": " << found.failure->sentence;
    ASSERT_EQ(found.outcomes.size(), 1U);
    EXPECT_EQ(found.outcomes.begin()->first, "worker 1: 1 add");
    EXPECT_GT(found.states, 10'000U) << "each place where a crash can strike should be a state";
    RecordProperty("states", std::to_string(found.states));
}

INSTANTIATE_TEST_SUITE_P(
    Hosts, SoundLock, testing::Values("keeper", "ledger", "worker 1"), [](const auto& test) {
        return std::string(test.param).substr(0, std::string(test.param).find(' '));
    });

TEST(SoundLockClocks, HoldsHoweverTheyRun) {
    const sim::Exploration found = explored(make_sound_lock(), sim::Fault::clock_skew, "worker 1");
    EXPECT_TRUE(found.complete);
    EXPECT_EQ(found.failures, 0U) << found.failure->property << ": " << found.failure->sentence;
}

TEST(BrokenLock, FailsInSomeScheduleOfASmallWorld) {
    const sim::Exploration found =
        explored(make_acknowledges_before_it_syncs(), sim::Fault::restart, "ledger");
    ASSERT_TRUE(found.failure.has_value());
    EXPECT_EQ(found.failure->property, "ledger-keeps");
}

}  // namespace
}  // namespace drydock::zoo

// What the coroutines of specimens share, they tell the explorer. So its three searches find the
// same in small worlds; and in larger ones, within bounds, the search that knows states finds what
// the plain one finds.
#include <cstdint>
#include <ostream>
#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <drydock/sim/explore.hpp>
#include "tests/support/scale.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::zoo {
namespace {

constexpr sim::FaultSet no_fault{};
constexpr sim::FaultSet resets = no_fault.with(sim::Fault::network_reset);
constexpr sim::FaultSet pieces = no_fault.with(sim::Fault::partial_receive);

sim::Settings clients(std::uint64_t count, std::uint64_t bytes) {
    return {{"clients", count}, {"bytes", bytes}};
}
sim::Settings members(std::uint64_t count, std::uint64_t lines) {
    return {{"members", count}, {"lines", lines}};
}

struct World {
    std::string_view name;
    sim::Settings settings;
    sim::FaultSet faults;
    double schedules = 0;
    std::uint32_t overtakings = 0;  // at most; 0: any
};

void PrintTo(const World& world, std::ostream* to) { *to << world.name; }

sim::Exploration explored(const World& world, sim::Reduction reduction) {
    sim::ExploreOptions options;
    options.settings = world.settings;
    options.run.always = world.faults;
    options.reduction = reduction;
    options.all_failures = true;
    if (world.overtakings > 0) options.bounds.overtakings = world.overtakings;
    return sim::explore(find_specimen(world.name)->scenario, options);
}

std::set<std::string> outcomes_of(const sim::Exploration& found) {
    std::set<std::string> outcomes;
    for (const auto& [outcome, count] : found.outcomes) outcomes.insert(outcome);
    return outcomes;
}

/// What the plain search has run is what `reduction` computes.
void expect_the_same(const World& world, const sim::Exploration& plain, sim::Reduction reduction) {
    SCOPED_TRACE(testing::Message() << "reduction " << static_cast<int>(reduction));
    const sim::Exploration reduced = explored(world, reduction);
    EXPECT_TRUE(reduced.complete);
    EXPECT_EQ(reduced.unreduced, world.schedules);
    EXPECT_EQ(outcomes_of(reduced), outcomes_of(plain));
    EXPECT_EQ(reduced.failures > 0, plain.failures > 0);
}

class Agreement : public testing::TestWithParam<World> {};

TEST_P(Agreement, OfTheSearches) {
    if (test::scaled(100) < 100) GTEST_SKIP() << "a sanitizer would take minutes for it";
    const World& world = GetParam();
    ASSERT_NE(find_specimen(world.name), nullptr);
    const sim::Exploration plain = explored(world, sim::Reduction::none);
    EXPECT_TRUE(plain.complete);
    EXPECT_EQ(static_cast<double>(plain.schedules), world.schedules);
    expect_the_same(world, plain, sim::Reduction::states);
    const bool bounded = world.overtakings > 0;  // which sleep sets cannot be
    if (!bounded) expect_the_same(world, plain, sim::Reduction::sleep_sets);
}

INSTANTIATE_TEST_SUITE_P(
    Echo, Agreement,
    testing::Values(World{"zoo/frees-with-a-send-in-flight", clients(1, 2), pieces, 386},
                    World{"zoo/frees-with-a-send-in-flight", clients(1, 1), resets, 6'713},
                    World{"zoo/closes-its-listener-undrained", clients(1, 1), resets, 1'003}));

INSTANTIATE_TEST_SUITE_P(
    Chat, Agreement,
    testing::Values(World{"zoo/waits-for-slow-readers", members(1, 1), no_fault, 8'418},
                    World{"zoo/sends-inside-a-monitor", members(1, 1), no_fault, 104},
                    World{"zoo/sends-inside-a-monitor", members(1, 1), resets, 17'008},
                    World{"zoo/lets-two-write-at-once", members(1, 0), resets, 11'204},
                    World{"zoo/sends-to-reused-handles", members(1, 1), no_fault, 2'518}));

INSTANTIATE_TEST_SUITE_P(
    Overtakings, Agreement,
    testing::Values(World{"zoo/counts-without-a-lock", members(2, 1), no_fault, 1'096, 2},
                    World{"zoo/removes-the-neighbour", members(2, 1), no_fault, 899, 2},
                    World{"zoo/lets-two-write-at-once", members(2, 1), no_fault, 5'987, 3}));

}  // namespace
}  // namespace drydock::zoo

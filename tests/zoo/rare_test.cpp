// Rare specimens, explored within bounds: where plain seeds need tens of thousands of runs, a few
// overtakings and one fault or two are enough. The sound server holds within the same bounds.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <drydock/sim/explore.hpp>
#include "tests/support/scale.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::zoo {
namespace {

/// As `drydock-sim explore NAME --bytes 1` has it.
struct Bounds {
    std::string_view name;
    std::uint64_t clients = 0;
    sim::FaultSet faults;
    std::uint32_t strikes = 0;
    std::uint32_t overtakings = 0;
};

constexpr sim::FaultSet interleaved = sim::FaultSet().with(sim::Fault::interleave);
constexpr sim::FaultSet interleaved_and_reset = interleaved.with(sim::Fault::network_reset);
constexpr sim::FaultSet short_of_memory = sim::FaultSet().with(sim::Fault::no_buffers);

sim::Exploration explored(const sim::ScenarioInfo& scenario, const Bounds& bounds) {
    sim::ExploreOptions options;
    options.settings = {{"clients", bounds.clients}, {"bytes", 1}};
    options.run.always = bounds.faults;
    options.bounds.strikes = bounds.strikes;
    options.bounds.overtakings = bounds.overtakings;
    return sim::explore(scenario, options);
}

class RareExplored : public testing::TestWithParam<Bounds> {};

TEST_P(RareExplored, ShowsItsDefectWithinTheBounds) {
    if (test::scaled(100) < 100) GTEST_SKIP() << "a sanitizer would take minutes for it";
    const Specimen* const specimen = find_specimen(GetParam().name);
    ASSERT_NE(specimen, nullptr);
    EXPECT_TRUE(specimen->is_rare());
    const sim::Exploration found = explored(specimen->scenario, GetParam());
    ASSERT_TRUE(found.failure.has_value());
    EXPECT_EQ(found.failure->property, specimen->expected.front().property);
    EXPECT_NE(found.failure->sentence.find(specimen->expected.front().cause), std::string::npos)
        << found.failure->sentence;
}

INSTANTIATE_TEST_SUITE_P(
    Turns, RareExplored,
    testing::Values(Bounds{"zoo/joins-the-line-after-a-look", 3, interleaved, 1, 3},
                    Bounds{"zoo/frees-a-turn-after-a-look", 3, interleaved, 2, 4},
                    Bounds{"zoo/declines-without-a-second-look", 3, interleaved_and_reset, 2, 2},
                    Bounds{"zoo/stops-at-one-that-has-gone", 4, interleaved_and_reset, 2, 2},
                    Bounds{"zoo/keeps-a-turn-that-it-declines", 4, short_of_memory, 2, 2},
                    Bounds{"zoo/pauses-after-a-look", 3, interleaved, 1, 5}),
    [](const auto& test) {
        return std::string(test.param.name.substr(4, test.param.name.find('-') - 4));
    });

TEST(RareExploredSound, HoldsWithinTheBounds) {
    if (test::scaled(100) < 100) GTEST_SKIP() << "a sanitizer would take minutes for it";
    constexpr Bounds sound[] = {{"zoo/sound-duplex", 3, interleaved, 1, 3},
                                {"zoo/sound-duplex-of-two", 3, interleaved, 1, 3},
                                {"zoo/sound-limited", 3, interleaved, 1, 5}};
    for (const Bounds& bounds : sound) {
        const auto servers = sound_servers();
        const auto server =
            std::find_if(servers.begin(), servers.end(),
                         [&](const sim::ScenarioInfo& each) { return each.name == bounds.name; });
        ASSERT_NE(server, servers.end()) << bounds.name;
        const sim::Exploration found = explored(*server, bounds);
        EXPECT_TRUE(found.complete) << bounds.name;
        EXPECT_EQ(found.failures, 0U) << bounds.name << ": " << found.failure->sentence;
        EXPECT_EQ(found.outcomes.size(), 1U) << bounds.name;
    }
}

}  // namespace
}  // namespace drydock::zoo

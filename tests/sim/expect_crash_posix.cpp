// DRYDOCK_EXPECT_HOLDS and DRYDOCK_EXPECT_REPLAY_HOLDS of a program that crashes: the test fails,
// and its process goes on. (Child processes are for systems that have fork().)
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>

#include "tests/fragile/fragile.hpp"
#include "tests/sim/planted.hpp"

namespace drydock::sim {
namespace {

using test::Disaster;
using test::fragile;
using ::testing::HasSubstr;

class ExpectCrash : public InAFolder {};

TEST_F(ExpectCrash, IsAFailureWithASeedAndAShrunkSchedule) {
    const ScenarioInfo& scenario = fragile<Disaster::null_write>;
    FarmSummary summary;
    const std::string text =
        failure_of([&] { summary = DRYDOCK_EXPECT_HOLDS(scenario, seeds(1, 3000)); });
    EXPECT_EQ(summary.seeds, 3000U) << "the seeds after the crash were run, too";
    EXPECT_EQ(summary.failures, summary.failed.at("crash").count);
    EXPECT_THAT(text, HasSubstr("fragile/null-write: crash does not hold in "));
    EXPECT_THAT(text, HasSubstr("\n    fate: 7 of 999\n")) << text;
    EXPECT_THAT(text, HasSubstr("replay it in a test: DRYDOCK_EXPECT_REPLAY_HOLDS(scenario, \""));
    const std::size_t begin = text.find("(scenario, \"") + std::string("(scenario, \"").size();
    const std::string path = text.substr(begin, text.find('"', begin) - begin);
    const std::string again = failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(scenario, path); });
    EXPECT_THAT(again, HasSubstr("crash does not hold in the replay of " + path)) << again;
    EXPECT_THAT(again, HasSubstr("timer started at tests/fragile/fragile.cpp:")) << "the trace";
}

}  // namespace
}  // namespace drydock::sim

// DRYDOCK_EXPECT_EXPLORED: complete explorations, failures with their schedules, and bounds.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>
#include "tests/scenarios/scenarios.hpp"
#include "tests/sim/planted.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ExpectExplored : public InAFolder {};

/// The property `explored` of the running test.
std::string explored_property() {
    const ::testing::TestInfo* const test = ::testing::UnitTest::GetInstance()->current_test_info();
    const ::testing::TestResult& result = *test->result();
    for (int i = 0; i < result.test_property_count(); ++i) {
        const ::testing::TestProperty& property = result.GetTestProperty(i);
        if (std::string_view(property.key()) == "explored") return property.value();
    }
    return "";
}

TEST_F(ExpectExplored, TakesTheParametersExploredByDefaultAndSaysWhatWasExplored) {
    const Exploration found = DRYDOCK_EXPECT_EXPLORED(numbers, {});
    EXPECT_TRUE(found.complete);
    EXPECT_EQ(found.outcomes.size(), 5U) << "the numbers below 5";
    EXPECT_THAT(explored_property(),
                StartsWith("planted/numbers: most=5, every order of completions, faults: none; 5 "
                           "runs to the end, 0 cut short, "));
}

TEST_F(ExpectExplored, PrintsTheFailureAndASchedule) {
    const std::string text = failure_of([] { DRYDOCK_EXPECT_EXPLORED(numbers, {{"most", 30}}); });
    EXPECT_THAT(text, StartsWith("planted/numbers: most=30, every order of completions, faults: "
                                 "none: no-seven does not hold in one of its schedules\n"
                                 "  the number is 7\n  expected: the number is not 7\n"));
    EXPECT_THAT(text, HasSubstr("\n    number: 7 of 29\n  schedule: " + folder_.path() +
                                "/planted-numbers-no-seven-explored-"));
    EXPECT_THAT(text, HasSubstr("DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, "));
}

// An explored world has rules of its own (the clients' receives go first), and the file has them.
TEST_F(ExpectExplored, WritesAScheduleThatFailsWhenItIsReplayed) {
    const ScenarioInfo& broken = zoo::find_specimen("zoo/closes-before-it-has-sent")->scenario;
    const std::string text = failure_of([&] { DRYDOCK_EXPECT_EXPLORED(broken, {}); });
    EXPECT_THAT(text, HasSubstr(" does not hold in one of its schedules\n"));
    EXPECT_THAT(text, HasSubstr("DRYDOCK_EXPECT_REPLAY_HOLDS(broken, "));
    EXPECT_THAT(text, Not(HasSubstr("a replay of it does not fail")));
}

TEST_F(ExpectExplored, HasTheFaultsOfTheScenarioOrThoseThatAreGiven) {
    const ScenarioInfo& echo = *find_scenario("echo");
    const Settings small = {{"clients", 1}, {"bytes", 1}};
    DRYDOCK_EXPECT_EXPLORED(echo, small);
    EXPECT_THAT(explored_property(), HasSubstr("faults: partial_receive; "));
    DRYDOCK_EXPECT_EXPLORED(echo, small, {.faults = FaultSet().with(Fault::network_reset)});
    EXPECT_THAT(explored_property(), HasSubstr("faults: network_reset; "));
}

TEST_F(ExpectExplored, FailsWhereABoundEndsIt) {
    EXPECT_THAT(failure_of([] { DRYDOCK_EXPECT_EXPLORED(numbers, {}, {.most_runs = 3}); }),
                StartsWith("planted/numbers: most=5, every order of completions, faults: none: not "
                           "explored completely in 3 runs; make the world smaller, or the bound "
                           "larger (3 runs to the end, 0 cut short, "));
    EXPECT_THAT(
        failure_of([] { DRYDOCK_EXPECT_EXPLORED(numbers, {}, {.most_time = Duration(1)}); }),
        HasSubstr("not explored completely in 1 runs"));
    DRYDOCK_EXPECT_EXPLORED(numbers, {}, {.most_runs = 5});
}

TEST_F(ExpectExplored, FailsWithOneSentenceForWrongUse) {
    EXPECT_EQ(failure_of([] {
                  DRYDOCK_EXPECT_EXPLORED(numbers, {{"most", 0}});
              }),
              "'most' of the scenario 'planted/numbers' must be from 1 to 100");
    EXPECT_EQ(failure_of([] { DRYDOCK_EXPECT_EXPLORED(numbers, {}, {.most_runs = 0}); }),
              "nothing is to be explored: most_runs is 0");
}

}  // namespace
}  // namespace drydock::sim

// DRYDOCK_EXPECT_REPLAY_HOLDS and sim::replay(): schedules that hold, that fail, that have become
// another run, and files that are no schedules.
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>
#include "tests/sim/planted.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A schedule of the numbers, without faults, in which this one is drawn.
std::string schedule_of(int number, const std::string& before_choices = "") {
    return "drydock-schedule 2\nscenario planted/numbers\n" + before_choices +
           "choice 0 8 swarm: density\nchoice " + std::to_string(number) + " 20 number\nend\n";
}

class ExpectReplay : public InAFolder {
protected:
    std::string write(const std::string& name, const std::string& text) const {
        const std::string path = folder_.path() + "/" + name;
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }
};

TEST_F(ExpectReplay, PassesWhereTheRunHolds) {
    const std::string path = write("three.schedule", schedule_of(3));
    const Report report = DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, path);
    EXPECT_TRUE(report.passed);
    EXPECT_EQ(report.outcome, "3");
}

TEST_F(ExpectReplay, PrintsTheFailureAndTheVerdictOfTheRecord) {
    const std::string path = write("seven.schedule", schedule_of(7));
    const std::string text = failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, path); });
    EXPECT_THAT(text,
                StartsWith("planted/numbers: no-seven does not hold in the replay of " + path +
                           "\n  the number is 7\n  expected: the number is not 7\n"
                           "  options: number=7; no faults\n"
                           "  when the schedule was recorded, the run passed\n"
                           "  the last completions:\n"));
    const std::string other =
        write("other.schedule", schedule_of(7, "property no-nineteen\nsentence it came\n"));
    EXPECT_THAT(failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, other); }),
                HasSubstr("  when the schedule was recorded, no-nineteen did not hold\n"));
}

TEST_F(ExpectReplay, PrintsTheLastCompletions) {
    const ScenarioInfo& broken = zoo::find_specimen("zoo/keeps-the-last-length")->scenario;
    FarmOptions options;
    options.count = 1000;
    options.until_failure = true;
    FarmSummary summary;
    failure_of([&] { summary = DRYDOCK_EXPECT_HOLDS(broken, options); });
    ASSERT_EQ(summary.failed.size(), 1U);
    const auto& [property, group] = *summary.failed.begin();
    const std::string path = folder_.path() + "/zoo-keeps-the-last-length-" + property + "-" +
                             std::to_string(group.first) + ".schedule";
    const std::string text = failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(broken, path); });
    EXPECT_THAT(text, HasSubstr("  the last completions:\n    "));
    EXPECT_THAT(text, HasSubstr("receive on connection 1"));
    EXPECT_THAT(text, Not(HasSubstr("when the schedule was recorded")));
}

TEST_F(ExpectReplay, NotesThatTheRunLeftItsSchedule) {
    const std::string path = write("left.schedule", schedule_of(3, "choice 1 2 network: reset\n"));
    ::testing::internal::CaptureStdout();
    const Replayed replayed = DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, path);
    const std::string note = ::testing::internal::GetCapturedStdout();
    EXPECT_TRUE(replayed.passed);
    EXPECT_TRUE(replayed.divergence.has_value());
    EXPECT_THAT(note, StartsWith("note: " + path + ": the run left its schedule at choice "));
    EXPECT_THAT(note, HasSubstr("the schedule has 1 of 2 for 'network: reset'"));
}

TEST_F(ExpectReplay, FindsAFileBesideTheTestsSource) {
    write("beside.schedule", schedule_of(7));
    const std::string source = folder_.path() + "/lines_test.cpp";
    const TestPlace place{source.c_str(), 12, "numbers"};
    EXPECT_THAT(
        failure_of([&] { expect_replay_holds(GoogleTest(), place, numbers, "beside.schedule"); }),
        StartsWith("planted/numbers: no-seven does not hold in the replay of beside"));
}

TEST_F(ExpectReplay, FailsWithOneSentenceForAFileThatCannotBeReplayed) {
    const auto told = [](const std::string& path) {
        return failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, path); });
    };
    EXPECT_EQ(told("no_such_file.schedule"),
              "the schedule file 'no_such_file.schedule' cannot be read");
    EXPECT_EQ(told(folder_.path()), "the schedule file '" + folder_.path() + "' cannot be read");
    std::string path = write("letter.schedule", "Dear Sir or Madam\n");
    EXPECT_EQ(told(path), "the schedule file '" + path +
                              "': the text is not a schedule that can be replayed: it does not "
                              "begin with 'drydock-schedule' and a version");
    path = write("echo.schedule", "drydock-schedule 2\nscenario echo\nend\n");
    EXPECT_EQ(told(path), "the schedule file '" + path +
                              "': the schedule is of the scenario 'echo', not of "
                              "'planted/numbers'");
    path = write("setting.schedule", schedule_of(3, "set most 0\n"));
    EXPECT_EQ(told(path), "the schedule file '" + path +
                              "': the schedule has a setting that cannot be used: 'most' of the "
                              "scenario 'planted/numbers' must be from 1 to 100");
}

// --- sim::replay ---------------------------------------------------------------------------------

TEST(SimReplay, GivesTheRunOfTheScheduleWithItsSettings) {
    EXPECT_EQ(replay(numbers, schedule_of(7)).property, "no-seven");
    const Replayed lower = replay(numbers, schedule_of(7, "set most 3\nproperty no-seven\n"));
    EXPECT_TRUE(lower.passed) << "7 modulo 3 is 1";
    EXPECT_EQ(lower.outcome, "1");
    EXPECT_EQ(lower.recorded_property, "no-seven");
    EXPECT_TRUE(lower.divergence.has_value());
}

TEST(SimReplay, GivesTheRunOfAScenarioThatAFunctionMakes) {
    const auto make = [] {
        auto scenario = std::make_unique<NumberScenario>();
        scenario->set("most", 8);
        return scenario;
    };
    EXPECT_EQ(replay(make, schedule_of(7)).property, "no-seven");
    EXPECT_EQ(replay(make, "nothing").property, "schedule");
}

TEST(SimReplay, OfATextThatIsNoScheduleFailsTheProperty) {
    const Report report = replay(numbers, "drydock-schedule 2\nscenario planted/numbers\n");
    EXPECT_FALSE(report.passed);
    EXPECT_EQ(report.property, "schedule");
    EXPECT_EQ(report.sentence,
              "the text is not a schedule that can be replayed: it is cut short: the closing 'end' "
              "is missing");
    EXPECT_EQ(report.completions, 0U);
}

TEST(PrintingAReport, TellsTheVerdictOnOneLine) {
    EXPECT_EQ(::testing::PrintToString(Report(replay(numbers, schedule_of(3)))),
              "passed; 1 completions, 2 choices; options: number=3; no faults; outcome: 3");
    EXPECT_THAT(::testing::PrintToString(Report(replay(numbers, schedule_of(7)))),
                StartsWith("failed: no-seven: the number is 7; "));
}

}  // namespace
}  // namespace drydock::sim

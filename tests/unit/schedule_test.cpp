// Schedule files: what is written can be read, and what is damaged is refused with a sentence.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/schedule.hpp"

namespace drydock::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Report example_report() {
    Report report;
    report.passed = false;
    report.property = "echo-complete";
    report.schedule = {
        {3, 8, "swarm: density"}, {0, 2, "label"}, {4294967294, 4294967295, "big one"}};
    return report;
}

TEST(Schedule, IsWrittenAsReadableLines) {
    RunOptions options;
    options.calm_after = 1234;
    EXPECT_EQ(write_schedule("echo", options, example_report()),
              "drydock-schedule 1\n"
              "scenario echo\n"
              "property echo-complete\n"
              "calm-after 1234\n"
              "choice 3 8 swarm: density\n"
              "choice 0 2 label\n"
              "choice 4294967294 4294967295 big one\n"
              "end\n");
}

TEST(Schedule, NamesNoPropertyWhenTheRunPassed) {
    Report report = example_report();
    report.passed = true;
    EXPECT_THAT(write_schedule("echo", {}, report), testing::Not(HasSubstr("property")));
}

TEST(Schedule, IsReadBackAsItWasWritten) {
    RunOptions options;
    options.calm_after = 77;
    const ParsedSchedule parsed = parse_schedule(write_schedule("echo", options, example_report()));
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.scenario, "echo");
    EXPECT_EQ(parsed.schedule.property, "echo-complete");
    EXPECT_EQ(parsed.schedule.calm_after, 77U);
    EXPECT_THAT(parsed.schedule.values, ElementsAre(3, 0, 4294967294));
}

TEST(Schedule, MayHaveWindowsLineEnds) {
    const ParsedSchedule parsed =
        parse_schedule("drydock-schedule 1\r\nscenario echo\r\nchoice 1 2 a label\r\nend\r\n");
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.scenario, "echo");
    EXPECT_THAT(parsed.schedule.values, ElementsAre(1));
}

TEST(Schedule, MayHaveEmptyOrNoLabels) {
    const ParsedSchedule parsed =
        parse_schedule("drydock-schedule 1\nscenario echo\nchoice 1 2\nchoice 0 3 \nend");
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_THAT(parsed.schedule.values, ElementsAre(1, 0));
}

TEST(Schedule, OfANewerVersionIsRefusedByName) {
    const ParsedSchedule parsed = parse_schedule("drydock-schedule 2\nscenario echo\nend\n");
    EXPECT_EQ(parsed.complaint, "it has version 2, and this program knows only version 1");
}

TEST(Schedule, OfAnotherKindIsRefused) {
    for (const char* text : {"", "\n", "hello\n", "drydock-schedule\n", "drydock-schedule x\n",
                             "drydock-schedule 1x\n", "Drydock-schedule 1\n",
                             "\x7f"
                             "ELF"}) {
        EXPECT_EQ(parse_schedule(text).complaint,
                  "it does not begin with 'drydock-schedule' and a version")
            << "the text was: " << text;
    }
}

TEST(Schedule, ThatIsCutIsRefusedWhereverTheCutIs) {
    const std::string whole = write_schedule("echo", {}, example_report());
    // From whole.size() - 1 on, only the last newline is missing.
    for (std::size_t size = 0; size < whole.size() - 1; ++size) {
        EXPECT_FALSE(parse_schedule(whole.substr(0, size)).ok())
            << "cut after " << size << " bytes";
    }
    EXPECT_TRUE(parse_schedule(whole.substr(0, whole.size() - 1)).ok());
    const std::string after_a_line = whole.substr(0, whole.find("end"));
    EXPECT_EQ(parse_schedule(after_a_line).complaint,
              "it is cut short: the closing 'end' is missing");
}

TEST(Schedule, ThatIsDamagedIsRefusedWithTheLine) {
    for (const char* line :
         {"choice", "choice 1", "choice 2 2 label", "choice -1 2 label", "choice 1 0 label",
          "choice 1 4294967296 label", "choice one 2 label", "choice 1  2 label", "scenario",
          "calm-after", "calm-after soon", "unknown 1", "", "end "}) {
        const std::string text =
            "drydock-schedule 1\nscenario echo\n" + std::string(line) + "\nend\n";
        EXPECT_EQ(parse_schedule(text).complaint, "its line 3 cannot be understood")
            << "the line was: '" << line << "'";
    }
}

TEST(Schedule, WithoutAScenarioIsRefused) {
    EXPECT_EQ(parse_schedule("drydock-schedule 1\nend\n").complaint, "it names no scenario");
}

}  // namespace
}  // namespace drydock::sim

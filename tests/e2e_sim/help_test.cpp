// drydock-sim --help: every command with its options, defaults, exit statuses and an example.
#include "tests/e2e/help.hpp"

#include "tests/e2e_sim/programs.hpp"

namespace drydock::e2e {
namespace {

TEST(HelpOfSim, has_statuses_and_examples_for_each_command_and_no_marks_of_the_parser) {
    expect_help_of_all_commands(drydock_sim, "drydock-sim");
}

TEST(HelpOfSim, names_values_ranges_and_defaults) {
    const std::string help = help_of(drydock_sim, "farm");
    EXPECT_THAT(entry_of(help, "--calm-after N"), HasSubstr("Default: 1500."));
    EXPECT_THAT(entry_of(help, "--time SECONDS"), HasSubstr("Default: no limit."));
    EXPECT_THAT(entry_of(help, "--jobs N"), HasSubstr("1 to 1024. Default: one for each"));
    EXPECT_THAT(entry_of(help, "--pct N"), HasSubstr("1 to 100."));
    EXPECT_THAT(entry_of(help, "--no-shrink"), HasSubstr("--no-shrink Do not shrink"));
    EXPECT_THAT(entry_of(help_of(drydock_sim, "shrink"), "--time SECONDS"),
                HasSubstr("Default: 10."));
}

TEST(HelpOfSim, names_the_kinds_of_faults_and_which_are_explored) {
    const std::string run = entry_of(help_of(drydock_sim, "run"), "--faults KINDS");
    EXPECT_THAT(run, HasSubstr("partial_receive, short_send, "));
    EXPECT_THAT(
        run, HasSubstr("connect_timed_out, crash, restart, partition, clock_skew. Default: all."));
    EXPECT_THAT(entry_of(help_of(drydock_sim, "explore"), "--faults KINDS"),
                HasSubstr("Default: partial_receive for echo, network_reset for chat, restart for "
                          "relay, none for"));
}

TEST(HelpOfSim, groups_the_parameters_of_worlds_by_scenario_with_their_ranges) {
    const std::string help = help_of(drydock_sim, "explore");
    const std::size_t echo = help.find("\nSize of a small world, for echo ");
    const std::size_t chat = help.find("\nSize of a small world, for chat ");
    ASSERT_NE(echo, std::string::npos) << help;
    ASSERT_NE(chat, std::string::npos) << help;
    EXPECT_LT(echo, help.find("  --clients N"));
    EXPECT_LT(help.find("  --bytes N"), chat);
    EXPECT_GT(help.find("  --members N"), chat);
    EXPECT_THAT(entry_of(help, "--clients N"), HasSubstr(", 1 to 4. Default: 2."));
    EXPECT_THAT(entry_of(help_of(drydock_sim, "run"), "--lines N"),
                HasSubstr(", 0 to 8 (for chat); lines that each member says, 0 to 4 (for relay). "
                          "Default: chosen by each run."));
}

TEST(HelpOfSim, says_that_an_exploration_may_end_with_0_and_not_be_complete) {
    EXPECT_THAT(help_of(drydock_sim, "explore"), HasSubstr("\"NOT complete\""));
}

}  // namespace
}  // namespace drydock::e2e

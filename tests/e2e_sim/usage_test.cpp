// What drydock-sim says to wrong command lines.
#include "tests/e2e/usage.hpp"

namespace drydock::e2e {
namespace {

class WrongUsageOfSim : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUsageOfSim, is_answered_with_one_sentence_and_status_2) {
    expect_refusal(drydock_sim, "drydock-sim", GetParam());
}

const Wrong wrong_of_sim[] = {
    {"no_command", {}, "a command is missing"},
    {"unknown_command", {"walk"}, "walk"},
    {"unknown_option", {"run", "echo", "--nonsense"}, "--nonsense"},
    {"run_without_scenario", {"run"}, "SCENARIO"},
    {"run_unknown_scenario", {"run", "ecko"}, "ecko"},
    {"farm_unknown_scenario", {"farm", "ecko"}, "ecko"},
    {"seed_no_number", {"run", "echo", "--seed", "one"}, "--seed"},
    {"seed_negative", {"run", "echo", "--seed", "-1"}, "--seed"},
    {"seeds_0", {"farm", "echo", "--seeds", "0"}, "--seeds"},
    {"seeds_negative", {"farm", "echo", "--seeds", "-5"}, "--seeds"},
    {"jobs_0", {"farm", "echo", "--jobs", "0"}, "--jobs"},
    {"calm_after_0", {"run", "echo", "--calm-after", "0"}, "--calm-after"},
    {"replay_without_file", {"replay"}, "FILE"},
    {"replay_of_no_file", {"replay", "/no/such/file"}, "/no/such/file"},
    {"replay_of_a_folder", {"replay", "/"}, "'/'"},
    {"parameter_of_another_scenario", {"run", "echo", "--members", "2"}, "'members'"},
    {"parameter_too_small", {"run", "echo", "--clients", "0"}, "from 1 to 4"},
    {"parameter_too_large", {"farm", "chat", "--lines", "9"}, "from 0 to 8"},
    {"parameter_no_number", {"explore", "echo", "--clients", "two"}, "--clients"},
    {"parameter_negative", {"explore", "echo", "--bytes", "-1"}, "--bytes"},
    {"parameter_enormous", {"run", "echo", "--bytes", "18446744073709551615"}, "'bytes'"},
    {"fault_unknown", {"run", "echo", "--faults", "delay,thunder"}, "'delay,thunder'"},
    {"fault_with_its_prefix", {"farm", "echo", "--faults", "fault.delay"}, "fault.delay"},
    {"faults_without_end",
     {"explore", "echo", "--faults", std::string(100'000, 'x')},
     "xxx...' is unknown"},
    {"scenario_without_end", {"run", std::string(100'000, 'x')}, "xxx...'"},
    {"scenario_with_escape_sequences", {"run", "\x1b[2J"}, "'?[2J'"},
    {"pct_0", {"run", "echo", "--pct", "0"}, "--pct"},
    {"pct_101", {"farm", "echo", "--pct", "101"}, "--pct"},
    {"jobs_too_many", {"farm", "echo", "--jobs", "1025"}, "--jobs"},
    {"farm_time_negative", {"farm", "echo", "--time", "-1"}, "--time"},
    {"farm_time_no_number", {"farm", "echo", "--time", "soon"}, "--time"},
    {"farm_past_the_last_seed",
     {"farm", "echo", "--first", "18446744073709551615", "--seeds", "2"},
     "18446744073709551615"},
    {"shard_0", {"farm", "echo", "--shard", "0/3"}, "'0/3'"},
    {"shard_past_the_last", {"farm", "echo", "--shard", "4/3"}, "'4/3'"},
    {"shard_of_none", {"farm", "echo", "--shard", "1/0"}, "'1/0'"},
    {"shard_without_number", {"farm", "echo", "--shard", "x"}, "'x'"},
    {"shard_without_parts", {"farm", "echo", "--shard", "1/"}, "'1/'"},
    {"shard_negative", {"farm", "echo", "--shard", "-1/3"}, "'-1/3'"},
    {"shard_of_more_parts_than_seeds",
     {"farm", "echo", "--seeds", "10", "--shard", "1/11"},
     "'1/11'"},
    {"merge_without_file", {"merge"}, "FILE"},
    {"merge_of_no_file", {"merge", "/no/such/file"}, "/no/such/file"},
    {"merge_of_a_folder_without_summaries", {"merge", "/dev"}, "'/dev'"},
    {"shrink_without_file", {"shrink"}, "FILE"},
    {"shrink_of_no_file", {"shrink", "/no/such/file"}, "/no/such/file"},
    {"shrink_time_negative", {"shrink", "/no/such/file", "--time", "-1"}, "--time"},
    {"explore_unknown_scenario", {"explore", "ecko"}, "ecko"},
    {"explore_unknown_reduction", {"explore", "echo", "--reduction", "some"}, "'some'"},
    {"explore_both_unknown", {"explore", "ecko", "--reduction", "some"}, "ecko"},
    {"explore_takes_no_seed", {"explore", "echo", "--seed", "1"}, "--seed"},
    {"zoo_unknown_specimen", {"zoo", "zoo/is-sound"}, "'zoo/is-sound'"},
    {"zoo_unknown_short_name", {"zoo", "is-sound"}, "'is-sound'"},
    {"zoo_one_known_and_one_not", {"zoo", "zoo/ignores-short-sends", "lion"}, "'lion'"},
};

INSTANTIATE_TEST_SUITE_P(, WrongUsageOfSim, testing::ValuesIn(wrong_of_sim), name_of);

TEST(UsageOfSim, help_and_version_are_no_errors) { expect_help_and_version(drydock_sim); }

}  // namespace
}  // namespace drydock::e2e

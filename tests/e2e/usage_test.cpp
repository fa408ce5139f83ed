// What the programs say to wrong command lines: one sentence that names what is wrong, and status
// 2.
#include "tests/e2e/programs.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

/// A wrong command line, and what its sentence has to name.
struct Wrong {
    const char* name;
    Words arguments;
    const char* names;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongUsage : public testing::TestWithParam<Wrong> {};
class WrongUsageOfSim : public testing::TestWithParam<Wrong> {};

void expect_refusal(const Words& program, const std::string& name, const Wrong& wrong) {
    const Outcome run = e2e::run(program, wrong.arguments);
    EXPECT_EQ(run.ending, Ending::exited(2)) << "wrong usage is status 2";
    EXPECT_TRUE(is_one_sentence(run.errors, name));
    EXPECT_NE(run.errors.find(wrong.names), std::string::npos)
        << "the sentence should name \"" << wrong.names << "\": " << run.errors;
    EXPECT_EQ(run.output, "") << "nothing should be done, and nothing be said of it";
}

TEST_P(WrongUsage, is_answered_with_one_sentence_and_status_2) {
    expect_refusal(drydock, "drydock", GetParam());
}

TEST_P(WrongUsageOfSim, is_answered_with_one_sentence_and_status_2) {
    expect_refusal(drydock_sim, "drydock-sim", GetParam());
}

const Wrong wrong[] = {
    {"no_command", {}, "subcommand"},
    {"unknown_command", {"ecko-server", "0"}, "ecko-server"},
    {"unknown_option_and_no_command", {"--nonsense"}, "--nonsense"},
    {"unknown_option", {"echo-server", "0", "--nonsense"}, "--nonsense"},
    {"an_argument_too_many", {"echo-server", "0", "1"}, "1"},
    {"server_without_port", {"echo-server"}, "PORT"},
    {"port_no_number", {"echo-server", "http"}, "http"},
    {"port_empty", {"echo-server", ""}, "port"},
    {"port_70000", {"echo-server", "70000"}, "70000"},
    {"port_negative", {"echo-server", "-1"}, "-1"},
    {"port_with_more_behind_it", {"echo-server", "70x"}, "70x"},
    {"workers_0", {"echo-server", "0", "--workers", "0"}, "--workers"},
    {"workers_negative", {"echo-server", "0", "--workers", "-1"}, "--workers"},
    {"workers_no_number", {"echo-server", "0", "--workers", "two"}, "--workers"},
    {"option_without_its_value", {"echo-server", "0", "--workers"}, "--workers"},
    {"backend_unknown", {"echo-server", "0", "--backend", "kqueue"}, "kqueue"},
    {"buffer_size_0", {"echo-server", "0", "--buffer-size", "0"}, "--buffer-size"},
    {"max_connections_negative",
     {"echo-server", "0", "--max-connections", "-1"},
     "--max-connections"},
    {"grace_negative", {"echo-server", "0", "--grace", "-1"}, "--grace"},
    {"grace_not_a_number", {"echo-server", "0", "--grace", "nan"}, "--grace"},
    {"idle_timeout_negative", {"echo-server", "0", "--idle-timeout", "-0.1"}, "--idle-timeout"},
    {"log_level_unknown", {"echo-server", "0", "--log-level", "loud"}, "loud"},
    {"bind_no_host", {"echo-server", "0", "--bind", "no-such-host.invalid"}, "no-such-host"},
    {"bind_not_this_machine", {"echo-server", "0", "--bind", "192.0.2.1"}, "192.0.2.1"},
    {"chat_server_without_port", {"chat-server"}, "PORT"},
    {"chat_port_no_number", {"chat-server", "chat"}, "chat"},
    {"chat_workers_0", {"chat-server", "0", "--workers", "0"}, "--workers"},
    {"chat_backend_unknown", {"chat-server", "0", "--backend", "kqueue"}, "kqueue"},
    {"chat_max_line_0", {"chat-server", "0", "--max-line", "0"}, "--max-line"},
    {"chat_max_line_negative", {"chat-server", "0", "--max-line", "-1"}, "--max-line"},
    {"chat_max_line_with_a_unit", {"chat-server", "0", "--max-line", "8k"}, "--max-line"},
    {"chat_max_line_enormous",
     {"chat-server", "0", "--max-line", "99999999999999999999"},
     "--max-line"},
    {"chat_outbox_limit_0", {"chat-server", "0", "--outbox-limit", "0"}, "--outbox-limit"},
    {"chat_outbox_limit_negative", {"chat-server", "0", "--outbox-limit", "-1"}, "--outbox-limit"},
    {"chat_outbox_limit_no_number",
     {"chat-server", "0", "--outbox-limit", "much"},
     "--outbox-limit"},
    {"chat_max_members_negative", {"chat-server", "0", "--max-members", "-1"}, "--max-members"},
    {"chat_max_members_broken", {"chat-server", "0", "--max-members", "1.5"}, "--max-members"},
    {"chat_idle_timeout_negative", {"chat-server", "0", "--idle-timeout", "-1"}, "--idle-timeout"},
    {"chat_grace_not_a_number", {"chat-server", "0", "--grace", "soon"}, "--grace"},
    {"chat_log_level_unknown", {"chat-server", "0", "--log-level", "loud"}, "loud"},
    {"chat_bind_not_this_machine", {"chat-server", "0", "--bind", "192.0.2.1"}, "192.0.2.1"},
    {"chat_option_of_the_echo_server", {"chat-server", "0", "--buffer-size", "1"}, "--buffer-size"},
    {"client_without_host", {"echo-client"}, "HOST"},
    {"client_without_port", {"echo-client", "127.0.0.1"}, "PORT"},
    {"client_port_no_number", {"echo-client", "127.0.0.1", "seven"}, "seven"},
    {"client_port_70000", {"echo-client", "127.0.0.1", "70000"}, "70000"},
    {"client_host_unknown", {"echo-client", "no-such-host.invalid", "7"}, "no-such-host"},
    {"client_backend_unknown", {"echo-client", "127.0.0.1", "7", "--backend", "x"}, "'x'"},
};

const Wrong wrong_of_sim[] = {
    {"no_command", {}, "subcommand"},
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
    {"merge_of_a_folder", {"merge", "/"}, "'/'"},
    {"shrink_without_file", {"shrink"}, "FILE"},
    {"shrink_of_no_file", {"shrink", "/no/such/file"}, "/no/such/file"},
    {"shrink_time_negative", {"shrink", "/no/such/file", "--time", "-1"}, "--time"},
    {"explore_unknown_scenario", {"explore", "ecko"}, "ecko"},
    {"explore_unknown_reduction", {"explore", "echo", "--reduction", "some"}, "'some'"},
    {"explore_both_unknown", {"explore", "ecko", "--reduction", "some"}, "ecko"},
    {"explore_takes_no_seed", {"explore", "echo", "--seed", "1"}, "--seed"},
    {"zoo_unknown_specimen", {"zoo", "zoo/is-sound"}, "'zoo/is-sound'"},
    {"zoo_one_known_and_one_not", {"zoo", "zoo/ignores-short-sends", "lion"}, "'lion'"},
};

std::string name_of(const testing::TestParamInfo<Wrong>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(, WrongUsage, testing::ValuesIn(wrong), name_of);
INSTANTIATE_TEST_SUITE_P(, WrongUsageOfSim, testing::ValuesIn(wrong_of_sim), name_of);

TEST(Usage, a_port_in_use_is_status_2) {
    const test::TcpListener other;
    ASSERT_TRUE(other.is_open());
    const std::string port = std::to_string(other.port());
    for (const char* server : {"echo-server", "chat-server"}) {
        const Outcome run = e2e::run(drydock, {server, port, "--bind", "127.0.0.1"});
        EXPECT_EQ(run.ending, Ending::exited(2)) << server;
        EXPECT_TRUE(is_one_sentence(run.errors, "drydock")) << server;
        EXPECT_NE(run.errors.find("127.0.0.1:" + port), std::string::npos)
            << "the sentence should say where: " << run.errors;
        EXPECT_EQ(run.output, "") << "it does not listen";
    }
}

TEST(Usage, help_and_version_are_no_errors) {
    for (const Words& program : {drydock, drydock_sim}) {
        const Outcome help = e2e::run(program, {"--help"});
        EXPECT_EQ(help.ending, Ending::exited(0));
        EXPECT_EQ(help.errors, "") << "help that was asked for belongs on standard output";
        const Outcome version = e2e::run(program, {"--version"});
        EXPECT_EQ(version.ending, Ending::exited(0));
        EXPECT_EQ(version.output, DRYDOCK_VERSION "\n");
    }
    const Outcome help = e2e::run(drydock, {"--help"});
    const Outcome server_help = e2e::run(drydock, {"echo-server", "--help"});
    EXPECT_NE(help.output.find("echo-client"), std::string::npos) << help.output;
    EXPECT_EQ(server_help.ending, Ending::exited(0));
    EXPECT_NE(server_help.output.find("--idle-timeout"), std::string::npos) << server_help.output;
}

}  // namespace
}  // namespace drydock::e2e

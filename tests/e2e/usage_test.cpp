// What the programs say to wrong command lines: one sentence that names what is wrong, and status
// 2.
#include "tests/e2e/usage.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

class WrongUsage : public testing::TestWithParam<Wrong> {};

TEST_P(WrongUsage, is_answered_with_one_sentence_and_status_2) {
    expect_refusal(drydock, "drydock", GetParam());
}

const Wrong wrong[] = {
    {"no_command", {}, "a command is missing"},
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
    {"log_format_unknown", {"echo-server", "0", "--log-format", "xml"}, "xml"},
    {"bind_no_host", {"echo-server", "0", "--bind", "no-such-host.invalid"}, "no-such-host"},
    {"bind_empty", {"echo-server", "0", "--bind", ""}, "--bind: the address is empty"},
    {"bind_without_an_address", {"echo-server", "0", "--bind"}, "--bind"},
    {"bind_with_two_addresses", {"echo-server", "0", "--bind", "127.0.0.1", "::1"}, "::1"},
    {"bind_of_which_one_is_no_host",
     {"echo-server", "0", "--bind", "127.0.0.1", "--bind", "no-such-host.invalid"},
     "no-such-host"},
    {"bind_of_which_one_is_not_this_machine",
     {"echo-server", "0", "--bind", "127.0.0.1", "--bind", "192.0.2.1"},
     "192.0.2.1"},
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
    {"client_connect_timeout_negative",
     {"echo-client", "127.0.0.1", "7", "--connect-timeout", "-1"},
     "--connect-timeout"},
    {"client_connect_timeout_no_number",
     {"chat-client", "127.0.0.1", "7", "Ada", "--connect-timeout", "soon"},
     "--connect-timeout"},
    {"client_backend_unknown", {"echo-client", "127.0.0.1", "7", "--backend", "x"}, "'x'"},
};

INSTANTIATE_TEST_SUITE_P(, WrongUsage, testing::ValuesIn(wrong), name_of);

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
    expect_help_and_version(drydock);
    const Outcome help = e2e::run(drydock, {"--help"});
    const Outcome server_help = e2e::run(drydock, {"echo-server", "--help"});
    EXPECT_NE(help.output.find("echo-client"), std::string::npos) << help.output;
    EXPECT_EQ(server_help.ending, Ending::exited(0));
    EXPECT_NE(server_help.output.find("--idle-timeout"), std::string::npos) << server_help.output;
}

}  // namespace
}  // namespace drydock::e2e

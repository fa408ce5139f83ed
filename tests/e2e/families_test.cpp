// IPv4 and IPv6: which of them a server takes, and how a client finds it by name.
#include <algorithm>
#include <set>

#include "tests/e2e/chat_room.hpp"
#include "tests/e2e/programs.hpp"
#include "tests/e2e/silent_listener.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::TcpListener;
using test::TcpPeer;

const Words both_loopbacks = {"127.0.0.1", "::1"};

struct FamiliesSetup {
    std::string port = "0";
    std::size_t listeners = 1;  ///< as many lines it is to announce
    bool without_ipv6 = false;
};

/// A server that may listen at several addresses.
class Server {
public:
    Server(const std::string& name, const Words& options, const FamiliesSetup& setup = {})
        : process_(command_line(name, options, setup)) {
        constexpr std::string_view announcement = "listening on ";
        for (std::size_t i = 0; i < setup.listeners; ++i) {
            const std::string line = process_.read_line().value_or("");
            const std::size_t colon = line.rfind(':');
            if (!line.starts_with(announcement)) {
                ADD_FAILURE() << "not announced: '" << line << "'; " << process_.errors();
                return;
            }
            addresses_.push_back(line.substr(announcement.size(), colon - announcement.size()));
            ports_.insert(line.substr(colon + 1));
        }
    }

    const Words& addresses() const { return addresses_; }
    std::string port() const {
        EXPECT_EQ(ports_.size(), 1U) << "one port for all: " << process_.output();
        return ports_.empty() ? "" : *ports_.begin();
    }
    std::uint16_t port_number() const {
        const std::string text = port();
        return text.empty() ? std::uint16_t{0} : static_cast<std::uint16_t>(std::stoul(text));
    }
    const std::string& log() const { return process_.errors(); }

    bool takes(const std::string& address) {
        TcpPeer peer(port_number(), address);
        return peer.is_open() && peer.exchange("hello\n").bytes == "hello\n";
    }

    /// Ctrl-C, a clean end, and the summary.
    std::string stop() {
        process_.signal(SIGINT);
        EXPECT_EQ(process_.wait(), Ending::exited(0)) << process_.errors();
        const std::optional<std::string> summary = process_.read_line();
        EXPECT_TRUE(summary && summary->starts_with("served "))
            << "nothing should be announced but what was asked for: " << process_.output();
        return summary.value_or("");
    }

private:
    static Command command_line(const std::string& name, const Words& options,
                                const FamiliesSetup& setup) {
        Command line = command(drydock, {name, setup.port});
        line.words.insert(line.words.end(), options.begin(), options.end());
        line.without_ipv6 = setup.without_ipv6;
        return line;
    }

    Process process_;
    Words addresses_;
    std::set<std::string> ports_;
};

Outcome talk_to(const std::string& host, const std::string& port, const Words& options = {},
                bool without_ipv6 = false) {
    Command line = command(drydock, {"echo-client", host, port});
    line.words.insert(line.words.end(), options.begin(), options.end());
    line.without_ipv6 = without_ipv6;
    return test::run_program(line, "hello\n");
}

void expect_echo_for(const std::string& host, const std::string& port, const Words& options = {}) {
    const Outcome client = talk_to(host, port, options);
    EXPECT_EQ(client.ending, Ending::exited(0)) << host << ": " << client.errors;
    EXPECT_NE(client.output.find("Message from server : hello\n"), std::string::npos)
        << host << ": " << client.output;
}

void expect_refusal_for(const Outcome& outcome, int status, const std::string& names) {
    EXPECT_EQ(outcome.ending, Ending::exited(status)) << outcome.errors;
    EXPECT_TRUE(is_one_sentence(outcome.errors, "drydock"));
    EXPECT_NE(outcome.errors.find(names), std::string::npos)
        << "the sentence should name \"" << names << "\": " << outcome.errors;
}

class Families : public testing::Test {
protected:
    void SetUp() override {
        if (!TcpListener("::1").is_open()) {
            GTEST_SKIP() << "this machine has no IPv6: nothing can listen at ::1";
        }
    }
};

// --- which of them a server takes ----------------------------------------------------------------

TEST_F(Families, are_both_taken_by_a_server_that_is_not_told_where_to_listen) {
    for (const char* name : {"echo-server", "chat-server"}) {
        Server server(name, {});
        EXPECT_EQ(server.addresses(), Words{"[::]"});
        for (const std::string& address : both_loopbacks) {
            EXPECT_TRUE(server.takes(address)) << name << " at " << address;
        }
        server.stop();
    }
}

TEST_F(Families, are_both_found_by_clients_by_name_and_by_address) {
    Server server("echo-server", {});
    for (const char* host :
         {"localhost", "LocalHost", "127.0.0.1", "::1", "[::1]", "::ffff:127.0.0.1"}) {
        expect_echo_for(host, server.port());
    }
}

TEST_F(Families, meet_in_one_chat_room_and_are_logged_as_what_they_are) {
    Server server("chat-server", {});
    TcpPeer ipv4(server.port_number(), "127.0.0.1");
    ASSERT_TRUE(ipv4.send("four\n"));
    expect_heard(ipv4, "four\n");
    TcpPeer ipv6(server.port_number(), "::1");
    ASSERT_TRUE(ipv6.send("six\n"));
    expect_heard(ipv6, "six\n");
    expect_heard(ipv4, "six\n");
    server.stop();
    const std::string& log = server.log();
    EXPECT_NE(log.find("peer=127.0.0.1:"), std::string::npos) << log;
    EXPECT_NE(log.find("peer=[::1]:"), std::string::npos) << log;
    EXPECT_EQ(log.find("ffff"), std::string::npos) << "an IPv4 peer is IPv4: " << log;
}

TEST_F(Families, are_taken_where_binds_say_so_at_one_port) {
    Server server("echo-server", {"--bind", "127.0.0.1", "--bind", "::1"}, {.listeners = 2});
    EXPECT_EQ(server.addresses(), (Words{"127.0.0.1", "[::1]"}));
    for (const std::string& address : both_loopbacks) EXPECT_TRUE(server.takes(address));
    EXPECT_FALSE(TcpPeer(server.port_number(), "127.0.0.2").is_open()) << "it was not named";
    EXPECT_TRUE(server.stop().starts_with("served 2 connections")) << "it is one server";
}

TEST_F(Families, are_both_taken_at_localhost) {
    Server server("chat-server", {"--bind", "localhost"}, {.listeners = 2});
    Words addresses = server.addresses();
    std::ranges::sort(addresses);
    EXPECT_EQ(addresses, (Words{"127.0.0.1", "[::1]"}));
    for (const std::string& address : both_loopbacks) EXPECT_TRUE(server.takes(address));
    server.stop();
}

TEST_F(Families, have_a_listener_each_where_both_wildcards_are_named) {
    Server server("echo-server", {"--bind", "::", "--bind", "0.0.0.0"}, {.listeners = 2});
    EXPECT_EQ(server.addresses(), (Words{"[::]", "0.0.0.0"}));
    for (const std::string& address : both_loopbacks) EXPECT_TRUE(server.takes(address));
}

TEST_F(Families, are_told_apart_by_a_server_at_one_address) {
    Server ipv6("echo-server", {"--bind", "[::1]"});
    EXPECT_EQ(ipv6.addresses(), Words{"[::1]"});
    EXPECT_TRUE(ipv6.takes("::1"));
    EXPECT_FALSE(TcpPeer(ipv6.port_number(), "127.0.0.1").is_open());
    Server ipv4("echo-server", {"--bind", "0.0.0.0"});
    EXPECT_EQ(ipv4.addresses(), Words{"0.0.0.0"});
    EXPECT_TRUE(ipv4.takes("127.0.0.1"));
    EXPECT_FALSE(TcpPeer(ipv4.port_number(), "::1").is_open());
}

TEST_F(Families, an_address_that_is_named_twice_is_listened_at_once) {
    Server server("echo-server", {"--bind", "::1", "--bind", "[::1]", "--bind", "127.0.0.1"},
                  {.listeners = 2});
    EXPECT_EQ(server.addresses(), (Words{"[::1]", "127.0.0.1"}));
    server.stop();
}

TEST_F(Families, a_port_that_is_taken_in_one_of_them_is_status_2) {
    TcpListener other("::1");
    const std::string port = std::to_string(other.port());
    const Words binds = {"echo-server", port, "--bind", "127.0.0.1", "--bind", "::1"};
    const Outcome server = run(drydock, binds);
    expect_refusal_for(server, 2, "[::1]:" + port);
    EXPECT_EQ(server.output, "") << "it listens nowhere, or everywhere";
    expect_refusal_for(run(drydock, {"echo-server", port}), 2, "[::]:" + port);
}

// --- how a client finds a server -----------------------------------------------------------------

TEST_F(Families, of_localhost_are_tried_both_when_the_server_has_one) {
    for (const std::string& address : both_loopbacks) {
        Server server("echo-server", {"--bind", address});
        expect_echo_for("localhost", server.port());
    }
}

TEST_F(Families, are_both_refused_where_nobody_listens) {
    TcpListener nobody;
    const std::string port = std::to_string(nobody.port());
    nobody.close();
    expect_refusal_for(talk_to("localhost", port), 1, "refused");
}

TEST_F(Families, the_other_one_is_tried_when_one_does_not_answer) {
    for (std::size_t i = 0; i < 2; ++i) {
        const SilentListener silent(both_loopbacks[i]);
        Server server("echo-server", {"--bind", both_loopbacks[1 - i]}, {.port = silent.port()});
        // The system would go on for minutes, and the client for longer than the test waits.
        expect_echo_for("localhost", server.port(), {"--connect-timeout", "300"});
    }
}

TEST(ConnectTimeout, ends_a_client_whose_server_does_not_answer) {
    const SilentListener silent("127.0.0.1");
    for (const Words& client : {Words{"echo-client", "127.0.0.1", silent.port()},
                                Words{"chat-client", "127.0.0.1", silent.port(), "Ada"}}) {
        Words words = client;
        words.insert(words.end(), {"--connect-timeout", "0.4"});
        const auto start = test::Clock::now();
        const Outcome outcome = run(drydock, words, "hello\n");
        const auto time = test::Clock::now() - start;
        expect_refusal_for(outcome, 1, "did not answer in time");
        EXPECT_NE(outcome.errors.find("port " + silent.port()), std::string::npos);
        EXPECT_EQ(outcome.output, "");
        EXPECT_GE(time, 400ms);
        EXPECT_LT(time, 10s) << "the client's own limit";
    }
}

TEST(ConnectTimeout, of_0_leaves_it_to_the_system) {
    const SilentListener silent("127.0.0.1");
    Process client(
        command(drydock, {"echo-client", "127.0.0.1", silent.port(), "--connect-timeout", "0"}));
    EXPECT_TRUE(client.runs_for(1s)) << client.errors();
}

// --- a machine without IPv6 ----------------------------------------------------------------------

TEST(WithoutIpv6, a_server_that_is_not_told_where_to_listen_takes_ipv4) {
    Server server("echo-server", {}, {.without_ipv6 = true});
    EXPECT_EQ(server.addresses(), Words{"0.0.0.0"});
    EXPECT_TRUE(server.takes("127.0.0.1"));
    server.stop();
}

TEST(WithoutIpv6, localhost_is_the_ipv4_loopback) {
    Server server("echo-server", {"--bind", "localhost"}, {.without_ipv6 = true});
    EXPECT_EQ(server.addresses(), Words{"127.0.0.1"});
    EXPECT_TRUE(server.takes("127.0.0.1"));
    const Outcome client = talk_to("localhost", server.port(), {}, true);
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    server.stop();
    TcpListener nobody;
    const std::string port = std::to_string(nobody.port());
    nobody.close();
    expect_refusal_for(talk_to("localhost", port, {}, true), 1, "refused");
}

TEST(WithoutIpv6, to_ask_for_it_is_status_2) {
    Command server = command(drydock, {"echo-server", "0", "--bind", "127.0.0.1", "--bind", "::1"});
    server.without_ipv6 = true;
    expect_refusal_for(test::run_program(server), 2, "[::1]:");
    expect_refusal_for(talk_to("::1", "7", {}, true), 1, "::1");
}

}  // namespace
}  // namespace drydock::e2e

// The Windows server against many raw clients from Linux, and how Ctrl-C ends it.
#include "tests/e2e/silent_listener.hpp"
#include "tests/e2e_windows/programs.hpp"
#include "tests/support/crowd.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::Crowd;
using test::Member;

class WindowsEchoServerAtWork : public WindowsTest,
                                public testing::WithParamInterface<WindowsSetup> {
protected:
    void SetUp() override {
        WindowsTest::SetUp();
        ASSERT_NE(server_.port(), 0) << server_.process().errors();
    }

    // A server that is killed while its clients go may crash the Wine server of all tests
    // (docs/CONFORMANCE.md). So a test that has failed early also ends its server by Ctrl-C.
    void TearDown() override {
        server_.stop();
        WindowsTest::TearDown();
    }

    EchoServerProcess server_{windows_drydock, GetParam().options()};
};

INSTANTIATE_TEST_SUITE_P(, WindowsEchoServerAtWork, testing::ValuesIn(all_setups), setup_name);

TEST_P(WindowsEchoServerAtWork, serves_200_clients_that_half_close_or_reset) {
    Crowd crowd(server_.port());
    std::uint64_t bytes_of_the_polite = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const std::uint64_t size = i * i * 7 % 30'011;
        if (i % 4 == 3) {
            ASSERT_TRUE(crowd.join({.unanswered = 20'000, .resets_at = 1 + size}));
        } else {
            ASSERT_TRUE(crowd.join({.bytes = size}));
            bytes_of_the_polite += size;
        }
    }
    ASSERT_TRUE(crowd.talk_to_the_end(60s))
        << crowd.count(Member::State::talking) << " clients are not at their end";
    EXPECT_EQ(crowd.wrong(), 0U) << "clients got bytes that are not theirs";
    EXPECT_EQ(crowd.count(Member::State::ended), 150U) << "half closes are answered";
    EXPECT_EQ(crowd.count(Member::State::has_reset), 50U);
    for (const Member& member : crowd.members()) {
        if (member.manner.half_closes && member.state == Member::State::ended) {
            EXPECT_EQ(member.received, member.sent) << "after the last byte";
        }
    }

    test::TcpPeer peer(server_.port());
    const std::string text(1'000'000, 'x');
    const test::Received received = peer.exchange(text);
    EXPECT_EQ(received.end, test::End::end_of_stream);
    EXPECT_TRUE(received.bytes == text) << received.bytes.size() << " bytes came back";

    EXPECT_EQ(server_.stop(), Ending::exited(0)) << server_.process().errors();
    const Summary summary = server_.summary();
    EXPECT_TRUE(summary.printed) << server_.process().output();
    EXPECT_EQ(summary.served, 201U);
    EXPECT_EQ(summary.ended, 151U);
    EXPECT_EQ(summary.failed + summary.stopped, 50U) << "some resets may come after the Ctrl-C";
    EXPECT_GE(summary.bytes_sent, bytes_of_the_polite + text.size());
}

// The textbook's server on completion routines looks for connections every 100 ms.
TEST_P(WindowsEchoServerAtWork, answers_each_connect_at_once) {
    std::vector<test::Clock::duration> times;
    for (int i = 0; i < 15; ++i) {
        const auto start = test::Clock::now();
        test::TcpPeer peer(server_.port());
        EXPECT_EQ(peer.exchange("hello").bytes, "hello");
        times.push_back(test::Clock::now() - start);
    }
    std::nth_element(times.begin(), times.begin() + 7, times.end());
    EXPECT_LT(times[7], 50ms) << "half of the connects should be answered sooner";
    EXPECT_EQ(server_.stop(), Ending::exited(0)) << server_.process().errors();
    EXPECT_EQ(server_.summary().ended, 15U) << server_.process().output();
}

TEST_P(WindowsEchoServerAtWork, ends_cleanly_at_ctrl_c_under_load) {
    constexpr std::size_t clients = 32;
    Crowd crowd(server_.port());
    ASSERT_TRUE(crowd.join(clients, {.unanswered = 100'000}));
    ASSERT_TRUE(crowd.talk_until([&] { return crowd.answered(50'000) == clients; }))
        << "all clients should be busy";
    server_.process().signal(SIGINT);
    EXPECT_TRUE(crowd.talk_to_the_end(60s));
    EXPECT_EQ(server_.process().wait(), Ending::exited(0)) << server_.process().errors();
    EXPECT_EQ(crowd.count(Member::State::was_reset), 0U)
        << "the end should be a clean one for every client";
    EXPECT_EQ(crowd.count(Member::State::ended), clients);
    EXPECT_EQ(crowd.wrong(), 0U) << "what comes back should be a beginning of what was sent";
    const Summary summary = server_.summary();
    ASSERT_TRUE(summary.printed) << server_.process().output();
    EXPECT_EQ(summary.served, clients);
    EXPECT_EQ(summary.bytes_received, summary.bytes_sent) << "what it has taken it should return";
    EXPECT_EQ(summary.bytes_sent, crowd.received()) << "and what it has returned should arrive";
}

TEST_P(WindowsEchoServerAtWork, holds_300_connections_at_once) {
    constexpr std::size_t clients = 300;  // under Wine, each costs a dozen calls of its server
    constexpr std::uint64_t bytes = 500;
    Crowd crowd(server_.port());
    ASSERT_TRUE(crowd.join(clients, {.bytes = bytes, .half_closes = false}));
    ASSERT_TRUE(crowd.talk_until([&] { return crowd.answered(bytes) == clients; }, 60s))
        << "all should be echoed; " << crowd.answered(bytes) << " are";
    EXPECT_EQ(crowd.count(Member::State::talking), clients) << "all at the same time";
    EXPECT_EQ(crowd.wrong(), 0U);
    for (std::size_t i = 0; i < clients; ++i) crowd.leave(i);
    EXPECT_EQ(server_.stop(), Ending::exited(0));
    EXPECT_EQ(server_.summary().served, clients)
        << server_.process().output() << server_.process().errors();
}

TEST_P(WindowsEchoServerAtWork, lets_no_client_that_does_not_read_hold_up_the_others) {
    Crowd crowd(server_.port());
    ASSERT_TRUE(crowd.join(10, {.reads = false}));
    EXPECT_TRUE(crowd.talk_until_nothing_moves(500ms)) << "back-pressure should reach the clients";
    test::TcpPeer other(server_.port());
    EXPECT_EQ(other.exchange("still there?").bytes, "still there?");
    for (std::size_t i = 0; i < crowd.members().size(); ++i) crowd.leave(i);
    EXPECT_EQ(server_.stop(), Ending::exited(0)) << server_.process().errors();
    EXPECT_EQ(server_.summary().ended, 1U) << server_.process().output();
    EXPECT_EQ(server_.summary().failed + server_.summary().stopped, 10U)
        << "some resets may come after the Ctrl-C";
}

TEST_P(WindowsEchoServerAtWork, survives_a_storm_of_resets) {
    for (int i = 0; i < 1000; ++i) {
        test::SocketFile socket = test::connect_to(server_.port());
        ASSERT_TRUE(socket.is_open()) << "connection " << i << " of the storm";
        socket.reset();
    }
    test::TcpPeer other(server_.port());
    EXPECT_EQ(other.exchange("still there?").bytes, "still there?");
    EXPECT_EQ(server_.stop(), Ending::exited(0)) << server_.process().errors();
    // How many of them were lost is not known: Windows accepts over a reset connection in silence.
    EXPECT_GE(server_.summary().served, 1U) << server_.process().output();
    EXPECT_LE(server_.summary().served + server_.summary().lost, 1001U);
}

TEST_P(WindowsEchoServerAtWork, is_cut_short_by_a_second_ctrl_c) {
    Crowd stubborn(server_.port());
    ASSERT_TRUE(stubborn.join({.reads = false}));
    stubborn.talk_for(500ms);
    server_.process().signal(SIGINT);
    ASSERT_TRUE(server_.process().runs_for(500ms)) << "it should be waiting for the client";
    const auto start = test::Clock::now();
    const Ending ending = server_.stop(SIGINT);
    // Windows gives STATUS_CONTROL_C_EXIT to a program that leaves Ctrl-C to the system, Wine gives
    // 0.
    EXPECT_NE(ending.kind, Ending::Kind::still_running);
    EXPECT_LT(test::Clock::now() - start, 3s) << "before the grace time is over";
    EXPECT_FALSE(server_.summary().printed);
}

// --- its options ---------------------------------------------------------------------------------

class WindowsEchoServerOptions : public WindowsTest {};

TEST_F(WindowsEchoServerOptions, bound_the_connections_and_their_idleness) {
    EchoServerProcess server(windows_drydock, {"--max-connections", "1", "--idle-timeout", "1"});
    ASSERT_NE(server.port(), 0) << server.process().errors();
    test::TcpPeer first(server.port());
    EXPECT_TRUE(first.send("1"));
    EXPECT_EQ(first.receive(1).bytes, "1");
    test::TcpPeer second(server.port());
    EXPECT_EQ(second.receive_rest().end, test::End::end_of_stream) << "one too many";
    EXPECT_EQ(first.receive_rest().end, test::End::end_of_stream) << "idle";
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().rejected, 1U);
    EXPECT_EQ(server.summary().idle, 1U);
}

TEST_F(WindowsEchoServerOptions, bind_to_an_ipv6_address) {
    if (!test::TcpListener("::1").is_open()) {
        GTEST_SKIP() << "this machine has no ::1";
    }
    EchoServerProcess server(windows_drydock, {"--bind", "::1"});
    EXPECT_EQ(server.address(), "[::1]") << server.process().errors();
    const Words arguments = {"echo-client", "::1", std::to_string(server.port())};
    EXPECT_EQ(run(drydock, arguments, "hello\n").ending, Ending::exited(0));
    EXPECT_EQ(run(windows_drydock, arguments, "hello\n").ending, Ending::exited(0));
}

/// Both families, on the backend of the parameter.
class WindowsFamilies : public WindowsTest, public testing::WithParamInterface<std::string> {
protected:
    void SetUp() override {
        WindowsTest::SetUp();
        if (!test::TcpListener("::1").is_open()) {
            GTEST_SKIP() << "this machine has no IPv6: nothing can listen at ::1";
        }
    }

    static void expect_to_take_both(std::uint16_t port) {
        for (const char* address : {"127.0.0.1", "::1"}) {
            test::TcpPeer peer(port, address);
            ASSERT_TRUE(peer.is_open()) << address;
            EXPECT_EQ(peer.exchange("hello\n").bytes, "hello\n") << address;
        }
    }
};

INSTANTIATE_TEST_SUITE_P(, WindowsFamilies, testing::Values("iocp", "apc"),
                         [](const auto& tested) { return tested.param; });

TEST_P(WindowsFamilies, are_both_taken_at_the_ipv6_wildcard_and_logged_as_what_they_are) {
    Process server(command(windows_drydock, {"chat-server", "0", "--backend", GetParam()}));
    const std::string line = server.read_line().value_or("");
    ASSERT_TRUE(line.starts_with("listening on [::]:")) << line << server.errors();
    expect_to_take_both(static_cast<std::uint16_t>(std::stoul(line.substr(18))));
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), Ending::exited(0)) << server.errors();
    EXPECT_NE(server.errors().find("peer=127.0.0.1:"), std::string::npos) << server.errors();
    EXPECT_NE(server.errors().find("peer=[::1]:"), std::string::npos) << server.errors();
    EXPECT_EQ(server.errors().find("ffff"), std::string::npos) << "an IPv4 peer is IPv4";
}

TEST_P(WindowsFamilies, are_both_taken_at_localhost_at_one_port) {
    EchoServerProcess server(windows_drydock, {"--bind", "localhost", "--backend", GetParam()});
    ASSERT_NE(server.port(), 0) << server.process().errors();
    expect_to_take_both(server.port());
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
    EXPECT_EQ(server.summary().served, 2U) << "it is one server";
}

TEST_P(WindowsFamilies, are_tried_both_by_a_client_of_localhost) {
    for (const char* address : {"127.0.0.1", "::1"}) {
        EchoServerProcess server(drydock, {"--bind", address});
        const Words arguments = {"echo-client", "localhost", std::to_string(server.port()),
                                 "--backend", GetParam()};
        const Outcome client = run_windows(windows_drydock, arguments, "hello\n");
        EXPECT_EQ(client.ending, Ending::exited(0)) << address << ": " << client.errors;
        EXPECT_NE(client.output.find("hello"), std::string::npos) << client.output;
    }
}

TEST_P(WindowsFamilies, are_tried_both_when_one_does_not_answer) {
    const SilentListener silent("127.0.0.1");
    Process server(command(drydock, {"echo-server", silent.port(), "--bind", "::1"}));
    ASSERT_TRUE(server.read_line()) << server.errors();
    const Words arguments = {"echo-client", "localhost", silent.port(), "--backend", GetParam()};
    const auto start = test::Clock::now();
    const Outcome client = run_windows(windows_drydock, arguments, "hello\n");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_LT(test::Clock::now() - start, 8s) << "before the timeout of 10 s";
}

TEST_P(WindowsFamilies, end_a_client_that_nobody_answers_when_its_timeout_has_passed) {
    const SilentListener silent("127.0.0.1");
    const Outcome client =
        run_windows(windows_drydock, {"echo-client", "127.0.0.1", silent.port(), "--backend",
                                      GetParam(), "--connect-timeout", "0.4"});
    EXPECT_EQ(client.ending, Ending::exited(1));
    EXPECT_TRUE(is_one_sentence(client.errors, "drydock"));
    EXPECT_NE(client.errors.find("did not answer in time"), std::string::npos) << client.errors;
}

}  // namespace
}  // namespace drydock::e2e

// The Windows server against many raw clients from Linux, and how Ctrl-C ends it.
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

}  // namespace
}  // namespace drydock::e2e

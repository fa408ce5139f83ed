// How the echo server ends: Ctrl-C and SIGTERM, at rest and under load, once and twice.
#include "tests/e2e/programs.hpp"
#include "tests/support/crowd.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::End;
using test::Member;
using test::TcpPeer;

class EchoServerStop : public testing::TestWithParam<unsigned> {
protected:
    Words options(const Words& more = {}) {
        Words words = workers(GetParam());
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
};

INSTANTIATE_TEST_SUITE_P(, EchoServerStop, testing::Values(1U, 4U), workers_name);

/// As many streams as there are clients, each full in both directions, and a signal in the middle.
void expect_a_clean_end_under_load(const Words& options, int signal) {
    constexpr std::size_t clients = 64;
    EchoServerProcess server(drydock, options);
    test::Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join(clients, {}));
    ASSERT_TRUE(crowd.talk_until([&] { return crowd.answered(200'000) == clients; }))
        << "all clients should be busy";

    server.process().signal(signal);
    EXPECT_TRUE(crowd.talk_to_the_end())
        << crowd.count(Member::State::talking) << " clients wait for the end of their stream";
    EXPECT_EQ(server.process().wait(), Ending::exited(0)) << server.process().errors();

    EXPECT_EQ(crowd.count(Member::State::was_reset), 0U)
        << "the end should be a clean one for every client";
    EXPECT_EQ(crowd.count(Member::State::ended), clients);
    EXPECT_EQ(crowd.wrong(), 0U) << "what comes back should be a beginning of what was sent";
    const Summary summary = server.summary();
    ASSERT_TRUE(summary.printed) << server.process().output();
    EXPECT_EQ(summary.served, clients);
    EXPECT_EQ(summary.ended + summary.stopped, clients);
    EXPECT_EQ(summary.bytes_received, summary.bytes_sent) << "what it has taken it should return";
    EXPECT_EQ(summary.bytes_sent, crowd.received()) << "and what it has returned should arrive";
}

TEST_P(EchoServerStop, by_ctrl_c_under_load_is_a_clean_end_for_every_client) {
    expect_a_clean_end_under_load(options(long_grace), SIGINT);
}

TEST_P(EchoServerStop, by_sigterm_under_load_is_a_clean_end_for_every_client) {
    expect_a_clean_end_under_load(options(long_grace), SIGTERM);
}

TEST_P(EchoServerStop, without_clients_is_immediate) {
    for (const int signal : {SIGINT, SIGTERM}) {
        EchoServerProcess server(drydock, options(long_grace));
        ASSERT_NE(server.port(), 0);
        EXPECT_EQ(server.stop(signal), Ending::exited(0));
        EXPECT_TRUE(server.summary().printed) << server.process().output();
        EXPECT_EQ(server.summary().served, 0U);
    }
}

TEST_P(EchoServerStop, tells_idle_clients_by_the_end_of_their_stream) {
    EchoServerProcess server(drydock, options());
    TcpPeer first(server.port());
    TcpPeer second(server.port());
    ASSERT_TRUE(first.send("hello"));
    EXPECT_EQ(first.receive(5).bytes, "hello");
    server.process().signal(SIGINT);
    EXPECT_EQ(first.receive_rest().end, End::end_of_stream);
    EXPECT_EQ(second.receive_rest().end, End::end_of_stream);
    first.close();
    second.close();
    EXPECT_EQ(server.process().wait(), Ending::exited(0));
    EXPECT_EQ(server.summary().stopped, 2U);
}

TEST_P(EchoServerStop, refuses_who_comes_late) {
    EchoServerProcess server(drydock, options(long_grace));
    test::Crowd stubborn(server.port());  // its unread echoes keep the server waiting
    ASSERT_TRUE(stubborn.join({.reads = false}));
    ASSERT_TRUE(stubborn.talk_until_nothing_moves(300ms));
    server.process().signal(SIGINT);
    bool refused = false;
    const auto end = test::Clock::now() + test::patience;
    while (!refused && test::Clock::now() < end) {
        ASSERT_TRUE(server.process().runs_for(20ms)) << "the grace time is not over";
        refused = !test::connect_to(server.port()).is_open();
    }
    EXPECT_TRUE(refused) << "a server that stops should listen no more";
}

TEST_P(EchoServerStop, waits_for_the_grace_time_and_no_longer) {
    EchoServerProcess server(drydock, options({"--grace", "4"}));
    test::Crowd stubborn(server.port());
    ASSERT_TRUE(stubborn.join({.reads = false}));
    ASSERT_TRUE(stubborn.talk_until_nothing_moves(300ms));
    server.process().signal(SIGINT);
    EXPECT_TRUE(server.process().runs_for(1s)) << "a client that may yet read is waited for";
    EXPECT_EQ(server.process().wait(), Ending::exited(0)) << "and then cut off";
    const Summary summary = server.summary();
    EXPECT_TRUE(summary.printed) << server.process().output();
    EXPECT_EQ(summary.stopped, 1U);
}

TEST_P(EchoServerStop, without_grace_waits_for_nobody) {
    EchoServerProcess server(drydock, options({"--grace", "0"}));
    test::Crowd stubborn(server.port());
    ASSERT_TRUE(stubborn.join({.reads = false}));
    ASSERT_TRUE(stubborn.talk_until_nothing_moves(300ms));
    const auto start = test::Clock::now();
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_LT(test::Clock::now() - start, 5s) << "the grace time if none is given";
    EXPECT_TRUE(server.summary().printed) << server.process().output();
}

TEST_P(EchoServerStop, is_cut_short_by_a_second_ctrl_c) {
    EchoServerProcess server(drydock, options(long_grace));
    test::Crowd stubborn(server.port());
    ASSERT_TRUE(stubborn.join({.reads = false}));
    ASSERT_TRUE(stubborn.talk_until_nothing_moves(300ms));
    server.process().signal(SIGINT);
    bool listening = true;  // until it has taken note of the first one
    const auto end = test::Clock::now() + test::patience;
    while (listening && test::Clock::now() < end) {
        ASSERT_TRUE(server.process().runs_for(20ms)) << "it should be waiting for the client";
        listening = test::connect_to(server.port()).is_open();
    }
    ASSERT_TRUE(server.process().runs_for(500ms)) << "it should be waiting for the client";
    EXPECT_EQ(server.stop(SIGINT), Ending::killed(SIGINT)) << "as if it had no handler of Ctrl-C";
}

TEST_P(EchoServerStop, leaves_its_port_free_for_the_next_one) {
    EchoServerProcess server(drydock, options());
    TcpPeer peer(server.port());
    EXPECT_TRUE(peer.send("x"));
    EXPECT_EQ(peer.receive(1).bytes, "x");
    server.process().signal(SIGINT);
    EXPECT_EQ(peer.receive_rest().end, End::end_of_stream);
    peer.close();  // the server closed first, so what is left over of the connection is at its port
    EXPECT_EQ(server.process().wait(), Ending::exited(0));
    const std::string port = std::to_string(server.port());
    Process next(command(drydock, {"echo-server", port, "--bind", "127.0.0.1"}));
    EXPECT_EQ(next.read_line(), "listening on 127.0.0.1:" + port) << next.errors();
}

}  // namespace
}  // namespace drydock::e2e

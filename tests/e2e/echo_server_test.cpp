// The echo server's everyday: what it announces, its options, and the clients that are not in a
// hurry.
#include "tests/e2e/programs.hpp"
#include "tests/support/crowd.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::End;
using test::Received;
using test::TcpPeer;

std::string noise(std::size_t size) {
    std::string text(size, ' ');
    std::uint32_t state = 7;
    for (char& c : text) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
    }
    return text;
}

void expect_echo(TcpPeer& peer, const std::string& text) {
    EXPECT_TRUE(peer.send(text)) << "the connection should stand";
    const Received received = peer.receive(text.size());
    EXPECT_EQ(received.end, End::complete);
    EXPECT_EQ(received.bytes, text);
}

// --- what it announces ---------------------------------------------------------------------------

TEST(EchoServerAnnounces, the_port_that_it_has_got_for_port_0) {
    EchoServerProcess server(drydock, {"--bind", "127.0.0.1"});
    EXPECT_EQ(server.address(), "127.0.0.1");
    ASSERT_NE(server.port(), 0) << "the line should come while the server runs, through a pipe";
    TcpPeer peer(server.port());
    ASSERT_TRUE(peer.is_open()) << "somebody should listen where it says";
    expect_echo(peer, "hello");
}

TEST(EchoServerAnnounces, an_ipv6_address) {
    if (!test::TcpListener("::1").is_open()) {
        GTEST_SKIP() << "this machine has no ::1";
    }
    EchoServerProcess server(drydock, {"--bind", "::1"});
    EXPECT_EQ(server.address(), "[::1]") << server.process().errors();
    ASSERT_NE(server.port(), 0);
    TcpPeer peer(server.port(), "::1");
    ASSERT_TRUE(peer.is_open());
    expect_echo(peer, "hello");
    const Words arguments = {"echo-client", "::1", std::to_string(server.port())};
    EXPECT_EQ(run(drydock, arguments, "hello\n").ending, Ending::exited(0));
}

TEST(EchoServerAnnounces, nothing_when_it_does_not_listen) {
    const test::TcpListener other;
    const Outcome server =
        run(drydock, {"echo-server", std::to_string(other.port()), "--bind", "127.0.0.1"});
    EXPECT_EQ(server.output, "");
}

// --- what clients get ----------------------------------------------------------------------------

class EchoServer : public testing::TestWithParam<unsigned> {
protected:
    void stop_and_expect(std::uint64_t bytes) {
        EXPECT_EQ(server_.stop(), Ending::exited(0)) << server_.process().errors();
        const Summary summary = server_.summary();
        EXPECT_TRUE(summary.printed) << server_.process().output();
        EXPECT_EQ(summary.bytes_received, bytes);
        EXPECT_EQ(summary.bytes_sent, bytes);
    }

    EchoServerProcess server_{drydock, workers(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(, EchoServer, testing::Values(1U, 4U), workers_name);

TEST_P(EchoServer, answers_a_half_close_after_the_last_byte) {
    const std::string text = noise(1'000'000);
    TcpPeer peer(server_.port());
    ASSERT_TRUE(peer.is_open());
    const Received received = peer.exchange(text);
    EXPECT_EQ(received.end, End::end_of_stream) << "all is echoed, then the stream ends";
    EXPECT_TRUE(received.bytes == text)
        << "exactly what was sent should come back; " << received.bytes.size() << " bytes came";
    stop_and_expect(text.size());
}

TEST_P(EchoServer, answers_a_half_close_without_a_byte) {
    TcpPeer peer(server_.port());
    const Received received = peer.exchange("");
    EXPECT_EQ(received.end, End::end_of_stream);
    EXPECT_EQ(received.bytes, "");
}

TEST_P(EchoServer, returns_a_trickle_byte_by_byte) {
    const std::string text = noise(1000);
    TcpPeer peer(server_.port());
    for (const char c : text) {
        ASSERT_TRUE(peer.send({&c, 1}));
        const Received received = peer.receive(1);
        ASSERT_EQ(received.end, End::complete);
        ASSERT_EQ(received.bytes[0], c) << "each byte is answered before the next one comes";
    }
    for (const char c : text) ASSERT_TRUE(peer.send({&c, 1}));
    EXPECT_EQ(peer.receive(text.size()).bytes, text);
    stop_and_expect(2 * text.size());
}

TEST_P(EchoServer, serves_others_while_one_does_not_read) {
    test::Crowd crowd(server_.port());
    ASSERT_TRUE(crowd.join({.reads = false}));
    crowd.talk_for(200ms);
    TcpPeer other(server_.port());
    expect_echo(other, noise(100'000));
}

TEST_P(EchoServer, keeps_apart_what_many_clients_send) {
    test::Crowd crowd(server_.port());
    std::uint64_t bytes = 0;
    for (std::uint64_t i = 0; i < 200; ++i) {
        const std::uint64_t size = i * i * 7 % 100'003;
        ASSERT_TRUE(crowd.join({.bytes = size}));
        bytes += size;
    }
    ASSERT_TRUE(crowd.talk_to_the_end()) << "every stream should come to its end";
    EXPECT_EQ(crowd.wrong(), 0U) << "clients got bytes that are not theirs";
    EXPECT_EQ(crowd.count(test::Member::State::ended), 200U);
    EXPECT_EQ(crowd.received(), bytes);
    stop_and_expect(bytes);
}

TEST_P(EchoServer, survives_clients_that_reset_in_the_middle) {
    test::Crowd crowd(server_.port());
    for (std::uint64_t i = 0; i < 100; ++i) {
        ASSERT_TRUE(crowd.join({.resets_at = 1 + i * 500}));
        ASSERT_TRUE(crowd.join({.bytes = 50'000}));
    }
    ASSERT_TRUE(crowd.talk_to_the_end());
    EXPECT_EQ(crowd.wrong(), 0U);
    EXPECT_EQ(crowd.count(test::Member::State::ended), 100U);
    EXPECT_EQ(crowd.count(test::Member::State::has_reset), 100U);
    EXPECT_EQ(server_.stop(), Ending::exited(0));
    const Summary summary = server_.summary();
    EXPECT_EQ(summary.ended, 100U);
    EXPECT_EQ(summary.failed + summary.stopped, 100U) << "some resets may come after the Ctrl-C";
}

// --- its options ---------------------------------------------------------------------------------

TEST(EchoServerOptions, idle_timeout_closes_what_does_not_move_and_nothing_else) {
    EchoServerProcess server(drydock, {"--idle-timeout", "3"});
    TcpPeer idle(server.port());
    TcpPeer busy(server.port());
    const auto end = test::Clock::now() + test::patience;
    Received rest;
    while (rest.end == End::timed_out && test::Clock::now() < end) {
        expect_echo(busy, "x");
        ASSERT_TRUE(server.process().runs_for(50ms));
        rest = idle.receive_rest(0ms);
    }
    EXPECT_EQ(rest.end, End::end_of_stream) << "the idle connection should have been closed";
    expect_echo(busy, "still here");
    EXPECT_EQ(busy.receive_rest().end, End::end_of_stream) << "idle now, too";
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().idle, 2U);
}

TEST(EchoServerOptions, idle_timeout_closes_who_does_not_read) {
    EchoServerProcess server(drydock, {"--idle-timeout", "0.5"});
    test::Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join({.reads = false}));
    EXPECT_TRUE(crowd.talk_to_the_end()) << "once all buffers are full, nothing moves";
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().idle, 1U);
}

TEST(EchoServerOptions, without_idle_timeout_nobody_is_closed) {
    EchoServerProcess server(drydock);
    TcpPeer peer(server.port());
    EXPECT_EQ(peer.receive(1, 1500ms).end, End::timed_out);
    expect_echo(peer, "still here");
}

TEST(EchoServerOptions, max_connections_closes_those_over_it) {
    EchoServerProcess server(drydock, {"--max-connections", "2"});
    TcpPeer first(server.port());
    TcpPeer second(server.port());
    expect_echo(first, "1");
    expect_echo(second, "2");
    TcpPeer third(server.port());
    EXPECT_EQ(third.receive_rest().end, End::end_of_stream) << "the third is one too many";
    expect_echo(first, "1");

    EXPECT_EQ(second.exchange("bye").bytes, "bye");
    TcpPeer fourth(server.port());
    expect_echo(fourth, "4");
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().served, 3U);
    EXPECT_EQ(server.summary().rejected, 1U);
}

TEST(EchoServerOptions, a_buffer_of_one_byte_is_enough) {
    EchoServerProcess server(drydock, {"--buffer-size", "1"});
    TcpPeer peer(server.port());
    const std::string text = noise(2000);
    EXPECT_EQ(peer.exchange(text).bytes, text);
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().messages, text.size());
}

TEST(EchoServerOptions, log_level_decides_what_standard_error_gets) {
    EchoServerProcess told(drydock);
    EXPECT_TRUE(told.process().wait_for_errors("event=serving backend="));
    EXPECT_EQ(told.stop(), Ending::exited(0));
    EchoServerProcess quiet(drydock, {"--log-level", "warning"});
    EXPECT_EQ(quiet.stop(), Ending::exited(0));
    EXPECT_EQ(quiet.process().errors(), "");
}

}  // namespace
}  // namespace drydock::e2e

// The echo server against mock sockets: what it does at each turn of a connection's life.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/server_probes.hpp>

#include "src/echo/server.hpp"
#include "tests/support/mocks.hpp"
#include "tests/support/server_test.hpp"

namespace drydock::echo {
namespace {

using namespace std::chrono_literals;
using test::Door;
using test::MockListener;
using test::MockQueue;
using test::MockSocket;
using test::Wire;
using testing::_;
using testing::An;
using testing::InSequence;
using testing::NiceMock;

class EchoServer : public test::ServerTest<Server, ServerOptions> {
protected:
    /// The client sends `text` and reads all of its echo.
    void exchange(Wire& wire, std::string_view text) {
        wire.deliver(text);
        queue_.pump();
        wire.take_all();
        queue_.pump();
    }

    /// How long the server has paused after each shortage, in milliseconds.
    std::vector<std::int64_t> pauses() const { return log_.numbers("accept failed", "retry_ms"); }
};

// --- a connection --------------------------------------------------------------------------------

TEST_F(EchoServer, SendsBackWhatItReceives) {
    start();
    Wire& wire = connect();
    wire.deliver("hello");
    queue_.pump();
    EXPECT_EQ(wire.offered(), "hello") << "the bytes received should be offered to be sent";
    wire.take_all();
    queue_.pump();
    exchange(wire, "world");
    EXPECT_EQ(wire.sent(), "helloworld");
}

TEST_F(EchoServer, GoesOnWithTheRestAfterAShortSend) {
    start();
    Wire& wire = connect();
    wire.deliver("abcdef");
    queue_.pump();
    for (const std::size_t count : {2U, 1U, 3U}) {
        EXPECT_FALSE(wire.receiving()) << "what was received is not all sent yet";
        wire.take(count);
        queue_.pump();
    }
    EXPECT_EQ(wire.sent(), "abcdef") << "three short sends should add up to the message";
    EXPECT_TRUE(wire.receiving());
}

TEST_F(EchoServer, HasNeverMoreThanOneReceiveOrSendInFlight) {
    start();
    Wire& wire = connect();
    for (int i = 0; i < 10; ++i) {
        EXPECT_TRUE(wire.receiving());
        EXPECT_FALSE(wire.sending());
        wire.deliver("x");
        queue_.pump();
        EXPECT_FALSE(wire.receiving()) << "no receive while the send is in flight: back-pressure";
        EXPECT_TRUE(wire.sending());
        wire.take_all();
        queue_.pump();
    }
}

TEST_F(EchoServer, ReceivesAtMostOneBufferAtOnce) {
    options_.buffer_size = 7;
    start();
    EXPECT_EQ(connect().room(), 7U);
}

TEST_F(EchoServer, ReceivesAndSendsAtMostOneTurnAtOnce) {
    options_.buffer_size = 1000;
    options_.turn_size = 10;
    start();
    Wire& wire = connect();
    EXPECT_EQ(wire.room(), 10U) << "so that a flooder's turn ends before long";
    wire.deliver("0123456789");
    queue_.pump();
    EXPECT_EQ(wire.offered(), "0123456789");
}

TEST_F(EchoServer, ClosesAfterTheLastByteWhenTheClientHalfCloses) {
    start();
    Wire& wire = connect();
    wire.deliver("last");
    queue_.pump();
    wire.take(3);
    queue_.pump();
    EXPECT_FALSE(wire.closed) << "one byte is still to be sent";
    wire.take(1);
    queue_.pump();
    wire.deliver_end();
    queue_.pump();
    EXPECT_TRUE(wire.closed) << "0 bytes received mean the end of the stream";
    EXPECT_EQ(wire.sent(), "last");
    EXPECT_FALSE(wire.abortive);
}

TEST_F(EchoServer, KeepsTwoConnectionsApart) {
    start();
    Wire& first = connect();
    Wire& second = connect();
    first.deliver("one");
    second.deliver("two");
    queue_.pump();
    EXPECT_EQ(first.offered(), "one");
    EXPECT_EQ(second.offered(), "two");
}

TEST_F(EchoServer, EndsOnlyThatConnectionWhenAReceiveFails) {
    start();
    Wire& broken = connect();
    Wire& whole = connect();
    broken.fail_receive(Error::reset);
    queue_.pump();
    EXPECT_TRUE(broken.closed)
        << "IOCPEchoServ_win 5: a failed receive must not leak the connection";
    EXPECT_FALSE(whole.closed);
    exchange(whole, "still here");
    EXPECT_EQ(whole.sent(), "still here");
}

TEST_F(EchoServer, EndsOnlyThatConnectionWhenASendFails) {
    start();
    Wire& broken = connect();
    Wire& whole = connect();
    broken.deliver("abc");
    queue_.pump();
    broken.fail_send(Error::broken, 1);
    queue_.pump();
    EXPECT_TRUE(broken.closed) << "IOCPEchoServ_win 5: a failed send must not leak the connection";
    exchange(whole, "still here");
    EXPECT_EQ(whole.sent(), "still here");
}

// --- accepting -----------------------------------------------------------------------------------

TEST_F(EchoServer, GoesOnAcceptingAfterAConnectionThatWasResetTooEarly) {
    start();
    door_.fail(Error::reset);
    queue_.pump();
    EXPECT_EQ(door_.accepts(), 1U) << "the error of one connection must not end the listener";
    EXPECT_EQ(queue_.timers(), 0U) << "there is nothing to wait for";
    exchange(connect(), "next");
    EXPECT_EQ(wires_.back()->sent(), "next");
}

TEST_F(EchoServer, PausesLongerAndLongerWhileHandlesAreShort) {
    options_.accept_pause = 5ms;
    options_.accept_pause_max = 18ms;
    start();
    for (const Duration pause : {Duration(5ms), Duration(10ms), Duration(18ms), Duration(18ms)}) {
        door_.fail(Error::too_many_handles);
        queue_.pump();
        EXPECT_EQ(door_.accepts(), 0U) << "an accept at once would fail at once, for ever";
        EXPECT_EQ(queue_.next_timer(), pause) << "the pauses should double up to the longest";
        queue_.advance(pause - 1ns);
        EXPECT_EQ(door_.accepts(), 0U) << "the pause is not over";
        queue_.advance(1ns);
        EXPECT_EQ(door_.accepts(), 1U) << "after the pause it should accept again";
    }
    EXPECT_EQ(pauses(), (std::vector<std::int64_t>{5, 10, 18, 18}));
    exchange(connect(), "at last");
    EXPECT_EQ(wires_.back()->sent(), "at last");
    door_.fail(Error::no_buffers);
    queue_.pump();
    EXPECT_EQ(queue_.next_timer(), 5ms) << "a success should bring the pause back to the first";
}

TEST_F(EchoServer, StopsAtOnceWhileItPausesAccepting) {
    start();
    door_.fail(Error::too_many_handles);
    queue_.pump();
    server_->request_stop();
    queue_.pump();
    EXPECT_FALSE(running()) << "the stop should cut the pause short";
}

TEST_F(EchoServer, ClosesAtOnceWhatIsOverTheLimitOfConnections) {
    options_.max_connections = 2;
    start();
    Wire& first = connect();
    connect();
    Wire& third = connect();
    EXPECT_TRUE(third.closed);
    EXPECT_FALSE(first.closed) << "those inside the limit stay";
    first.deliver_end();
    queue_.pump();
    Wire& fourth = connect();
    EXPECT_FALSE(fourth.closed) << "a place that was left can be taken again";
    exchange(fourth, "in");
    EXPECT_EQ(fourth.sent(), "in");
}

TEST_F(EchoServer, RejectsWhatIsTooMuchFromOneAddressWhateverThePort) {
    options_.max_per_address = 2;
    start();
    Wire& first = connect();
    peer_ = Endpoint::loopback(1025);
    Wire& second = connect();
    peer_ = Endpoint::loopback(1026);
    Wire& third = connect();
    EXPECT_TRUE(third.closed) << "the third from there is one too many";
    EXPECT_THAT(log_.texts("connection rejected", "reason"),
                testing::ElementsAre("too many from its address"));
    EXPECT_THAT(log_.texts("connection rejected", "peer"), testing::ElementsAre("127.0.0.1:1026"));
    peer_ = Endpoint::ipv4({127, 0, 0, 2}, 1027);
    Wire& other = connect();
    EXPECT_FALSE(other.closed) << "another address has places of its own";
    first.deliver_end();
    queue_.pump();
    EXPECT_TRUE(first.closed);
    peer_ = Endpoint::loopback(1028);
    Wire& fourth = connect();
    EXPECT_FALSE(fourth.closed) << "the first has left its place";
    EXPECT_FALSE(second.closed);
    server_->request_stop();
    queue_.advance(options_.grace);
    EXPECT_EQ(server_->stats().rejected_address, 1U);
    EXPECT_EQ(server_->stats().accepted, 4U);
}

// --- idleness ------------------------------------------------------------------------------------

TEST_F(EchoServer, ClosesAConnectionOnWhichNothingMoves) {
    options_.idle_timeout = 100ms;
    start();
    Wire& silent = connect();
    Wire& busy = connect();
    for (int i = 0; i < 4; ++i) {
        queue_.advance(20ms);
        EXPECT_FALSE(silent.closed) << "the timeout has not passed";
        exchange(busy, ".");
    }
    queue_.advance(45ms);
    EXPECT_TRUE(silent.closed) << "the silent one should be closed within 1.25 timeouts";
    EXPECT_FALSE(busy.closed) << "the busy one should stay";
    EXPECT_FALSE(silent.shut_down) << "an idle connection is closed without lingering";
}

TEST_F(EchoServer, ClosesAConnectionWhoseClientDoesNotRead) {
    options_.idle_timeout = 100ms;
    start();
    Wire& wire = connect();
    wire.deliver("nobody reads this");
    queue_.advance(125ms);
    EXPECT_TRUE(wire.closed) << "a send that hangs for the timeout is idleness, too";
}

TEST_F(EchoServer, TakesEveryPartOfASendForMovement) {
    options_.idle_timeout = 100ms;
    start();
    Wire& wire = connect();
    wire.deliver("read slowly");
    for (int i = 0; i < 10; ++i) {
        queue_.advance(80ms);
        wire.take(1);
        queue_.pump();
    }
    queue_.advance(80ms);
    EXPECT_FALSE(wire.closed) << "a byte moved every 80 ms, the last of them 80 ms ago";
    queue_.advance(50ms);
    EXPECT_TRUE(wire.closed);
}

TEST_F(EchoServer, TakesAReceiveForMovementThoughItsEchoHasNotMovedYet) {
    options_.idle_timeout = 100ms;
    start();
    Wire& wire = connect();
    queue_.advance(80ms);
    wire.deliver("now");
    queue_.advance(80ms);
    EXPECT_FALSE(wire.closed) << "bytes came 80 ms ago";
}

TEST_F(EchoServer, SendsInPartsThatASlowClientCompletesInTimeWhereTheIdleTimeoutWatches) {
    options_.idle_timeout = 1s;
    options_.buffer_size = 1 << 20;
    start();
    Wire& wire = connect();
    wire.deliver(std::string(100'000, 'x'));
    queue_.pump();
    EXPECT_EQ(wire.offered().size(), 64U * 1024);
    wire.take_all();
    queue_.pump();
    EXPECT_EQ(wire.offered().size(), 100'000U - 64 * 1024);
}

TEST_F(EchoServer, NeverClosesForIdlenessUnlessAsked) {
    start();
    Wire& wire = connect();
    queue_.advance(1000h);
    EXPECT_FALSE(wire.closed);
}

// --- stopping ------------------------------------------------------------------------------------

TEST_F(EchoServer, InterruptsHalfClosesAndLingersWhenItStops) {
    start();
    Wire& wire = connect();
    {
        const InSequence in_this_order;
        EXPECT_CALL(*socket_, interrupt_receive());
        EXPECT_CALL(*socket_, shutdown_send());
        EXPECT_CALL(*socket_, receive(_, An<MutableBuffer>())).Times(2);
    }
    EXPECT_CALL(*socket_, cancel()).Times(0);
    server_->request_stop();
    queue_.pump();
    EXPECT_TRUE(door_.closed) << "the listener goes first";
    EXPECT_TRUE(wire.shut_down) << "with nothing to send, its side should be closed at once";
    EXPECT_FALSE(wire.closed) << "it should wait for the client to close its side";
    wire.deliver("too late");
    queue_.pump();
    EXPECT_TRUE(wire.receiving()) << "late bytes should be read away";
    EXPECT_EQ(wire.sent(), "") << "and not be sent back: the half close is done";
    wire.deliver_end();
    queue_.pump();
    EXPECT_TRUE(wire.closed);
    EXPECT_FALSE(running()) << "with the last connection the server should end";
}

TEST_F(EchoServer, SendsAllThatItHasReceivedBeforeItStops) {
    start();
    Wire& wire = connect();
    wire.deliver("abc");
    queue_.pump();
    server_->request_stop();
    queue_.pump();
    EXPECT_FALSE(wire.shut_down) << "a send is in flight";
    wire.take(1);
    queue_.pump();
    EXPECT_FALSE(wire.shut_down) << "two bytes are left";
    wire.take_all();
    queue_.pump();
    EXPECT_TRUE(wire.shut_down);
    EXPECT_EQ(wire.sent(), "abc");
    wire.deliver_end();
    queue_.pump();
    EXPECT_FALSE(running());
}

TEST_F(EchoServer, LingersNoLongerThanItShould) {
    options_.linger = 300ms;
    start();
    Wire& wire = connect();
    server_->request_stop();
    queue_.advance(299ms);
    EXPECT_FALSE(wire.closed);
    queue_.advance(1ms);
    EXPECT_TRUE(wire.closed) << "a client that never closes should be left after the linger time";
    EXPECT_FALSE(running());
}

TEST_F(EchoServer, CutsOffASendThatHangsWhenTheGraceIsOver) {
    options_.linger = 300ms;
    options_.grace = 2s;
    start();
    Wire& wire = connect();
    wire.deliver("nobody reads this");
    queue_.pump();
    server_->request_stop();
    queue_.advance(1999ms);
    EXPECT_FALSE(wire.canceled)
        << "unlike a lingering one, a sending connection has the whole grace";
    queue_.advance(1ms);
    EXPECT_TRUE(wire.closed);
    EXPECT_FALSE(running());
}

TEST_F(EchoServer, EndsAtOnceWhenItIsStoppedBeforeItRuns) {
    server_.emplace(queue_, std::make_unique<NiceMock<MockListener>>(door_), options_, log_);
    server_->request_stop();
    server_->request_stop();
    group_.spawn(server_->run());
    queue_.pump();
    EXPECT_FALSE(running()) << "a stop that comes before run() must not be forgotten";
    EXPECT_TRUE(door_.closed);
    EXPECT_EQ(server_->stats().accepted, 0U);
}

TEST_F(EchoServer, InterruptsAConnectionThatGetsItsTurnOnlyAfterTheStop) {
    start();
    queue_.hold_steps();
    Wire& wire = connect();
    ASSERT_EQ(queue_.held_steps(), 1U) << "the connection should be about to join the roster";
    // The step of the connection stays held while the stop goes through the monitor.
    server_->request_stop();
    queue_.pump();
    EXPECT_CALL(queue_, probe(testing::_)).Times(testing::AnyNumber());
    EXPECT_CALL(queue_, probe(server::probes::stop_before_join));
    queue_.release_steps_last_first();
    queue_.pump();
    EXPECT_TRUE(wire.shut_down) << "it missed the stop's round and must be told when it joins";
}

// --- counts --------------------------------------------------------------------------------------

TEST_F(EchoServer, CountsHowItsConnectionsEnded) {
    options_.max_connections = 3;
    options_.idle_timeout = 1h;
    start();
    Wire& ends = connect();
    exchange(ends, "12345");
    Wire& fails = connect();
    Wire& idles = connect();
    connect();  // one too many
    ends.deliver_end();
    fails.deliver("abc");
    queue_.pump();
    fails.fail_send(Error::reset, 1);
    queue_.pump();
    door_.fail(Error::reset);
    queue_.pump();
    queue_.advance(2h);
    EXPECT_TRUE(idles.closed);
    connect();
    door_.fail(Error::no_buffers);
    queue_.pump();
    server_->request_stop();
    queue_.advance(options_.grace);

    const ServerStats& stats = server_->stats();
    EXPECT_EQ(stats.accepted, 4U);
    EXPECT_EQ(stats.ended, 1U);
    EXPECT_EQ(stats.failed, 1U);
    EXPECT_EQ(stats.idle_closed, 1U);
    EXPECT_EQ(stats.stopped, 1U);
    EXPECT_EQ(stats.rejected, 1U);
    EXPECT_EQ(stats.accept_failures, 1U);
    EXPECT_EQ(stats.shortages, 1U);
    EXPECT_EQ(stats.messages, 2U);
    EXPECT_EQ(stats.bytes_received, 8U);
    EXPECT_EQ(stats.bytes_sent, 6U);
    EXPECT_EQ(stats.ended + stats.failed + stats.idle_closed + stats.stopped, stats.accepted)
        << "every connection served should be counted under one ending";
}

}  // namespace
}  // namespace drydock::echo

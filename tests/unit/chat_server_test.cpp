// The chat server against mock sockets: what it does at each turn of a member's life.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/chat/server.hpp"
#include "tests/support/mocks.hpp"
#include "tests/support/server_test.hpp"

namespace drydock::chat {
namespace {

using namespace std::chrono_literals;
using test::Wire;
using testing::ElementsAre;

class ChatServer : public test::ServerTest<Server, ServerOptions> {
protected:
    void say(Wire& wire, std::string_view bytes) {
        wire.deliver(bytes);
        queue_.pump();
    }

    /// The member reads all that there is for it.
    void read(Wire& wire) {
        while (wire.sending()) {
            wire.take_all();
            queue_.pump();
        }
    }

    std::vector<std::string> reasons(std::string_view event) const {
        return log_.texts(event, "reason");
    }
};

TEST_F(ChatServer, SendsALineToEveryMemberItsSenderIncluded) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "[one] hello\n");
    for (Wire* wire : {&one, &two}) {
        EXPECT_EQ(wire->offered(), "[one] hello\n");
        read(*wire);
    }
}

TEST_F(ChatServer, WaitsForTheEndOfALine) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "[one] hel");
    EXPECT_FALSE(two.sending()) << "half a line is nobody's business yet";
    say(two, "[two] yes\n");
    say(one, "lo\nand");
    read(two);
    EXPECT_EQ(two.sent(), "[two] yes\n[one] hello\n");
}

TEST_F(ChatServer, SendsInOneGatherWhatHasPiledUp) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "1\n");
    EXPECT_EQ(two.offered(), "1\n");
    say(one, "2\n");
    say(one, "3\n");
    EXPECT_EQ(two.offered(), "1\n") << "one send at a time";
    two.take_all();
    queue_.pump();
    EXPECT_EQ(two.offered(), "2\n3\n");
    read(two);
    read(one);
}

TEST_F(ChatServer, GoesOnWithTheRestAfterAShortSend) {
    start();
    Wire& wire = connect();
    say(wire, "0123456789\n");
    wire.take(3);
    queue_.pump();
    EXPECT_EQ(wire.offered(), "3456789\n");
    say(wire, "next\n");
    wire.take(1);
    queue_.pump();
    EXPECT_EQ(wire.offered(), "456789\nnext\n");
}

TEST_F(ChatServer, GivesANewcomerNothingFromBeforeItCame) {
    start();
    Wire& one = connect();
    say(one, "before\nha");
    Wire& two = connect();
    say(one, "lf\n");
    read(two);
    EXPECT_EQ(two.sent(), "half\n");
}

TEST_F(ChatServer, TakesAnUnfinishedLineAtTheEndOfAStreamForALine) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "unfinished");
    one.deliver_end();
    queue_.pump();
    read(two);
    EXPECT_EQ(two.sent(), "unfinished\n");
    EXPECT_EQ(one.offered(), "unfinished\n") << "its sender gets it back, too";
    EXPECT_FALSE(one.closed);
    read(one);
    EXPECT_TRUE(one.closed) << "it has all that it was owed";
    EXPECT_FALSE(one.abortive) << "and sees an orderly end";
    EXPECT_THAT(reasons("member left"), ElementsAre("end of stream"));
}

TEST_F(ChatServer, DoesNotPublishHalfALineOfAConnectionThatFails) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "whole\nha");
    one.fail_receive(Error::reset);
    queue_.pump();
    read(two);
    EXPECT_EQ(two.sent(), "whole\n");
    EXPECT_TRUE(one.closed);
}

TEST_F(ChatServer, EndsAConnectionWhoseLineIsTooLongAfterTheGoodOnesBefore) {
    options_.max_line = 5;
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "12345\n123456");
    EXPECT_TRUE(one.canceled);
    EXPECT_TRUE(one.closed);
    read(two);
    EXPECT_EQ(two.sent(), "12345\n");
    EXPECT_THAT(reasons("member dropped"), ElementsAre("line over the limit"));
    EXPECT_FALSE(two.closed);
}

TEST_F(ChatServer, DropsAMemberThatDoesNotReadAndDelaysNobody) {
    options_.outbox_limit = 50;
    start();
    Wire& stopped = connect();
    Wire& reader = connect();
    std::string all;
    for (int i = 0; i < 30; ++i) {
        const std::string line = "line " + std::to_string(i) + "\n";
        all += line;
        say(reader, line);
        read(reader);
        EXPECT_EQ(reader.sent(), all) << "nobody waits for the one who does not read";
    }
    EXPECT_TRUE(stopped.closed);
    EXPECT_TRUE(stopped.abortive) << "an orderly end would look like the end of its lines";
    EXPECT_THAT(reasons("member dropped"), ElementsAre("too slow: outbox over its limit"));
}

TEST_F(ChatServer, StopsListeningToAMemberThatItCannotSendTo) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(two, "hello\n");
    one.fail_send(Error::broken, 2);
    queue_.pump();
    EXPECT_TRUE(one.closed);
    EXPECT_THAT(reasons("member left"), ElementsAre(sentence(Error::broken)));
    say(two, "still there\n");
    read(two);
    EXPECT_EQ(two.sent(), "hello\nstill there\n");
}

TEST_F(ChatServer, ReceivesFromAMemberWhileItSendsToIt) {
    start();
    Wire& wire = connect();
    say(wire, "one\n");
    EXPECT_TRUE(wire.sending());
    EXPECT_TRUE(wire.receiving()) << "or two who talk and do not read would wait for each other";
}

TEST_F(ChatServer, SendsWhatIsOwedBeforeAStopEndsAMember) {
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "last words\nha");
    server_->request_stop();
    queue_.pump();
    EXPECT_FALSE(one.receiving()) << "nobody listens to it any more";
    EXPECT_EQ(two.offered(), "last words\n");
    EXPECT_FALSE(two.shut_down);
    read(two);
    EXPECT_TRUE(two.shut_down) << "then it is told that nothing more will come";
    EXPECT_EQ(two.sent(), "last words\n") << "half a line is not whole because the server stops";
    EXPECT_FALSE(one.shut_down) << "the other one still has something to read";
    queue_.advance(options_.grace);
    EXPECT_TRUE(one.abortive) << "it did not read, and must not think that it has got all";
}

TEST_F(ChatServer, ClosesWhoDoesNothingForTheIdleTimeout) {
    options_.idle_timeout = 10s;
    start();
    Wire& idle = connect();
    queue_.advance(9s);
    EXPECT_FALSE(idle.closed);
    queue_.advance(4s);
    EXPECT_TRUE(idle.closed);
    EXPECT_THAT(reasons("member dropped"), ElementsAre("idle"));
}

TEST_F(ChatServer, DoesNotTakeAListenerWhoIsSpokenToForIdle) {
    options_.idle_timeout = 10s;
    start();
    Wire& talker = connect();
    Wire& listener = connect();
    for (int i = 0; i < 10; ++i) {
        say(talker, "still here\n");
        read(talker);
        read(listener);
        queue_.advance(5s);
    }
    EXPECT_FALSE(listener.closed);
}

// --- fairness ------------------------------------------------------------------------------------

/// One talks, and one does not read: 1600 bytes are the limit, so a share is 400 and a piece 100.
class FairChat : public ChatServer {
protected:
    void SetUp() override {
        options_.outbox_limit = 1600;
        options_.speaker_share = 400;
        options_.least_rate = 100;
        start();
        talker_ = &connect();
        slow_ = &connect();
    }

    /// So many bytes at once, whose sender reads them.
    void talk(std::size_t bytes) {
        say(*talker_, std::string(bytes - 1, 'x') + "\n");
        read(*talker_);
    }

    Wire* talker_ = nullptr;
    Wire* slow_ = nullptr;
};

TEST_F(FairChat, HoldsAMemberThatTalksFasterThanTheSlowestReads) {
    talk(400);
    EXPECT_TRUE(talker_->receiving()) << "that much is its share";
    talk(100);
    EXPECT_FALSE(talker_->receiving()) << "no more of it is received";
    read(*slow_);
    EXPECT_TRUE(talker_->receiving()) << "the slowest has taken all of it";
    talk(400);
    EXPECT_TRUE(talker_->receiving());
}

TEST_F(FairChat, ReceivesFromTheOthersMeanwhile) {
    talk(500);
    EXPECT_TRUE(slow_->receiving()) << "it has said nothing";
    say(*slow_, "but I do\n");
    read(*talker_);
    EXPECT_TRUE(talker_->sent().ends_with("but I do\n"));
}

TEST_F(FairChat, LetsAHeldMemberGoOnAtTheLeastRate) {
    talk(500);
    queue_.advance(4900ms);
    EXPECT_FALSE(talker_->receiving()) << "500 bytes at 100 a second";
    queue_.advance(200ms);
    EXPECT_TRUE(talker_->receiving()) << "the one who does not read must not silence it";
    talk(100);
    queue_.advance(900ms);
    EXPECT_FALSE(talker_->receiving()) << "and so on: it is still too far ahead";
    queue_.advance(200ms);
    EXPECT_TRUE(talker_->receiving());
}

TEST_F(FairChat, DropsTheMemberThatReadsLessThanTheLeastRate) {
    for (int i = 0; i < 20 && !slow_->closed; ++i) {
        talk(100);
        queue_.advance(5s);
    }
    EXPECT_TRUE(slow_->closed);
    EXPECT_THAT(reasons("member dropped"), ElementsAre("too slow: outbox over its limit"));
    EXPECT_TRUE(talker_->receiving()) << "and nobody holds the other any more";
}

TEST_F(FairChat, EndsAHoldWhenTheServerStops) {
    talk(500);
    ASSERT_FALSE(talker_->receiving());
    server_->request_stop();
    queue_.advance(150ms);
    EXPECT_TRUE(talker_->shut_down) << "it is told that nothing more will come";
}

TEST_F(ChatServer, HasAnEighthOfTheOutboxLimitForEachSpeakerUnlessToldOtherwise) {
    options_.outbox_limit = 16000;
    options_.buffer_size = 16000;
    start();
    Wire& talker = connect();
    connect();
    say(talker, std::string(1999, 'x') + "\n");
    read(talker);
    EXPECT_TRUE(talker.receiving());
    say(talker, "\n");
    read(talker);
    EXPECT_FALSE(talker.receiving());
    queue_.advance(1ms);
    EXPECT_TRUE(talker.receiving()) << "one byte at a quarter of the limit a second";
}

TEST_F(FairChat, CountsItsHolds) {
    talk(500);
    read(*slow_);
    talk(500);
    read(*slow_);
    server_->request_stop();
    queue_.advance(options_.grace);
    EXPECT_EQ(server_->stats().holds, 2U);
}

TEST_F(ChatServer, DoesNotTakeAHeldMemberForIdle) {
    options_.outbox_limit = 1600;
    options_.least_rate = 10;
    options_.idle_timeout = 10s;
    start();
    Wire& talker = connect();
    Wire& slow = connect();
    say(talker, std::string(500, 'x') + "\n");
    read(talker);
    for (int i = 0; i < 10; ++i) {
        queue_.advance(4s);
        if (slow.sending()) slow.take(1);
        queue_.pump();
    }
    EXPECT_FALSE(talker.closed) << "the server itself keeps it from talking";
}

TEST_F(ChatServer, AsksTheSystemToKeepLittleUnsent) {
    auto listener = std::make_unique<testing::NiceMock<test::MockListener>>(door_);
    EXPECT_CALL(*listener, limit_unsent(64 * 1024));
    server_.emplace(queue_, std::move(listener), options_, log_);
    group_.spawn(server_->run());
    queue_.pump();
}

TEST_F(ChatServer, CountsWhatHasHappened) {
    options_.max_line = 10;
    start();
    Wire& one = connect();
    Wire& two = connect();
    say(one, "1\n22\n333\n");
    read(one);
    read(two);
    one.deliver_end();
    queue_.pump();
    say(two, "far too long a line");
    server_->request_stop();
    queue_.advance(options_.grace);
    const ServerStats stats = server_->stats();
    EXPECT_EQ(stats.accepted, 2U);
    EXPECT_EQ(stats.ended, 1U);
    EXPECT_EQ(stats.dropped, 1U);
    EXPECT_EQ(stats.dropped_too_long, 1U);
    EXPECT_EQ(stats.dropped_slow, 0U);
    EXPECT_EQ(stats.lines, 3U);
    EXPECT_EQ(stats.bytes_received, 9U + 19U);
    EXPECT_EQ(stats.bytes_sent, 18U);
}

TEST_F(ChatServer, TellsWhoJoinsAndHowManyThereAre) {
    start();
    connect();
    connect();
    EXPECT_THAT(log_.numbers("member joined", "member"), ElementsAre(1, 2));
    EXPECT_THAT(log_.numbers("member joined", "members"), ElementsAre(1, 2));
}

}  // namespace
}  // namespace drydock::chat

// The transcript and the roster: what each member is owed, and who is dropped.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/chat/roster.hpp"
#include "src/chat/share.hpp"

namespace drydock::chat {
namespace {

using testing::InSequence;
using testing::StrictMock;

std::span<const std::byte> bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

std::string text_of(const Passage& passage) {
    std::string text;
    for (const ConstBuffer& buffer : passage.buffers()) {
        text += as_text({buffer.data, buffer.size});
    }
    return text;
}

// --- the transcript ------------------------------------------------------------------------------

TEST(Transcript, QuotesWhatWasAppendedAcrossItsPieces) {
    Transcript transcript(4);
    transcript.add_reader();
    transcript.append(bytes_of("hello, "));
    transcript.append(bytes_of("world"));
    Passage passage;
    transcript.quote(0, transcript.end(), passage);
    EXPECT_EQ(text_of(passage), "hello, world");
    EXPECT_EQ(passage.buffers().size(), 3U) << "pieces of 4 bytes, each of them one buffer";
    transcript.quote(3, 9, passage);
    EXPECT_EQ(text_of(passage), "lo, wo");
}

TEST(Transcript, QuotesAsMuchAsAPassageHolds) {
    Transcript transcript(2);
    transcript.add_reader();
    transcript.append(bytes_of(std::string(100, 'x')));
    Passage passage;
    transcript.quote(0, 100, passage);
    EXPECT_EQ(passage.size(), 2 * Passage::capacity);
}

TEST(Transcript, ForgetsWhatEveryReaderHasPassed) {
    Transcript transcript(4);
    transcript.add_reader();
    transcript.add_reader();
    transcript.append(bytes_of("0123456789"));
    transcript.move_reader(0, 9);
    EXPECT_EQ(transcript.begin(), 0U) << "one reader is still at the beginning";
    transcript.move_reader(0, 5);
    EXPECT_EQ(transcript.begin(), 4U);
    EXPECT_EQ(transcript.held(), 8U) << "two pieces are still needed";
    transcript.remove_reader(5);
    EXPECT_EQ(transcript.begin(), 8U);
    transcript.remove_reader(9);
}

TEST(Transcript, HoldsNothingForNobody) {
    Transcript transcript(4);
    for (int i = 0; i < 1000; ++i) transcript.append(bytes_of("abc"));
    EXPECT_LE(transcript.held(), 4U);
}

TEST(Transcript, KeepsAPassagesBytesWhenItForgets) {
    Transcript transcript(4);
    transcript.add_reader();
    transcript.append(bytes_of("01234567"));
    Passage passage;
    transcript.quote(0, 8, passage);
    transcript.remove_reader(0);
    for (int i = 0; i < 100; ++i) transcript.append(bytes_of("other bytes"));
    EXPECT_EQ(text_of(passage), "01234567");
}

// --- the roster ----------------------------------------------------------------------------------

class MockSignals : public MemberSignals {
public:
    MOCK_METHOD(void, wake, (), (noexcept, override));
    MOCK_METHOD(void, drop, (), (noexcept, override));
};

/// A member, and its writer as the test plays it.
struct TestMember {
    explicit TestMember(Roster& its_roster) : roster(its_roster), outbox(signals) {}

    void join() {
        roster.join(outbox);
        EXPECT_EQ(next(), Roster::Next::wait) << "who has just come is owed nothing";
    }
    Roster::Next next(std::size_t sent = 0) { return roster.next(outbox, sent, passage, woken); }
    void leave() {
        roster.leave(outbox, woken);
        woken.wake_all();
    }

    Roster& roster;
    StrictMock<MockSignals> signals;
    Outbox outbox;
    Passage passage;
    WakeList woken;  // by next(): held speakers
};

class RosterTest : public testing::Test {
protected:
    void publish(std::string_view lines) {
        const ConstBuffer parts[] = {lines};
        WakeList woken;
        roster_.publish(outsider_, parts, woken);
        woken.wake_all();
    }

    StrictMock<MockSignals> nobody_;
    Outbox outsider_{nobody_};  // speaks without being a member: no share counts for it
    static constexpr std::size_t limit = 100;
    Roster roster_{limit};
};

TEST_F(RosterTest, GivesALineToEveryMemberAndWakesThoseWhoWaitInTheirOrder) {
    TestMember one(roster_);
    TestMember two(roster_);
    one.join();
    two.join();
    {
        const InSequence order;
        EXPECT_CALL(one.signals, wake());
        EXPECT_CALL(two.signals, wake());
    }
    publish("a line\n");
    for (TestMember* member : {&one, &two}) {
        ASSERT_EQ(member->next(), Roster::Next::send);
        EXPECT_EQ(text_of(member->passage), "a line\n");
    }
}

TEST_F(RosterTest, WakesNobodyWhoIsSending) {
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake()).Times(1);
    publish("one\n");
    ASSERT_EQ(member.next(), Roster::Next::send);
    publish("two\n");
    publish("three\n");
    ASSERT_EQ(member.next(4), Roster::Next::send) << "what has piled up meanwhile";
    EXPECT_EQ(text_of(member.passage), "two\nthree\n") << "goes out in one send";
    EXPECT_EQ(member.next(10), Roster::Next::wait);
}

TEST_F(RosterTest, WakesNobodyInsideTheMonitor) {
    TestMember member(roster_);
    member.join();
    const ConstBuffer parts[] = {std::string_view("line\n")};
    WakeList woken;
    roster_.publish(outsider_, parts, woken);  // a strict mock: a wake-up here would fail
    testing::Mock::VerifyAndClearExpectations(&member.signals);
    EXPECT_CALL(member.signals, wake());
    woken.wake_all();
}

TEST_F(RosterTest, GoesOnWithTheRestAfterAShortSend) {
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake());
    publish("0123456789\n");
    ASSERT_EQ(member.next(), Roster::Next::send);
    ASSERT_EQ(member.next(4), Roster::Next::send);
    EXPECT_EQ(text_of(member.passage), "456789\n");
}

TEST_F(RosterTest, OwesAMemberExactlyTheLinesBetweenItsJoinAndItsLeave) {
    TestMember before(roster_);
    before.join();
    EXPECT_CALL(before.signals, wake());
    publish("before\n");
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake());
    publish("between\n");
    member.leave();
    publish("after\n");
    ASSERT_EQ(member.next(), Roster::Next::send);
    EXPECT_EQ(text_of(member.passage), "between\n");
    EXPECT_EQ(member.next(8), Roster::Next::end);
    EXPECT_TRUE(roster_.is_complete(member.outbox));
    EXPECT_EQ(roster_.size(), 1U);
}

TEST_F(RosterTest, WakesAWaitingMemberThatLeaves) {
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake());
    member.leave();
    EXPECT_EQ(member.next(), Roster::Next::end);
    EXPECT_TRUE(roster_.is_complete(member.outbox));
}

TEST_F(RosterTest, WakesAMemberOnceWhenALineAndItsLeaveComeTogether) {
    TestMember member(roster_);
    member.join();
    const ConstBuffer parts[] = {std::string_view("line\n")};
    WakeList of_line;
    roster_.publish(outsider_, parts, of_line);
    member.leave();  // it is in the other list: nobody else may wake it
    EXPECT_CALL(member.signals, wake());
    of_line.wake_all();
}

TEST_F(RosterTest, DropsWhoIsBehindByMoreThanTheLimitWhenALineComes) {
    TestMember slow(roster_);
    TestMember quick(roster_);
    slow.join();
    quick.join();
    EXPECT_CALL(slow.signals, wake());
    EXPECT_CALL(quick.signals, wake()).Times(testing::AnyNumber());
    publish(std::string(limit, 'x') + "\n");
    ASSERT_EQ(slow.next(), Roster::Next::send);
    ASSERT_EQ(quick.next(), Roster::Next::send);
    while (quick.next(quick.passage.size()) == Roster::Next::send) {}
    EXPECT_FALSE(roster_.is_dropped(slow.outbox)) << "what one line adds is not its fault";
    EXPECT_CALL(slow.signals, drop());
    publish("one more\n");
    EXPECT_TRUE(roster_.is_dropped(slow.outbox));
    EXPECT_FALSE(roster_.is_dropped(quick.outbox));
    EXPECT_EQ(slow.next(), Roster::Next::end) << "its writer has nothing more to do";
    EXPECT_EQ(roster_.size(), 1U);
}

TEST_F(RosterTest, DropsNobodyAtTheLimitItself) {
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake());
    publish(std::string(limit - 1, 'x') + "\n");
    publish("y\n");  // a strict mock: a drop would fail
    EXPECT_EQ(roster_.size(), 1U);
}

TEST_F(RosterTest, CountsWhatIsBeingSentAsOwed) {
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake());
    publish(std::string(limit, 'x') + "\n");
    ASSERT_EQ(member.next(), Roster::Next::send) << "all of it is in flight";
    EXPECT_CALL(member.signals, drop());
    publish("y\n");
}

TEST_F(RosterTest, HoldsNoMoreThanTheLimitAndOneLineWhoeverIsSlow) {
    TestMember slow(roster_);
    slow.join();
    EXPECT_CALL(slow.signals, wake());
    EXPECT_CALL(slow.signals, drop());
    std::size_t most = 0;
    for (int i = 0; i < 1000; ++i) {
        publish("0123456789\n");
        most = std::max(most, roster_.held());
    }
    EXPECT_LE(most, limit + 11 + 2 * 64) << "in whole pieces of 64 bytes";
    EXPECT_LE(roster_.held(), 64U) << "nobody is left to hold anything for";
}

TEST_F(RosterTest, DropsAMemberThatHasLeftAndDoesNotReadEither) {
    TestMember slow(roster_);
    slow.join();
    EXPECT_CALL(slow.signals, wake());
    publish("owed\n");
    ASSERT_EQ(slow.next(), Roster::Next::send);
    slow.leave();
    EXPECT_CALL(slow.signals, drop());
    for (int i = 0; i < 20; ++i) publish("0123456789\n");
    EXPECT_EQ(slow.next(), Roster::Next::end);
    EXPECT_FALSE(roster_.is_complete(slow.outbox));
}

TEST_F(RosterTest, ForgetsAMemberWhoseWriterHasGivenUp) {
    TestMember member(roster_);
    member.join();
    EXPECT_CALL(member.signals, wake());
    publish("line\n");
    ASSERT_EQ(member.next(), Roster::Next::send);
    roster_.abandon(member.outbox, member.woken);
    EXPECT_EQ(roster_.size(), 0U);
    EXPECT_FALSE(roster_.is_complete(member.outbox));
    member.leave();
    for (int i = 0; i < 100; ++i) publish("0123456789\n");  // strict: neither wake nor drop
    EXPECT_EQ(member.next(), Roster::Next::end);
}

TEST_F(RosterTest, StaysExactWhileMembersComeAndGo) {
    std::vector<std::unique_ptr<TestMember>> members;
    std::vector<std::string> heard(40);
    std::vector<std::string> owed(40);
    for (std::size_t round = 0; round < owed.size(); ++round) {
        members.push_back(std::make_unique<TestMember>(roster_));
        TestMember& newcomer = *members.back();
        EXPECT_CALL(newcomer.signals, wake()).Times(testing::AnyNumber());
        EXPECT_CALL(newcomer.signals, drop()).Times(testing::AnyNumber());
        newcomer.join();
        const std::string line = "line " + std::to_string(round) + "\n";
        publish(line);
        // Everybody stays for five lines, and reads in the end.
        for (std::size_t i = round < 4 ? 0 : round - 4; i <= round; ++i) owed[i] += line;
        if (round >= 4) members[round - 4]->leave();
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        members[i]->leave();
        std::size_t sent = 0;
        while (members[i]->next(sent) == Roster::Next::send) {
            heard[i] += text_of(members[i]->passage);
            sent = members[i]->passage.size();
        }
        // The first were left behind by more than the limit.
        if (roster_.is_dropped(members[i]->outbox)) continue;
        EXPECT_EQ(heard[i], owed[i]) << "member " << i;
    }
    EXPECT_EQ(heard.back(), owed.back());
}

// --- shares --------------------------------------------------------------------------------------

TEST(Share, CountsWhatTheSlowestReaderHasStillToTake) {
    Share share;
    EXPECT_EQ(share.bytes(0), 0U);
    share.add(10, 10, 0);
    EXPECT_EQ(share.bytes(0), 10U);
    share.add(5, 40, 0);  // others have published 25 bytes in between
    EXPECT_EQ(share.bytes(0), 15U);
    EXPECT_EQ(share.bytes(10), 5U) << "the first ten are taken";
    EXPECT_EQ(share.bytes(39), 5U);
    EXPECT_EQ(share.bytes(40), 0U) << "all are taken";
    share.add(7, 50, 43);
    EXPECT_EQ(share.bytes(43), 7U);
}

TEST(Share, IsNeverTooLowHoweverTheReaderMoves) {
    for (std::uint64_t step = 1; step < 30; ++step) {
        Share share;
        std::uint64_t end = 0;
        std::uint64_t slowest = 0;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> published;  // from, to
        for (int i = 0; i < 200; ++i) {
            const std::uint64_t others = (static_cast<std::uint64_t>(i) * 7) % 11;
            published.emplace_back(end + others, end + others + 3);
            end += others + 3;
            share.add(3, end, slowest);
            slowest = std::min(end, slowest + step);
            std::uint64_t left = 0;
            for (const auto& [from, to] : published) {
                left += to - std::clamp(slowest, from, to);
            }
            ASSERT_GE(share.bytes(slowest), left) << "step " << step << ", publishing " << i;
        }
        EXPECT_EQ(share.bytes(end), 0U) << "in the end all is taken";
    }
}

TEST(Share, OfMoreThan4GibIsStillTooMuch) {
    Share share;
    share.add(~std::uint64_t{0} / 2, 10, 0);
    share.add(1, 11, 0);
    EXPECT_GE(share.bytes(0), 0xffffffffU);
}

/// A member that talks faster than another one listens.
class FairRosterTest : public testing::Test {
protected:
    static constexpr std::size_t limit = 16 * 1024;
    static constexpr std::size_t piece = limit / 16;
    static constexpr std::size_t share = limit / 8;

    struct TestHeld : HeldSpeaker {
        using HeldSpeaker::HeldSpeaker;
        void go_on() noexcept override { ++gone_on; }
        int gone_on = 0;
    };

    void SetUp() override {
        for (TestMember* member : {&flooder_, &polite_, &reader_}) {
            EXPECT_CALL(member->signals, wake()).Times(testing::AnyNumber());
            member->join();
        }
    }

    bool publish(TestMember& speaker, std::size_t size) {
        const std::string line(size, 'x');
        const ConstBuffer parts[] = {std::string_view(line)};
        WakeList woken;
        const bool over = roster_.publish(speaker.outbox, parts, woken);
        woken.wake_all();
        return over;
    }

    /// The member takes so many bytes.
    void read(TestMember& member, std::size_t bytes) {
        ASSERT_EQ(member.next(), Roster::Next::send);
        for (std::size_t taken = 0; taken < bytes;) {
            const std::size_t some = std::min(bytes - taken, member.passage.size());
            taken += some;
            const bool all = roster_.behind(member.outbox) == some;
            ASSERT_EQ(member.next(some), all ? Roster::Next::wait : Roster::Next::send);
        }
    }
    void read_all(TestMember& member) { read(member, roster_.behind(member.outbox)); }

    Roster roster_{limit, share};
    TestMember flooder_{roster_};
    TestMember polite_{roster_};
    TestMember reader_{roster_};
};

TEST_F(FairRosterTest, ASpeakerHasTooMuchWhenTheSlowestIsBehindByMoreThanItsShare) {
    EXPECT_FALSE(publish(flooder_, share)) << "that much is its share";
    EXPECT_TRUE(publish(flooder_, 1));
    EXPECT_FALSE(publish(polite_, 100)) << "another's flood is not its own";
}

TEST_F(FairRosterTest, ASpeakerWhoseLinesAllHaveTakenNeverHasTooMuch) {
    for (int i = 0; i < 100; ++i) {
        EXPECT_FALSE(publish(flooder_, share)) << i;
        for (TestMember* member : {&flooder_, &polite_, &reader_}) read_all(*member);
    }
}

TEST_F(FairRosterTest, AHeldSpeakerGoesOnWhenTheSlowestHasTakenEnough) {
    ASSERT_TRUE(publish(flooder_, 2 * share));
    TestHeld held(flooder_.outbox);
    ASSERT_TRUE(roster_.hold(held));
    EXPECT_EQ(roster_.held_speakers(), 1U);
    read_all(flooder_);
    read_all(polite_);
    reader_.woken.wake_all();
    EXPECT_EQ(held.gone_on, 0) << "one has still to take all of it";
    read_all(reader_);
    EXPECT_EQ(roster_.held_speakers(), 0U);
    EXPECT_EQ(held.gone_on, 0) << "not inside of the monitor";
    reader_.woken.wake_all();
    EXPECT_EQ(held.gone_on, 1);
    EXPECT_FALSE(roster_.let_go(held)) << "it has gone on";
}

TEST_F(FairRosterTest, AHeldSpeakerGoesOnWhenTheSlowestIsDropped) {
    ASSERT_TRUE(publish(flooder_, limit + 1));
    TestHeld held(flooder_.outbox);
    ASSERT_TRUE(roster_.hold(held));
    read_all(flooder_);
    read_all(polite_);
    EXPECT_CALL(reader_.signals, drop());
    publish(polite_, 10);
    EXPECT_EQ(held.gone_on, 1);
}

TEST_F(FairRosterTest, AHeldSpeakerGoesOnWhenTheSlowestGivesUp) {
    ASSERT_TRUE(publish(flooder_, 2 * share));
    TestHeld held(flooder_.outbox);
    ASSERT_TRUE(roster_.hold(held));
    read_all(flooder_);
    read_all(polite_);
    roster_.abandon(reader_.outbox, reader_.woken);
    reader_.woken.wake_all();
    EXPECT_EQ(held.gone_on, 1);
}

TEST_F(FairRosterTest, AHeldSpeakerThatIsItselfDroppedGoesOn) {
    ASSERT_TRUE(publish(flooder_, limit + 1));
    TestHeld held(flooder_.outbox);
    ASSERT_TRUE(roster_.hold(held));
    read_all(polite_);
    read_all(reader_);
    EXPECT_CALL(flooder_.signals, drop());
    publish(polite_, 10);
    EXPECT_EQ(held.gone_on, 1) << "it must come to its end";
}

TEST_F(FairRosterTest, ASpeakerIsNotHeldWhenTheRoomHasTakenEnoughMeanwhile) {
    ASSERT_TRUE(publish(flooder_, 2 * share));
    for (TestMember* member : {&flooder_, &polite_, &reader_}) read_all(*member);
    TestHeld held(flooder_.outbox);
    EXPECT_FALSE(roster_.hold(held));
    EXPECT_EQ(roster_.held_speakers(), 0U);
}

TEST_F(FairRosterTest, LettingGoTakesASpeakerBack) {
    ASSERT_TRUE(publish(flooder_, 2 * share));
    TestHeld first(flooder_.outbox);
    ASSERT_TRUE(publish(polite_, 2 * share));
    TestHeld second(polite_.outbox);
    ASSERT_TRUE(roster_.hold(first));
    ASSERT_TRUE(roster_.hold(second));
    EXPECT_TRUE(roster_.let_go(second));
    EXPECT_EQ(roster_.held_speakers(), 1U);
    EXPECT_TRUE(roster_.let_go(first));
    for (TestMember* member : {&flooder_, &polite_, &reader_}) {
        read_all(*member);
        member->woken.wake_all();
    }
    EXPECT_EQ(first.gone_on + second.gone_on, 0);
}

TEST_F(FairRosterTest, ManySpeakersTogetherDoNotFillTheRoom) {
    std::vector<std::unique_ptr<TestMember>> crowd;
    for (int i = 0; i < 12; ++i) {
        crowd.push_back(std::make_unique<TestMember>(roster_));
        EXPECT_CALL(crowd.back()->signals, wake()).Times(testing::AnyNumber());
        crowd.back()->join();
    }
    int free = 0;
    for (int i = 0; i < 6; ++i)
        free += publish(*crowd[static_cast<std::size_t>(i)], share / 2) ? 0 : 1;
    EXPECT_EQ(free, 4) << "each has half of its share in, and a quarter of the room is full";
    EXPECT_FALSE(roster_.comes_too_soon(polite_.outbox)) << "it was there before";
    for (int i = 6; i < 9; ++i) publish(*crowd[static_cast<std::size_t>(i)], share / 2);
    EXPECT_TRUE(roster_.comes_too_soon(polite_.outbox)) << "half of the room is full";
}

TEST_F(FairRosterTest, AMemberThatComesIntoABusyRoomWaitsBeforeItsFirstLine) {
    publish(flooder_, limit / 4 + 1);
    TestMember newcomer(roster_);
    EXPECT_CALL(newcomer.signals, wake()).Times(testing::AnyNumber());
    newcomer.join();
    EXPECT_TRUE(roster_.comes_too_soon(newcomer.outbox))
        << "or a flooder would come again and again";
    TestHeld held(newcomer.outbox);
    ASSERT_TRUE(roster_.hold(held));
    for (TestMember* member : {&flooder_, &polite_, &reader_}) read_all(*member);
    reader_.woken.wake_all();
    EXPECT_EQ(held.gone_on, 1);
    EXPECT_FALSE(roster_.comes_too_soon(newcomer.outbox));
}

TEST_F(FairRosterTest, HeldSpeakersGoOnAFewAtATime) {
    publish(flooder_, limit / 2 + 1);
    std::vector<std::unique_ptr<TestMember>> crowd;
    std::vector<std::unique_ptr<TestHeld>> held;
    for (int i = 0; i < 20; ++i) {
        crowd.push_back(std::make_unique<TestMember>(roster_));
        EXPECT_CALL(crowd.back()->signals, wake()).Times(testing::AnyNumber());
        crowd.back()->join();
        held.push_back(std::make_unique<TestHeld>(crowd.back()->outbox));
        ASSERT_TRUE(roster_.hold(*held.back()));
    }
    for (TestMember* member : {&flooder_, &polite_, &reader_}) read_all(*member);
    const std::size_t at_once = limit / 4 / piece + 1;
    EXPECT_EQ(roster_.held_speakers(), 20 - at_once)
        << "each may say a piece: all at once would fill the room";
    reader_.woken.wake_all();
}

}  // namespace
}  // namespace drydock::chat

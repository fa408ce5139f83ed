// The chat server at its limits: lines without an end, members that do not read, that say nothing,
// that are too many; and 1,000 at once.
#include <regex>

#include "tests/e2e/chat_room.hpp"
#include "tests/support/chat_crowd.hpp"
#include "tests/support/sanitizers.hpp"
#include "tests/support/scale.hpp"

namespace drydock::e2e {
namespace {

using test::ChatCrowd;
using test::ChatMember;
using test::End;
using test::Listening;
using test::TcpPeer;

constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint64_t default_outbox_limit = mebibyte;
constexpr std::string_view too_slow = "reason=\"too slow: outbox over its limit\"";
constexpr std::string_view too_long = "reason=\"line over the limit\"";

/// The most that the server has ever had in memory. A sanitizer's own would be in it.
void expect_peak_below(const ChatServerProcess& server, std::uint64_t bytes) {
    if (test::is_sanitized) return;
    EXPECT_LT(server.process().peak_resident_bytes() / mebibyte, bytes / mebibyte)
        << "mebibytes should be enough";
}

/// Lines of some 100 bytes, numbered, of so many bytes together.
std::string numbered_lines(std::uint64_t& number, std::size_t bytes) {
    std::string text;
    while (text.size() < bytes) {
        const std::string line = std::to_string(number++) + " ";
        const std::size_t rest = bytes - text.size();
        text += line + std::string(std::min<std::size_t>(rest, 100), 'x') + "\n";
    }
    return text;
}

// --- long lines ----------------------------------------------------------------------------------

class ChatServerLines : public testing::TestWithParam<unsigned> {
protected:
    Words options(const Words& more = {}) const {
        Words words = workers(GetParam());
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
};

INSTANTIATE_TEST_SUITE_P(, ChatServerLines, testing::Values(1U, 4U), workers_name);

TEST_P(ChatServerLines, of_1_gib_end_their_senders_connection_and_nothing_else) {
    ChatServerProcess server(drydock, options());
    TcpPeer amy = join_chat(server.port(), "amy\n");
    TcpPeer bob = join_chat(server.port(), "bob\n");
    expect_heard(amy, "bob\n");
    const std::uint64_t peak = server.process().peak_resident_bytes();
    const std::string much(mebibyte, 'x');
    int sent = 0;
    while (sent < 1024 && bob.send(much)) ++sent;
    EXPECT_LT(sent, 1024) << "the server should have closed before all mebibytes were sent";
    EXPECT_NE(bob.receive_rest().end, End::timed_out);
    EXPECT_TRUE(server.process().wait_for_errors(too_long)) << server.process().errors();
    ASSERT_TRUE(amy.send("still here\n"));
    expect_heard(amy, "still here\n");
    TcpPeer cid = join_chat(server.port(), "cid\n");
    expect_heard(amy, "cid\n");
    expect_peak_below(server, peak + 64 * mebibyte);

    const ChatSummary summary = stop_chat(server);
    EXPECT_EQ(summary.too_long, 1U);
    EXPECT_EQ(summary.lines, 4U) << "nothing of the long one was said";
    EXPECT_EQ(count_in_log(server, "event=\"member dropped\""), 1U) << server.process().errors();
    EXPECT_EQ(count_in_log(server, too_long), 1U);
}

TEST_P(ChatServerLines, are_relayed_up_to_the_limit_and_not_a_byte_over_it) {
    ChatServerProcess server(drydock, options({"--max-line", "10"}));
    TcpPeer amy = join_chat(server.port(), "amy\n");
    TcpPeer bob(server.port());
    ASSERT_TRUE(bob.send("0123456789\n"));
    expect_heard(amy, "0123456789\n");
    ASSERT_TRUE(bob.send("said before\r\n")) << "the limit is for its bytes without the newline";
    EXPECT_NE(bob.receive_rest().end, End::timed_out) << "twelve are too many";
    expect_silence(amy);
    TcpPeer cid(server.port());
    ASSERT_TRUE(cid.send("whole\n0123456789x"));
    expect_heard(amy, "whole\n");
    EXPECT_NE(cid.receive_rest().end, End::timed_out) << "whether its end comes or not";
    expect_silence(amy);
    const ChatSummary summary = stop_chat(server);
    EXPECT_EQ(summary.too_long, 2U);
    EXPECT_EQ(summary.lines, 3U);
}

TEST_P(ChatServerLines, of_1500000_bytes_are_relayed_exactly_where_the_limit_is_higher) {
    ChatServerProcess server(drydock, options({"--max-line", "2000000"}));
    std::string line(1'500'000, ' ');
    std::uint32_t state = 5;
    for (char& c : line) {
        state = state * 1664525 + 1013904223;
        c = static_cast<char>(state >> 24);
        if (c == '\n') c = '\r';
    }
    line += '\n';
    ChatCrowd crowd(server.port());
    ASSERT_TRUE(crowd.join_with_greeting("amy\n"));
    ASSERT_TRUE(crowd.join_with_greeting("bob\n"));
    for (std::size_t round = 1; round <= 3; ++round) {
        crowd.say(1, line);
        ASSERT_TRUE(crowd.talk_until([&] {
            return crowd[0].heard.size() >= 8 + round * line.size() &&
                   crowd[1].heard.size() >= 4 + round * line.size();
        })) << "both should hear it: it alone makes nobody slow";
    }
    EXPECT_TRUE(crowd[0].heard == "amy\nbob\n" + line + line + line);
    EXPECT_TRUE(crowd[1].heard == "bob\n" + line + line + line);
    EXPECT_EQ(stop_chat(server).lines, 5U);
}

// --- too many, too quiet -------------------------------------------------------------------------

TEST(ChatServerOptions, max_members_closes_those_over_it) {
    ChatServerProcess server(drydock, {"--max-members", "2"});
    TcpPeer amy = join_chat(server.port(), "amy\n");
    TcpPeer bob = join_chat(server.port(), "bob\n");
    expect_heard(amy, "bob\n");
    TcpPeer third(server.port());
    const test::Received received = third.receive_rest();
    EXPECT_EQ(received.end, End::end_of_stream) << "the third is one too many";
    EXPECT_EQ(received.bytes, "");
    ASSERT_TRUE(amy.send("two are company\n"));
    expect_heard(amy, "two are company\n");
    expect_heard(bob, "two are company\n");

    bob.half_close();
    EXPECT_EQ(bob.receive_rest().end, End::end_of_stream);
    ASSERT_TRUE(server.process().wait_for_errors("reason=\"end of stream\""));
    TcpPeer fourth = join_chat(server.port(), "fourth\n");
    expect_heard(amy, "fourth\n");
    const ChatSummary summary = stop_chat(server);
    EXPECT_EQ(summary.served, 3U);
    EXPECT_EQ(summary.rejected, 1U);
}

TEST(ChatServerOptions, idle_timeout_closes_who_neither_says_nor_hears_anything) {
    ChatServerProcess server(drydock, {"--idle-timeout", "1"});
    TcpPeer talker = join_chat(server.port(), "talker\n");
    TcpPeer listener = join_chat(server.port(), "listener\n");
    expect_heard(talker, "listener\n");
    const auto start = test::Clock::now();
    while (test::Clock::now() - start < 2s) {
        ASSERT_TRUE(talker.send("x\n"));
        expect_heard(talker, "x\n");
        expect_heard(listener, "x\n");
        ASSERT_TRUE(server.process().runs_for(50ms));
    }
    EXPECT_EQ(talker.receive_rest().end, End::end_of_stream) << "idle now";
    EXPECT_EQ(listener.receive_rest().end, End::end_of_stream) << "and so is who only listened";
    const ChatSummary summary = stop_chat(server);
    EXPECT_EQ(summary.idle, 2U);
    EXPECT_EQ(count_in_log(server, "reason=idle"), 2U) << server.process().errors();
}

TEST(ChatServerOptions, idle_timeout_closes_who_does_not_read) {
    ChatServerProcess server(
        drydock, {"--idle-timeout", "0.5", "--outbox-limit", "1000000000", "--workers", "2"});
    ChatCrowd crowd(server.port());
    ASSERT_TRUE(crowd.join(Listening::compares));
    ASSERT_TRUE(crowd.join(Listening::stopped));
    std::uint64_t number = 0;
    const bool closed = crowd.talk_until([&] {
        if (crowd[1].state == ChatMember::State::was_reset) return true;
        const std::string lines = numbered_lines(number, 100'000);
        crowd.expect(lines);
        crowd.say(0, lines);
        return !crowd.talk_until_heard();
    });
    EXPECT_TRUE(closed) << "once all buffers are full, nothing moves";
    EXPECT_EQ(crowd[1].state, ChatMember::State::was_reset)
        << "an end that looks clean would hide that lines are missing";
    EXPECT_EQ(crowd[0].state, ChatMember::State::talking) << "who reads should stay";
    EXPECT_EQ(crowd.wrong(), 0U);
    EXPECT_EQ(stop_chat(server).idle, 1U);
}

TEST(ChatServerOptions, without_idle_timeout_nobody_is_closed) {
    ChatServerProcess server(drydock);
    TcpPeer amy = join_chat(server.port(), "amy\n");
    EXPECT_EQ(amy.receive(1, 1500ms).end, End::timed_out);
    ASSERT_TRUE(amy.send("still here\n"));
    expect_heard(amy, "still here\n");
}

// --- too slow ------------------------------------------------------------------------------------

/// Many members who read, one of whom talks, and some who do not read. All say their lines round by
/// round, each round far below the limit: so nobody who reads is ever too slow.
class ChatServerCrowd : public testing::TestWithParam<unsigned> {
protected:
    static constexpr std::size_t round_bytes = 64 * 1024;

    void start(const Words& options) {
        server_.emplace(drydock, options);
        ASSERT_NE(server_->port(), 0) << server_->process().errors();
        crowd_.emplace(server_->port());
    }

    /// Until the server says that they are members. Its log is read meanwhile: a server may wait
    /// for who reads it.
    void join(std::size_t count, Listening listening) {
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_TRUE(crowd_->join(listening)) << "member " << crowd_->size();
            if (i % 100 == 0) server_->process().runs_for(0ms);
        }
        const std::string all = "members=" + std::to_string(crowd_->size()) + "\n";
        ASSERT_TRUE(server_->process().wait_for_errors(all)) << "all should be let in";
    }

    /// How long until all who read have heard the round's lines.
    test::Milliseconds talk() {
        const auto start = test::Clock::now();
        const std::string lines = numbered_lines(number_, round_bytes);
        published_ += lines.size();
        crowd_->expect(lines);
        crowd_->say(0, lines);
        EXPECT_TRUE(crowd_->talk_until_heard()) << "everybody who reads should hear every round";
        EXPECT_EQ(crowd_->wrong(), 0U) << "exactly";
        server_->process().runs_for(0ms);
        return std::chrono::ceil<test::Milliseconds>(test::Clock::now() - start);
    }

    std::optional<ChatServerProcess> server_;
    std::optional<ChatCrowd> crowd_;
    std::uint64_t number_ = 0;
    std::uint64_t published_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, ChatServerCrowd, testing::Values(1U, 4U), workers_name);

/// From the log's line about the one member that was dropped.
std::uint64_t bytes_sent_to_the_dropped(const ChatServerProcess& server) {
    const std::regex line(R"(event="member dropped".*too slow.* bytes_sent=(\d+)\n)");
    std::smatch match;
    const std::string& log = server.process().errors();
    return std::regex_search(log, match, line) ? std::stoull(match[1].str()) : 0;
}

TEST_P(ChatServerCrowd, of_1000_hears_every_line_though_one_member_does_not_read) {
    const auto readers = static_cast<std::size_t>(test::scaled(1000)) - 1;
    ASSERT_NO_FATAL_FAILURE(start(workers(GetParam())));
    ASSERT_NO_FATAL_FAILURE(join(readers, Listening::compares));
    test::Milliseconds slowest_before{0};
    for (int i = 0; i < 5; ++i) slowest_before = std::max(slowest_before, talk());
    const std::uint64_t heard_by_readers_alone = published_;
    ASSERT_NO_FATAL_FAILURE(join(1, Listening::stopped));

    test::Milliseconds slowest{0};
    std::uint64_t published_at_drop = 0;
    const auto is_dropped = [&] { return count_in_log(*server_, too_slow) > 0; };
    while (!is_dropped() && published_ < 32 * mebibyte && !HasFailure()) {
        slowest = std::max(slowest, talk());
        published_at_drop = published_ - heard_by_readers_alone;
    }
    ASSERT_TRUE(is_dropped()) << "who does not read should be dropped; it was sent all of "
                              << published_at_drop << " bytes";
    for (int i = 0; i < 5; ++i) slowest = std::max(slowest, talk());

    const std::uint64_t behind = published_at_drop - bytes_sent_to_the_dropped(*server_);
    EXPECT_GT(behind, default_outbox_limit / 2) << "it should be dropped at its limit, not before";
    EXPECT_LT(behind, default_outbox_limit * 2) << "and not long after";
    EXPECT_LT(slowest, 10 * slowest_before + 1s)
        << "milliseconds; one who does not read should delay nobody. Before: "
        << slowest_before.count();
    EXPECT_TRUE(crowd_->talk_until([&] {
        return (*crowd_)[readers].state == ChatMember::State::was_reset;
    })) << "an end that looks clean would hide that lines are missing";
    EXPECT_EQ(crowd_->count(ChatMember::State::talking), readers) << "nobody else should leave";
    expect_peak_below(*server_, 100 * mebibyte);

    const ChatSummary summary = stop_chat(*server_);
    EXPECT_EQ(summary.too_slow, 1U);
    EXPECT_EQ(summary.stopped, readers);
    EXPECT_EQ(summary.lines, number_);
    EXPECT_EQ(summary.bytes_received, published_);
    EXPECT_EQ(summary.bytes_sent, published_ * readers + bytes_sent_to_the_dropped(*server_));
}

TEST_P(ChatServerCrowd, that_does_not_read_costs_the_memory_of_one) {
    constexpr std::size_t stopped = 30;
    constexpr std::uint64_t limit = 16 * mebibyte;
    Words options = workers(GetParam());
    options.insert(options.end(), {"--outbox-limit", std::to_string(limit)});
    ASSERT_NO_FATAL_FAILURE(start(options));
    ASSERT_NO_FATAL_FAILURE(join(2, Listening::compares));
    ASSERT_NO_FATAL_FAILURE(join(stopped, Listening::stopped));
    // What the system takes for each of them is not the same.
    while (count_in_log(*server_, too_slow) < stopped && published_ < 64 * mebibyte &&
           !HasFailure()) {
        talk();
    }
    EXPECT_EQ(count_in_log(*server_, too_slow), stopped) << "all of them should be dropped";
    expect_peak_below(*server_, 4 * limit);
    EXPECT_EQ(stop_chat(*server_).too_slow, stopped);
}

}  // namespace
}  // namespace drydock::e2e

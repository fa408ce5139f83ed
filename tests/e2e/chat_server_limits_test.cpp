// The chat server at its limits: lines without an end, members that do not read, that say nothing,
// that are too many; and 1,000 at once.
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

TEST_P(ChatServerLines, of_several_receives_are_never_mixed) {
    constexpr std::size_t speakers = 8;
    constexpr std::size_t lines_each = 500;
    ChatServerProcess server(drydock, options({"--outbox-limit", "100000000"}));
    ChatCrowd crowd(server.port());
    for (std::size_t i = 0; i < speakers; ++i) ASSERT_TRUE(crowd.join_with_greeting("hello\n"));
    const std::size_t greetings = crowd[0].heard.size();
    std::size_t size = 0;
    for (std::size_t i = 0; i < speakers; ++i) {
        std::string lines;
        for (std::size_t k = 0; k < lines_each; ++k) {
            lines += std::string(3000 + (i * 977 + k * 331) % 5000, static_cast<char>('a' + i));
            lines += "\n";
        }
        crowd.say(i, lines);
        size += lines.size();
    }
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[0].heard.size() >= greetings + size; }))
        << "all should be heard: " << crowd[0].heard.size() << " bytes of " << greetings + size;
    const std::string_view heard = std::string_view(crowd[0].heard).substr(greetings);
    int mixed = 0;
    for (std::size_t begin = 0; begin < heard.size();) {
        const std::size_t end = std::min(heard.find('\n', begin), heard.size());
        if (heard.find_first_not_of(heard[begin], begin) != end) ++mixed;
        begin = end + 1;
    }
    EXPECT_EQ(mixed, 0) << "each line should be one speaker's";
    EXPECT_EQ(stop_chat(server).lines, speakers * (lines_each + 1));
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
    ChatServerProcess server(drydock, {"--idle-timeout", "3"});
    TcpPeer talker = join_chat(server.port(), "talker\n");
    TcpPeer listener = join_chat(server.port(), "listener\n");
    expect_heard(talker, "listener\n");
    const auto start = test::Clock::now();
    while (test::Clock::now() - start < 4s) {
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
        drydock, {"--idle-timeout", "1.5", "--outbox-limit", "1000000000", "--workers", "2"});
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

/// Members who read, one of whom talks, and some who do not read. Lines are said round by round,
/// each far below the limit: so nobody who reads is ever too slow.
class ChatServerCrowd : public testing::TestWithParam<unsigned> {
protected:
    static constexpr std::size_t round_bytes = 32 * 1024;

    void start(std::uint64_t outbox_limit) {
        Words options = workers(GetParam());
        options.insert(options.end(), {"--outbox-limit", std::to_string(outbox_limit)});
        server_.emplace(drydock, options);
        ASSERT_NE(server_->port(), 0) << server_->process().errors();
        crowd_.emplace(server_->port());
    }

    /// Until the server says that they are members. Its log is read meanwhile: a server may wait
    /// for who reads it.
    void join(std::size_t count, Listening listening) {
        for (std::size_t i = 0; i < count; ++i) {
            ASSERT_TRUE(crowd_->join(listening)) << "member " << crowd_->size();
            if (i % 100 == 0) server_->process().runs_for(1ms);
        }
        const std::string last = "joined\" member=" + std::to_string(crowd_->size()) + " ";
        ASSERT_TRUE(server_->process().wait_for_errors(last)) << "all should be let in";
    }

    /// One round. How long until all who read have heard it.
    test::Milliseconds talk() {
        const auto start = test::Clock::now();
        const std::string lines = numbered_lines(number_, round_bytes);
        published_ += lines.size();
        crowd_->expect(lines);
        crowd_->say(0, lines);
        EXPECT_TRUE(crowd_->talk_until_heard()) << "everybody who reads should hear every round";
        EXPECT_EQ(crowd_->wrong(), 0U) << "exactly";
        server_->process().runs_for(1ms);
        return std::chrono::ceil<test::Milliseconds>(test::Clock::now() - start);
    }

    /// Until so many were dropped as too slow, and know it. The longest of the rounds.
    test::Milliseconds talk_until_dropped(std::size_t count) {
        test::Milliseconds longest{0};
        const std::uint64_t start = published_;
        while (count_in_log(*server_, too_slow) < count) {
            if (HasFailure() || published_ > start + 64 * mebibyte) {
                ADD_FAILURE() << "who does not read should be dropped";
                break;
            }
            longest = std::max(longest, talk());
        }
        EXPECT_TRUE(crowd_->talk_until([&] {
            return crowd_->count(ChatMember::State::was_reset) == count;
        })) << "an end that looks clean would hide that lines are missing";
        return longest;
    }

    /// From the log's line about the last member that was dropped.
    std::uint64_t bytes_sent_to_the_dropped() const {
        const std::string& log = server_->process().errors();
        const std::string words = " bytes_sent=";
        const std::size_t at = log.find(words, log.rfind(too_slow));
        return at == std::string::npos ? 0 : std::stoull(log.substr(at + words.size()));
    }

    std::optional<ChatServerProcess> server_;
    std::optional<ChatCrowd> crowd_;
    std::uint64_t number_ = 0;
    std::uint64_t published_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, ChatServerCrowd, testing::Values(1U, 4U), workers_name);

TEST_P(ChatServerCrowd, of_1000_hears_every_line_though_one_member_does_not_read) {
    constexpr std::uint64_t limit = mebibyte / 2;
    const auto readers = static_cast<std::size_t>(test::scaled(1000)) - 1;
    ASSERT_NO_FATAL_FAILURE(start(limit));
    ASSERT_NO_FATAL_FAILURE(join(1, Listening::compares));
    // How much the system takes for one who does not read, the first of them tells.
    ASSERT_NO_FATAL_FAILURE(join(1, Listening::stopped));
    talk_until_dropped(1);
    const std::uint64_t taken_by_the_system = bytes_sent_to_the_dropped();
    // So much the second is sent alone, and then come the others.
    ASSERT_NO_FATAL_FAILURE(join(1, Listening::stopped));
    const std::uint64_t published_before = published_;
    while (published_ < published_before + taken_by_the_system) talk();
    ASSERT_NO_FATAL_FAILURE(join(readers - 1, Listening::compares));
    const std::uint64_t published_to_one = published_;

    const test::Milliseconds longest = talk_until_dropped(2);
    const std::uint64_t sent = bytes_sent_to_the_dropped();
    const std::uint64_t behind = published_ - published_before - sent;
    EXPECT_GT(behind, limit / 2) << "it should be dropped at its limit, not before";
    EXPECT_LT(behind, limit * 2) << "and not long after";
    EXPECT_GT(published_, published_to_one) << "the others should have been there";
    test::Milliseconds longest_without{0};
    for (int i = 0; i < 5; ++i) longest_without = std::max(longest_without, talk());
    EXPECT_LT(longest, 10 * longest_without + 5s)
        << "one who does not read should delay nobody; without it a round takes "
        << longest_without.count() << " ms";
    EXPECT_EQ(crowd_->count(ChatMember::State::talking), readers) << "nobody else should leave";
    expect_peak_below(*server_, 64 * mebibyte);

    const ChatSummary summary = stop_chat(*server_);
    EXPECT_EQ(summary.too_slow, 2U);
    EXPECT_EQ(summary.stopped, readers);
    EXPECT_EQ(summary.lines, number_);
    EXPECT_EQ(summary.bytes_received, published_);
    EXPECT_EQ(summary.bytes_sent, crowd_->heard_bytes() + taken_by_the_system + sent);
}

TEST_P(ChatServerCrowd, that_does_not_read_costs_the_memory_of_one) {
    constexpr std::size_t stopped = 20;
    constexpr std::uint64_t limit = 8 * mebibyte;
    ASSERT_NO_FATAL_FAILURE(start(limit));
    ASSERT_NO_FATAL_FAILURE(join(2, Listening::compares));
    ASSERT_NO_FATAL_FAILURE(join(stopped, Listening::stopped));
    talk_until_dropped(stopped);
    expect_peak_below(*server_, 4 * limit);
    EXPECT_EQ(stop_chat(*server_).too_slow, stopped);
}

}  // namespace
}  // namespace drydock::e2e

// The chat server's everyday: who hears what, whole, unchanged and in one order.
#include <map>

#include "tests/e2e/chat_room.hpp"
#include "tests/support/chat_crowd.hpp"

namespace drydock::e2e {
namespace {

using test::ChatMember;
using test::End;
using test::Received;
using test::TcpPeer;

class ChatServer : public testing::TestWithParam<unsigned> {
protected:
    void SetUp() override { ASSERT_NE(server_.port(), 0) << server_.process().errors(); }

    TcpPeer join(const std::string& greeting) { return join_chat(server_.port(), greeting); }

    ChatServerProcess server_{drydock, workers(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(, ChatServer, testing::Values(1U, 4U), workers_name);

// --- who hears what ------------------------------------------------------------------------------

TEST_P(ChatServer, sends_every_line_to_every_member_its_sender_included) {
    TcpPeer amy = join("amy\n");
    TcpPeer bob = join("bob\n");
    TcpPeer cid = join("cid\n");
    expect_heard(amy, "bob\ncid\n");
    expect_heard(bob, "cid\n");
    for (TcpPeer* speaker : {&amy, &bob, &cid, &bob}) {
        ASSERT_TRUE(speaker->send("one\ntwo\n"));
        for (TcpPeer* member : {&amy, &bob, &cid}) expect_heard(*member, "one\ntwo\n");
    }
    for (TcpPeer* member : {&amy, &bob, &cid}) expect_silence(*member);

    const ChatSummary summary = stop_chat(server_);
    EXPECT_EQ(summary.served, 3U);
    EXPECT_EQ(summary.stopped, 3U);
    EXPECT_EQ(summary.lines, 3U + 4 * 2);
    EXPECT_EQ(summary.bytes_received, 3U * 4 + 4 * 8);
    EXPECT_EQ(summary.bytes_sent, (3U + 2 + 1) * 4 + 4 * 3 * 8) << "each line to each member";
}

TEST_P(ChatServer, sends_a_member_the_lines_from_its_join_to_its_leave_and_no_other) {
    TcpPeer amy = join("amy\n");
    ASSERT_TRUE(amy.send("before\n"));
    expect_heard(amy, "before\n");
    TcpPeer bob = join("bob\n");  // which expects that he hears nothing before his own line
    ASSERT_TRUE(amy.send("between\n"));
    expect_heard(amy, "bob\nbetween\n");
    bob.half_close();
    const Received all_of_bobs = bob.receive_rest();
    EXPECT_EQ(all_of_bobs.end, End::end_of_stream) << "a half close is answered by the end";
    EXPECT_EQ(all_of_bobs.bytes, "between\n") << "after all that he is owed";
    ASSERT_TRUE(amy.send("after\n"));
    expect_heard(amy, "after\n");
    TcpPeer again = join("bob again\n");
    expect_heard(amy, "bob again\n");

    const ChatSummary summary = stop_chat(server_);
    EXPECT_EQ(summary.served, 3U);
    EXPECT_EQ(summary.left, 1U);
    EXPECT_EQ(summary.stopped, 2U);
}

TEST_P(ChatServer, ends_a_half_closed_members_unfinished_line) {
    TcpPeer amy = join("amy\n");
    TcpPeer bob(server_.port());
    const Received received = bob.exchange("first\nlast without its newline");
    EXPECT_EQ(received.end, End::end_of_stream);
    EXPECT_EQ(received.bytes, "first\nlast without its newline\n")
        << "he should hear his own lines, and then the end";
    expect_heard(amy, "first\nlast without its newline\n");
    TcpPeer cid(server_.port());
    EXPECT_EQ(cid.exchange("").bytes, "") << "no bytes are no line";
    expect_silence(amy);
    EXPECT_EQ(stop_chat(server_).lines, 3U);
}

TEST_P(ChatServer, forgets_the_unfinished_line_of_a_member_that_resets) {
    TcpPeer amy = join("amy\n");
    TcpPeer bob = join("bob\n");
    expect_heard(amy, "bob\n");
    ASSERT_TRUE(bob.send("whole\nhalf a li"));
    expect_heard(amy, "whole\n");
    bob.reset();
    EXPECT_TRUE(server_.process().wait_for_errors("event=\"member left\""))
        << "the log should say it: " << server_.process().errors();
    ASSERT_TRUE(amy.send("still here\n"));
    expect_heard(amy, "still here\n");
    expect_silence(amy);
    const ChatSummary summary = stop_chat(server_);
    EXPECT_EQ(summary.failed, 1U);
    EXPECT_EQ(summary.lines, 4U);
}

// --- what is in a line ---------------------------------------------------------------------------

TEST_P(ChatServer, relays_bytes_that_are_no_text_exactly) {
    std::string every_byte;
    for (int value = 0; value < 256; ++value) {
        if (value != '\n') every_byte += static_cast<char>(value);
    }
    const std::string with_nul("nul \0 nul\n", 10);
    const std::string lines = "dos line\r\n\r\n\r\r\n" + with_nul +
                              "\xff\xfe\xc3(\xe2\x82 \xf0\x9f\x98 \xed\xa0\x80\n" +
                              "\x1b[2J\x07\n" + every_byte + "\n";
    TcpPeer amy = join("amy\n");
    TcpPeer bob = join("bob\n");
    expect_heard(amy, "bob\n");
    ASSERT_TRUE(bob.send(lines));
    expect_heard(amy, lines);
    expect_heard(bob, lines);
    EXPECT_EQ(stop_chat(server_).lines, 2U + 7);
}

TEST_P(ChatServer, publishes_a_line_when_its_newline_comes_and_not_before) {
    TcpPeer amy = join("amy\n");
    TcpPeer bob = join("bob\n");
    expect_heard(amy, "bob\n");
    for (const char c : std::string("byte by byte")) ASSERT_TRUE(bob.send({&c, 1}));
    expect_silence(amy);
    ASSERT_TRUE(amy.send("in between\n"));
    expect_heard(amy, "in between\n");
    expect_heard(bob, "in between\n");
    ASSERT_TRUE(bob.send("\n"));
    expect_heard(amy, "byte by byte\n");
    expect_heard(bob, "byte by byte\n");
}

TEST_P(ChatServer, relays_a_trickle_exactly) {
    std::string lines;
    for (int i = 0; i < 100; ++i) lines += std::string(static_cast<std::size_t>(i % 9), 'x') + "\n";
    TcpPeer amy = join("amy\n");
    TcpPeer bob = join("bob\n");
    expect_heard(amy, "bob\n");
    for (const char c : lines) {
        ASSERT_TRUE(bob.send({&c, 1}));
    }
    expect_heard(amy, lines);
    expect_heard(bob, lines);
}

TEST_P(ChatServer, relays_a_million_empty_lines_exactly) {
    constexpr std::size_t count = 1'000'000;  // in bytes below the outbox limit
    const std::string lines(count, '\n');
    test::ChatCrowd crowd(server_.port());
    ASSERT_TRUE(crowd.join_with_greeting("amy\n"));
    ASSERT_TRUE(crowd.join_with_greeting("bob\n"));
    crowd.say(1, lines);
    crowd.half_close(1);
    EXPECT_TRUE(crowd.talk_until([&] {
        return crowd[0].heard.size() >= 8 + count && crowd[1].state != ChatMember::State::talking;
    })) << crowd[0].heard.size()
        << " and " << crowd[1].heard.size() << " bytes came";
    EXPECT_TRUE(crowd[0].heard == "amy\nbob\n" + lines) << "exactly as many, and nothing else";
    EXPECT_TRUE(crowd[1].heard == "bob\n" + lines);
    EXPECT_EQ(crowd[1].state, ChatMember::State::ended) << "after all, a clean end";
    const ChatSummary summary = stop_chat(server_);
    EXPECT_EQ(summary.lines, 2 + count);
    EXPECT_EQ(summary.too_slow, 0U);
}

// --- the order -----------------------------------------------------------------------------------

constexpr int speakers = 8;
constexpr int lines_each = 1500;

/// Of many lengths, and known by its beginning.
std::string line_of(int speaker, int number) {
    const auto length = static_cast<std::size_t>((speaker * 31 + number * 7) % 97);
    return std::to_string(speaker) + " " + std::to_string(number) + " " +
           std::string(length, static_cast<char>('a' + number % 26)) + "\n";
}

/// Whether the text is all speakers' lines, interleaved.
void expect_everybodys_lines_in_order(std::string_view text) {
    std::map<char, int> next;
    while (!text.empty()) {
        const int speaker = text[0] - '0';
        ASSERT_TRUE(speaker >= 0 && speaker < speakers) << "a line should begin with its speaker";
        const std::string line = line_of(speaker, next[text[0]]++);
        ASSERT_EQ(text.substr(0, line.size()), line)
            << "each speaker's lines should come whole and in the order they were said";
        text.remove_prefix(line.size());
    }
    for (int speaker = 0; speaker < speakers; ++speaker) {
        EXPECT_EQ(next[static_cast<char>('0' + speaker)], lines_each) << "and all of them";
    }
}

TEST_P(ChatServer, gives_all_members_one_order_that_keeps_each_speakers) {
    test::ChatCrowd crowd(server_.port());
    for (int i = 0; i < speakers; ++i) ASSERT_TRUE(crowd.join_with_greeting("hello\n"));
    std::size_t size = 0;  // together below the outbox limit
    for (int number = 0; number < lines_each; ++number) {
        for (int i = 0; i < speakers; ++i) {
            crowd.say(static_cast<std::size_t>(i), line_of(i, number));
            size += line_of(i, number).size();
        }
    }
    EXPECT_TRUE(crowd.talk_until([&] {
        return std::all_of(crowd.members().begin(), crowd.members().end(),
                           [&](const auto& member) { return member.heard.size() >= size + 6; });
    })) << "everybody should hear all";
    const std::string order = crowd[0].heard.substr(crowd[0].heard.size() - size);
    expect_everybodys_lines_in_order(order);
    for (std::size_t i = 0; i < crowd.size(); ++i) {
        EXPECT_TRUE(crowd[i].heard.ends_with(order)) << "member " << i << " hears another order";
        EXPECT_EQ(crowd[i].heard.size(), size + 6 * (speakers - i)) << "besides the greetings";
    }
    EXPECT_EQ(stop_chat(server_).lines, 1U * speakers * (lines_each + 1));
}

// --- what it says --------------------------------------------------------------------------------

TEST(ChatServerLog, tells_who_joins_and_who_leaves) {
    ChatServerProcess server(drydock);
    TcpPeer amy = join_chat(server.port(), "amy\n");
    EXPECT_TRUE(server.process().wait_for_errors("event=\"member joined\" member=1"))
        << server.process().errors();
    TcpPeer bob(server.port());
    EXPECT_EQ(bob.exchange("bob\n").bytes, "bob\n");
    EXPECT_TRUE(server.process().wait_for_errors("reason=\"end of stream\""))
        << server.process().errors();
    stop_chat(server);
    EXPECT_EQ(count_in_log(server, "event=\"member joined\""), 2U);
    EXPECT_EQ(count_in_log(server, "event=\"member left\""), 2U);
    EXPECT_EQ(count_in_log(server, "reason=\"the server stops\""), 1U);
}

TEST(ChatServerLog, is_silent_below_its_level) {
    ChatServerProcess server(drydock, {"--log-level", "warning"});
    TcpPeer bob(server.port());
    EXPECT_EQ(bob.exchange("bob\n").bytes, "bob\n");
    stop_chat(server);
    EXPECT_EQ(server.process().errors(), "");
}

}  // namespace
}  // namespace drydock::e2e

// How the chat server ends: Ctrl-C and SIGTERM, at rest and while everybody talks.
#include "tests/e2e/chat_room.hpp"
#include "tests/support/chat_crowd.hpp"

namespace drydock::e2e {
namespace {

using test::ChatCrowd;
using test::ChatMember;
using test::Listening;

class ChatServerStop : public testing::TestWithParam<unsigned> {
protected:
    Words options(const Words& more = {}) const {
        Words words = workers(GetParam());
        words.insert(words.end(), more.begin(), more.end());
        return words;
    }
};

INSTANTIATE_TEST_SUITE_P(, ChatServerStop, testing::Values(1U, 4U), workers_name);

constexpr std::size_t members = 24;
constexpr std::string_view first_words = "hello\n";

std::string line_of(std::size_t member, int number) {
    const auto length = (member * 7 + static_cast<std::size_t>(number)) % 120;
    return std::to_string(member) + "." + std::to_string(number) + std::string(length, '.') + "\n";
}

/// Everybody says ten lines, and, when the last of them has come back, the next ten.
class BusyCrowd {
public:
    explicit BusyCrowd(std::uint16_t port) : crowd_(port) {}

    bool join() {
        bool joined = true;
        for (std::size_t i = 0; i < members; ++i) {
            joined = joined && crowd_.join_with_greeting(std::string(first_words));
        }
        return joined;
    }

    /// Until each of them has said so many lines, or has come to its end.
    bool talk(int lines) {
        return crowd_.talk_until([&] {
            bool all = true;
            for (std::size_t i = 0; i < members; ++i) {
                go_on(i);
                all = all && (said_[i] >= lines || !is_here(i));
            }
            return all;
        });
    }
    bool talk_to_the_end() { return talk(1 << 30); }

    ChatCrowd& crowd() { return crowd_; }
    int said(std::size_t member) const { return said_[member]; }

private:
    bool is_here(std::size_t i) const { return crowd_[i].state == ChatMember::State::talking; }

    void go_on(std::size_t i) {
        if (!is_here(i) || !crowd_[i].has_said_all()) return;
        const std::string& heard = crowd_[i].heard;
        // It looks at each byte that it has heard but a few times.
        const std::size_t from = searched_[i] > 200 ? searched_[i] - 200 : 0;
        const bool has_heard =
            said_[i] == 0 || heard.find(line_of(i, said_[i] - 1), from) != std::string::npos;
        searched_[i] = heard.size();
        if (!has_heard) return;
        std::string lines;
        for (int k = 0; k < 10; ++k) lines += line_of(i, said_[i]++);
        crowd_.say(i, lines);
    }

    ChatCrowd crowd_;
    std::vector<int> said_ = std::vector<int>(members, 0);
    std::vector<std::size_t> searched_ = std::vector<std::size_t>(members, 0);
};

/// Whole lines, each speaker's in its order, without a gap.
void expect_untorn(std::string_view text, const BusyCrowd& crowd) {
    std::vector<int> next(members, 0);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        ASSERT_NE(end, std::string_view::npos) << "the stream should not end within a line";
        const std::string line(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
        if (line == first_words) continue;
        const std::size_t member = std::stoul(line);
        ASSERT_LT(member, members) << line;
        ASSERT_EQ(line, line_of(member, next[member])) << "whole, and in its speaker's order";
        ++next[member];
    }
    for (std::size_t i = 0; i < members; ++i) EXPECT_LE(next[i], crowd.said(i));
}

void expect_all_members_to_end_cleanly(const Words& options, int signal) {
    ChatServerProcess server(drydock, options);
    BusyCrowd busy(server.port());
    ChatCrowd& crowd = busy.crowd();
    ASSERT_TRUE(busy.join());
    ASSERT_TRUE(busy.talk(100)) << "everybody should be busy";
    server.process().signal(signal);
    EXPECT_TRUE(busy.talk_to_the_end())
        << crowd.count(ChatMember::State::talking) << " members wait for the end of their stream";
    const ChatSummary summary = expect_clean_end(server);

    EXPECT_EQ(crowd.count(ChatMember::State::ended), members) << "each should see a clean end";
    // The first has heard all that the others have, besides, perhaps, what was said after it left.
    std::string longest;
    for (std::size_t i = 0; i < members; ++i) {
        const std::string& heard = crowd[i].heard;
        const std::string all = crowd[0].heard.substr(0, first_words.size() * i) + heard;
        if (all.size() > longest.size()) longest = all;
    }
    expect_untorn(longest, busy);
    for (std::size_t i = 0; i < members; ++i) {
        EXPECT_TRUE(crowd[i].heard.ends_with('\n')) << "nobody's stream should end within a line";
        EXPECT_TRUE(longest.substr(first_words.size() * i).starts_with(crowd[i].heard))
            << "all should hear one order; member " << i << " does not";
    }
    EXPECT_EQ(summary.served, members);
    EXPECT_EQ(summary.stopped, members);
    EXPECT_EQ(summary.too_slow, 0U);
    EXPECT_EQ(summary.bytes_sent, crowd.heard_bytes()) << "what it has sent should arrive";
    const auto lines = std::count(longest.begin(), longest.end(), '\n');
    EXPECT_GE(summary.lines, static_cast<std::uint64_t>(lines));
    EXPECT_GE(summary.bytes_received, longest.size());
}

TEST_P(ChatServerStop, by_ctrl_c_while_all_talk_is_a_clean_end_for_every_member) {
    expect_all_members_to_end_cleanly(options(long_grace), SIGINT);
}

TEST_P(ChatServerStop, by_sigterm_while_all_talk_is_a_clean_end_for_every_member) {
    expect_all_members_to_end_cleanly(options(long_grace), SIGTERM);
}

TEST_P(ChatServerStop, sends_each_member_what_it_is_owed) {
    // Far more than the system takes for amy, who does not read until the server stops.
    std::string lines;
    for (int i = 0; lines.size() < 12'000'000; ++i) lines += line_of(0, i);
    ChatServerProcess server(drydock, options({"--grace", "300", "--outbox-limit", "1000000000"}));
    test::TcpPeer amy = join_chat(server.port(), "amy\n");
    ChatCrowd others(server.port());
    ASSERT_TRUE(others.join(Listening::compares));
    others.expect(lines);
    others.say(0, lines);
    ASSERT_TRUE(others.talk_until_heard());
    server.process().signal(SIGINT);
    EXPECT_TRUE(others.talk_to_the_end()) << "who is owed nothing should see the end";
    EXPECT_TRUE(server.process().runs_for(300ms)) << "the server should wait for amy";
    const test::Received received = amy.receive_rest();
    EXPECT_EQ(received.end, test::End::end_of_stream);
    EXPECT_TRUE(received.bytes == lines) << received.bytes.size() << " bytes came";
    amy.close();
    EXPECT_EQ(expect_clean_end(server).stopped, 2U);
}

TEST_P(ChatServerStop, without_members_is_immediate) {
    ChatServerProcess server(drydock, options(long_grace));
    ASSERT_NE(server.port(), 0);
    const ChatSummary summary = stop_chat(server);
    EXPECT_EQ(summary.served, 0U);
    EXPECT_EQ(summary.lines, 0U);
}

TEST_P(ChatServerStop, waits_the_grace_time_for_who_does_not_read_and_no_longer) {
    ChatServerProcess server(drydock, options({"--grace", "4", "--outbox-limit", "1000000000"}));
    ChatCrowd crowd(server.port());
    ASSERT_TRUE(crowd.join(Listening::compares));
    ASSERT_TRUE(crowd.join(Listening::stopped));
    const std::string lines(100'000, '\n');
    for (int i = 0; i < 100; ++i) {  // more than the system takes for somebody who does not read
        crowd.expect(lines);
        crowd.say(0, lines);
        ASSERT_TRUE(crowd.talk_until_heard());
    }
    server.process().signal(SIGINT);
    EXPECT_TRUE(server.process().runs_for(1s)) << "a member that may yet read is waited for";
    const ChatSummary summary = expect_clean_end(server);
    EXPECT_EQ(summary.stopped, 2U);
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[1].state == ChatMember::State::was_reset; }))
        << "an end that looks clean would hide that lines are missing";
}

}  // namespace
}  // namespace drydock::e2e

// The chat across systems: drydock's server on both, its client on both, and the textbook's client.
#include "tests/e2e/chat_room.hpp"
#include "tests/e2e_windows/programs.hpp"
#include "tests/support/chat_crowd.hpp"

namespace drydock::e2e {
namespace {

using test::ChatCrowd;
using test::ChatMember;
using test::Listening;
using test::TcpPeer;

/// Somebody at a client program.
class Talker {
public:
    Talker(const Words& client, std::uint16_t port, const std::string& name)
        : name_(name),
          is_textbooks_(client == textbook("chat_client")),
          process_(command(client, {"127.0.0.1", std::to_string(port), name})) {}

    const std::string& name() const { return name_; }
    Process& process() { return process_; }
    std::string shown() const { return with_plain_line_ends(process_.output()); }

    void say(const std::string& text) {
        process_.type(text + "\n");
        process_.runs_for(1ms);
    }
    void expect_shown(const std::string& all) {
        const auto deadline = test::Clock::now() + test::patience;
        while (shown().size() < all.size() && test::Clock::now() < deadline) {
            if (!process_.runs_for(2ms)) break;
        }
        EXPECT_EQ(shown(), all) << name_ << " should be shown every line, in order; it says: "
                                << process_.errors();
    }
    void quit(const std::string& word) {
        say(word);
        const Ending ending = process_.wait();
        // The textbook's client leaves by exit() from its second thread. Now and then Wine ends the
        // first one before it can hand on the status.
        const bool is_wines = is_textbooks_ && ending == Ending::killed(SIGKILL);
        EXPECT_TRUE(ending == Ending::exited(0) || is_wines)
            << name_ << ": " << testing::PrintToString(ending) << " " << process_.errors();
    }

private:
    std::string name_;
    bool is_textbooks_;
    Process process_;
};

Words chat_client(Words program) {
    program.push_back("chat-client");
    return program;
}

/// They all join, each says something, and then they leave one after the other.
void expect_conversation(ChatServerProcess& server, std::vector<std::unique_ptr<Talker>> talkers) {
    const std::string last = "joined\" member=" + std::to_string(talkers.size()) + " ";
    ASSERT_TRUE(server.process().wait_for_errors(last)) << server.process().errors();
    std::string all;
    const auto say = [&](Talker& speaker, const std::string& text) {
        speaker.say(text);
        all += "[" + speaker.name() + "] " + text + "\n";
        for (const auto& talker : talkers) talker->expect_shown(all);
    };
    for (const auto& talker : talkers) say(*talker, "it is " + talker->name());
    while (!talkers.empty()) {
        talkers.back()->quit(talkers.size() % 2 == 0 ? "q" : "Q");
        EXPECT_EQ(talkers.back()->shown(), all) << "nothing more should be shown at the end";
        talkers.pop_back();
        if (!talkers.empty()) say(*talkers.front(), "still here");
    }
}

void expect_end(ChatServerProcess& server, std::uint64_t members) {
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
    const ChatSummary summary = server.summary();
    ASSERT_TRUE(summary.printed) << server.process().output();
    EXPECT_EQ(summary.served, members);
    EXPECT_EQ(summary.left, members)
        << "each should leave by the end of its stream: " << server.process().errors();
    EXPECT_EQ(summary.lines, 2 * members - 1);
}

class WindowsChat : public WindowsTest {};

TEST_F(WindowsChat, the_textbooks_client_and_both_of_drydocks_talk_by_the_linux_server) {
    ChatServerProcess server(drydock);
    ASSERT_NE(server.port(), 0) << server.process().errors();
    std::vector<std::unique_ptr<Talker>> talkers;
    talkers.push_back(std::make_unique<Talker>(textbook("chat_client"), server.port(), "amy"));
    talkers.push_back(
        std::make_unique<Talker>(chat_client(windows_drydock), server.port(), "window"));
    talkers.push_back(std::make_unique<Talker>(chat_client(drydock), server.port(), "penguin"));
    expect_conversation(server, std::move(talkers));
    expect_end(server, 3);
}

// --- the Windows server at work ------------------------------------------------------------------

class WindowsChatServer : public WindowsTest, public testing::WithParamInterface<WindowsSetup> {
protected:
    void start(const Words& more) {
        Words options = GetParam().options();
        options.insert(options.end(), more.begin(), more.end());
        server_.emplace(windows_drydock, options);
        ASSERT_NE(server_->port(), 0) << server_->process().errors();
    }

    std::optional<ChatServerProcess> server_;
};

INSTANTIATE_TEST_SUITE_P(, WindowsChatServer, testing::ValuesIn(all_setups), setup_name);

TEST_P(WindowsChatServer, lets_three_of_the_textbooks_clients_and_a_linux_one_talk) {
    ASSERT_NO_FATAL_FAILURE(start({}));
    ChatServerProcess& server = *server_;
    std::vector<std::unique_ptr<Talker>> talkers;
    for (const char* name : {"amy", "bob", "cid"}) {
        talkers.push_back(std::make_unique<Talker>(textbook("chat_client"), server.port(), name));
    }
    talkers.push_back(std::make_unique<Talker>(chat_client(drydock), server.port(), "penguin"));
    expect_conversation(server, std::move(talkers));
    expect_end(server, 4);
}

TEST_P(WindowsChatServer, keeps_to_its_limits_and_serves_the_others_on) {
    ASSERT_NO_FATAL_FAILURE(start({"--max-line", "1000", "--outbox-limit", "100000"}));
    ChatCrowd crowd(server_->port());
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(crowd.join(Listening::compares));
    ASSERT_TRUE(crowd.join(Listening::stopped));
    ASSERT_TRUE(server_->process().wait_for_errors("joined\" member=11 "));
    std::string lines;
    for (int i = 0; i < 300; ++i)
        lines += std::string(static_cast<std::size_t>(i % 200), 'x') + "\n";
    const auto is_dropped = [&] { return crowd[10].state == ChatMember::State::was_reset; };
    for (int i = 0; i < 1000 && !is_dropped() && !HasFailure(); ++i) {
        crowd.expect(lines);
        crowd.say(0, lines);
        EXPECT_TRUE(crowd.talk_until_heard()) << "who reads should hear every line";
    }
    EXPECT_TRUE(is_dropped()) << "who does not read should be dropped, and not look complete";
    crowd.say(1, std::string(1001, 'x'));
    EXPECT_TRUE(crowd.talk_until([&] { return crowd[1].state != ChatMember::State::talking; }))
        << "a line over the limit should end its sender's connection";
    const std::string last = "half a line";
    crowd.say(2, last);
    crowd.half_close(2);
    crowd.expect(last + "\n");
    const auto all_have_heard = [&] { return crowd[3].heard_bytes == crowd[2].heard_bytes; };
    EXPECT_TRUE(crowd.talk_until([&] {
        return crowd[2].state == ChatMember::State::ended && all_have_heard();
    })) << "who half closes should hear its own last line and then the end";
    EXPECT_EQ(crowd.wrong(), 0U) << "and everybody exactly what was said";
    EXPECT_EQ(crowd.count(ChatMember::State::talking), 8U) << "nobody else should leave";

    EXPECT_EQ(server_->stop(), Ending::exited(0)) << server_->process().errors();
    const ChatSummary summary = server_->summary();
    ASSERT_TRUE(summary.printed) << server_->process().output();
    EXPECT_EQ(summary.too_slow, 1U);
    EXPECT_EQ(summary.too_long, 1U);
    EXPECT_EQ(summary.left, 1U);
    EXPECT_EQ(summary.stopped, 8U);
    EXPECT_EQ(count_in_log(*server_, "reason=\"line over the limit\""), 1U);
    EXPECT_EQ(count_in_log(*server_, "reason=\"too slow: outbox over its limit\""), 1U);
}

TEST_P(WindowsChatServer, gives_all_members_one_order_and_a_clean_end_at_ctrl_c) {
    constexpr std::size_t members = 12;
    ASSERT_NO_FATAL_FAILURE(start({}));
    ChatCrowd crowd(server_->port());
    for (std::size_t i = 0; i < members; ++i) ASSERT_TRUE(crowd.join_with_greeting("hello\n"));
    const std::size_t greetings = crowd[0].heard.size();
    std::size_t size = 0;
    for (std::size_t i = 0; i < members; ++i) {
        std::string lines;
        for (int k = 0; k < 200; ++k) lines += std::to_string(i) + " " + std::to_string(k) + "\n";
        crowd.say(i, lines);
        size += lines.size();
    }
    ASSERT_TRUE(crowd.talk_until([&] { return crowd[0].heard.size() == greetings + size; }))
        << "all that was said should be heard: " << crowd[0].heard.size() << " bytes of "
        << greetings + size;
    server_->process().signal(SIGINT);
    EXPECT_TRUE(crowd.talk_to_the_end(60s)) << "everybody should see the end";
    EXPECT_EQ(server_->process().wait(), Ending::exited(0)) << server_->process().errors();
    EXPECT_EQ(crowd.count(ChatMember::State::ended), members) << "and a clean one";
    const std::string_view order = std::string_view(crowd[0].heard).substr(greetings);
    for (std::size_t i = 0; i < members; ++i) {
        EXPECT_TRUE(crowd[i].heard.ends_with(order)) << "member " << i << " heard another order";
        for (int k = 0, at = -1; k < 200; ++k) {
            const std::string line = "\n" + std::to_string(i) + " " + std::to_string(k) + "\n";
            const auto place = static_cast<int>(crowd[0].heard.find(line));
            ASSERT_GT(place, at) << "each speaker's lines should come in its order: " << line;
            at = place;
        }
    }
    EXPECT_EQ(server_->summary().stopped, members) << server_->process().output();
    EXPECT_EQ(server_->summary().lines, members * 201);
    EXPECT_EQ(server_->summary().bytes_sent, crowd.heard_bytes());
}

}  // namespace
}  // namespace drydock::e2e

// The chat client at a terminal: what is typed and what arrives do not spoil each other, and the
// terminal is left as it was found.
#include <csignal>

#include "tests/e2e/programs.hpp"
#include "tests/support/screen.hpp"
#include "tests/support/tcp.hpp"
#include "tests/support/terminal_process.hpp"

namespace drydock::e2e {
namespace {

using test::TerminalProcess;

constexpr unsigned short columns = 40;

class ChatClientAtATerminal : public testing::Test {
protected:
    void SetUp() override {
        std::optional<test::TcpPeer> peer = listener_.accept();
        ASSERT_TRUE(peer) << "the client should connect: " << client_.output();
        server_ = std::move(*peer);
        ASSERT_TRUE(client_.wait_for("> ")) << client_.output();
        ASSERT_FALSE(client_.echoes()) << "the client does it";
    }

    /// Types, and waits until it is shown.
    void type(std::string_view text) {
        ASSERT_TRUE(client_.type(text));
        ASSERT_TRUE(client_.wait_for(text)) << client_.output();
    }

    test::Screen screen() const {
        test::Screen shown(columns);
        shown.show(client_.output());
        return shown;
    }

    void expect_end(Ending ending) {
        EXPECT_EQ(client_.wait(), ending) << client_.output();
        EXPECT_TRUE(client_.is_as_found()) << "the terminal should be as it was";
    }

    test::TcpListener listener_;
    test::TcpPeer server_{test::SocketFile()};
    TerminalProcess client_{
        command(drydock, {"chat-client", "127.0.0.1", std::to_string(listener_.port()), "bob"}),
        columns};
};

TEST_F(ChatClientAtATerminal, keeps_half_a_line_when_another_arrives) {
    type("hello ev");
    ASSERT_TRUE(server_.send("[amy] hi bob\n[cat] and"));
    ASSERT_TRUE(client_.wait_for("hello ev")) << "it should be drawn again: " << client_.output();
    EXPECT_EQ(screen().row(0), "[amy] hi bob");
    EXPECT_EQ(screen().row(1), "> hello ev");
    EXPECT_EQ(screen().cursor_column(), 10U);
    EXPECT_EQ(screen().rows(), 2U) << "half a line of others is held back";

    ASSERT_TRUE(server_.send(" me\n"));
    ASSERT_TRUE(client_.wait_for("hello ev"));
    ASSERT_TRUE(client_.type("erybody\r"));
    const std::string said = "[bob] hello everybody\n";
    EXPECT_EQ(server_.receive(said.size()).bytes, said);
    ASSERT_TRUE(server_.send(said));
    ASSERT_TRUE(client_.wait_for("[bob] hello everybody"));
    EXPECT_EQ(screen().row(1), "[cat] and me");
    EXPECT_EQ(screen().row(2), "[bob] hello everybody") << "its row is the server's copy's";
    ASSERT_TRUE(client_.wait_for("> "));
    EXPECT_EQ(screen().row(3), ">");

    ASSERT_TRUE(client_.type("q\r"));
    const test::Received rest = server_.receive_rest();
    EXPECT_EQ(rest.end, test::End::end_of_stream);
    EXPECT_EQ(rest.bytes, "") << "the line was sent exactly once";
    ASSERT_TRUE(server_.send("[amy] bye"));
    server_.close();
    expect_end(Ending::exited(0));
    EXPECT_EQ(screen().row(3), "[amy] bye") << "what has no newline is shown at the end";
}

TEST_F(ChatClientAtATerminal, lets_nobody_play_with_the_terminal) {
    ASSERT_TRUE(
        server_.send("[eve] \x1b[2J\x1b]0;title\x07\x9b"
                     "1A\b\ttab\r\n"));
    ASSERT_TRUE(client_.wait_for("tab"));
    EXPECT_NE(client_.output().find("[eve] ?[2J?]0;title??1A?\ttab\r\n"), std::string::npos)
        << client_.output();
}

TEST_F(ChatClientAtATerminal, edits_the_line) {
    ASSERT_TRUE(
        client_.type("hxllo\x1b[D\x1b[D\x1b[D\x7f"
                     "e\x05!\x01\x1b[3~H\r"));
    const std::string said = "[bob] Hello!\n";
    EXPECT_EQ(server_.receive(said.size()).bytes, said);
}

TEST_F(ChatClientAtATerminal, loses_nothing_of_a_long_paste) {
    std::string paste;
    std::string expected;
    for (int i = 0; i < 2000; ++i) {
        const std::string line = "line " + std::to_string(i) + std::string(30, '.');
        paste += line + "\r";
        expected += "[bob] " + line + "\n";
    }
    const std::string long_line(50'000, 'x');
    paste += long_line + "\r";
    expected += "[bob] " + long_line + "\n";
    ASSERT_TRUE(client_.type(paste));
    EXPECT_TRUE(server_.receive(expected.size()).bytes == expected);
}

TEST_F(ChatClientAtATerminal, quits_at_ctrl_d_in_an_empty_line) {
    ASSERT_TRUE(client_.type("\x04"));
    EXPECT_EQ(server_.receive_rest().end, test::End::end_of_stream);
    server_.close();
    expect_end(Ending::exited(0));
}

TEST_F(ChatClientAtATerminal, says_that_the_server_has_gone_while_a_line_is_typed) {
    type("never sent");
    server_.close();
    expect_end(Ending::exited(1));
    EXPECT_EQ(screen().row(0), "drydock: the server has closed the conne")
        << "the row is given back";
}

TEST_F(ChatClientAtATerminal, puts_the_terminal_back_at_ctrl_c) {
    type("never sent");
    ASSERT_TRUE(client_.type("\x03"));
    expect_end(Ending::killed(SIGINT));
    EXPECT_EQ(screen().row(0), "");
}

TEST_F(ChatClientAtATerminal, puts_the_terminal_back_at_signals) {
    type("never sent");
    client_.signal(SIGTERM);
    expect_end(Ending::killed(SIGTERM));
}

TEST_F(ChatClientAtATerminal, puts_the_terminal_back_when_it_aborts) {
    client_.signal(SIGABRT);
    expect_end(Ending::killed(SIGABRT));
}

TEST_F(ChatClientAtATerminal, gives_the_terminal_away_at_ctrl_z_and_takes_it_again) {
    // Stopped for good it would be only under a shell with job control; the signals are the same.
    type("half a li");
    ASSERT_TRUE(client_.type("\x1a"));
    ASSERT_TRUE(client_.wait_for("\r\x1b[K")) << "the row is given back";
    client_.signal(SIGCONT);
    ASSERT_TRUE(client_.wait_for("half a li")) << "and drawn again: " << client_.output();
    EXPECT_FALSE(client_.echoes());
    ASSERT_TRUE(client_.type("ne\r"));
    const std::string said = "[bob] half a line\n";
    EXPECT_EQ(server_.receive(said.size()).bytes, said);
}

TEST_F(ChatClientAtATerminal, follows_the_terminals_width) {
    type("0123456789012345678901234567");
    client_.resize(20);
    ASSERT_TRUE(client_.wait_for("> 12345678901234567")) << client_.output();
}

TEST(ChatClientAtAPoorTerminal, edits_nothing_and_is_safe_all_the_same) {
    test::TcpListener listener;
    Command start =
        command(drydock, {"chat-client", "127.0.0.1", std::to_string(listener.port()), "bob"});
    start.environment = {{"TERM", "dumb"}};
    TerminalProcess client(start);
    std::optional<test::TcpPeer> server = listener.accept();
    ASSERT_TRUE(server);
    EXPECT_TRUE(client.is_as_found());
    ASSERT_TRUE(client.type("hello\n"));
    EXPECT_EQ(server->receive(12).bytes, "[bob] hello\n");
    ASSERT_TRUE(server->send("[eve] \x1b[2J\n[eve] half"));
    ASSERT_TRUE(client.wait_for("[eve] ?[2J\r\n"));
    server->close();
    EXPECT_EQ(client.wait(), Ending::exited(1));
    EXPECT_NE(client.output().find("[eve] half\r\ndrydock: "), std::string::npos)
        << client.output();
}

}  // namespace
}  // namespace drydock::e2e

// The chat client between pipes, with the test in the server's place.
#include "tests/e2e/programs.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

Words chat_arguments(std::uint16_t port) {
    return {"chat-client", "127.0.0.1", std::to_string(port), "bob"};
}

class ChatClient : public testing::Test {
protected:
    test::TcpPeer accept() {
        std::optional<test::TcpPeer> peer = listener_.accept();
        EXPECT_TRUE(peer) << "the client should connect: " << client_.errors();
        return peer ? std::move(*peer) : test::TcpPeer(test::SocketFile());
    }

    /// What the server gets when these bytes are the client's whole input.
    std::string sent_of(std::string_view input) {
        test::TcpPeer server = accept();
        client_.type(input);
        client_.close_input();
        client_.runs_for(20ms);
        return server.receive_rest().bytes;
    }

    /// The client says by itself that it has no more to send.
    void expect_leave(test::TcpPeer& server) {
        client_.runs_for(20ms);
        const test::Received rest = server.receive_rest();
        EXPECT_EQ(rest.end, test::End::end_of_stream);
        EXPECT_EQ(rest.bytes, "");
    }
    void expect_quit() {
        EXPECT_EQ(client_.wait(), Ending::exited(0)) << client_.errors();
        EXPECT_EQ(client_.errors(), "");
    }
    void expect_failure(std::string_view of_which_it_says) {
        EXPECT_EQ(client_.wait(), Ending::exited(1)) << "a server that goes away is status 1";
        EXPECT_TRUE(is_one_sentence(client_.errors(), "drydock"));
        EXPECT_NE(client_.errors().find(of_which_it_says), std::string::npos) << client_.errors();
    }

    test::TcpListener listener_;
    Process client_{command(drydock, chat_arguments(listener_.port()))};
};

// --- what it sends -------------------------------------------------------------------------------

TEST_F(ChatClient, sends_its_lines_under_its_name) {
    EXPECT_EQ(sent_of("hello\n\n two  words \nqq\n"),
              "[bob] hello\n[bob] \n[bob]  two  words \n[bob] qq\n");
    expect_quit();
    EXPECT_EQ(client_.output(), "") << "its lines come back from the server, or not at all";
}

TEST_F(ChatClient, sends_a_last_line_without_its_newline) {
    EXPECT_EQ(sent_of("one\nlast"), "[bob] one\n[bob] last\n");
    expect_quit();
}

TEST_F(ChatClient, quits_at_q) {
    EXPECT_EQ(sent_of("one\nq\nnever sent\n"), "[bob] one\n");
    expect_quit();
}

TEST_F(ChatClient, quits_at_Q_while_its_input_goes_on) {
    test::TcpPeer server = accept();
    client_.type("Q\n");
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive_rest().end, test::End::end_of_stream);
    server.close();
    expect_quit();
}

TEST_F(ChatClient, sends_bytes_that_are_no_text) {
    const std::string line("a\0b\x01\x1b\xff\x80\r", 8);
    EXPECT_EQ(sent_of(line + "\n"), "[bob] " + line + "\n");
    expect_quit();
}

TEST_F(ChatClient, sends_a_line_of_3_megabytes_whole) {
    std::string line(3'000'000, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<char>('a' + i % 23);
    test::TcpPeer server = accept();
    client_.type(line + "\nand one more\n");
    client_.close_input();
    std::string sent;
    const std::string expected = "[bob] " + line + "\n[bob] and one more\n";
    for (int i = 0; i < 3000 && sent.size() < expected.size(); ++i) {
        client_.runs_for(1ms);
        sent += server.receive(expected.size() - sent.size(), 10ms).bytes;
    }
    EXPECT_TRUE(sent == expected) << sent.size() << " bytes came";
    expect_leave(server);
    server.close();
    expect_quit();
}

TEST_F(ChatClient, talks_and_listens_at_the_same_time) {
    // A server that sends everything back, slower than the client could: whoever sends without
    // receiving waits for ever.
    std::string input;
    std::string expected;
    for (int i = 0; i < 20'000; ++i) {
        const std::string line(static_cast<std::size_t>(i % 200), static_cast<char>('0' + i % 10));
        input += line + "\n";
        expected += "[bob] " + line + "\n";
    }
    test::TcpPeer server = accept();
    client_.type(input);
    client_.close_input();
    std::string sent;
    for (int i = 0; i < 30'000 && sent.size() < expected.size(); ++i) {
        client_.runs_for(1ms);
        const std::string some = server.receive(64 * 1024, 1ms).bytes;
        ASSERT_TRUE(server.send(some));
        sent += some;
    }
    EXPECT_TRUE(sent == expected) << sent.size() << " of " << expected.size() << " bytes came";
    expect_leave(server);
    server.half_close();
    expect_quit();
    EXPECT_TRUE(client_.output() == expected) << client_.output().size() << " bytes are shown";
}

// --- what it shows -------------------------------------------------------------------------------

TEST_F(ChatClient, prints_what_arrives_at_once_and_unchanged) {
    test::TcpPeer server = accept();
    const std::string bytes("[amy] a\0b\xff\x1b[2J\r\n[amy] half", 26);
    EXPECT_TRUE(server.send(bytes));
    EXPECT_TRUE(client_.wait_for_output("half")) << client_.output();
    EXPECT_EQ(client_.output(), bytes);
    EXPECT_TRUE(client_.runs_for(20ms));
}

TEST_F(ChatClient, prints_what_the_server_sends_after_the_quit) {
    test::TcpPeer server = accept();
    client_.type("last words\nq\n");
    client_.runs_for(20ms);
    const std::string sent = server.receive_rest().bytes;
    EXPECT_EQ(sent, "[bob] last words\n");
    EXPECT_TRUE(client_.runs_for(200ms)) << "it is still owed its own line";
    EXPECT_TRUE(server.send(sent));
    server.close();
    expect_quit();
    EXPECT_EQ(client_.output(), sent);
}

TEST_F(ChatClient, waits_two_seconds_for_a_server_that_does_not_end) {
    test::TcpPeer server = accept();
    const auto start = test::Clock::now();
    client_.type("q\n");
    expect_quit();
    EXPECT_GE(test::Clock::now() - start, 1900ms);
}

// --- servers that go away ------------------------------------------------------------------------

TEST_F(ChatClient, notices_that_the_server_closes_while_it_waits_for_a_line) {
    accept().close();
    expect_failure("the server has closed the connection");
}

TEST_F(ChatClient, notices_that_the_server_resets_while_it_waits_for_a_line) {
    test::TcpPeer server = accept();
    client_.type("x\n");  // when that has come, its connect has long succeeded
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive(8).bytes, "[bob] x\n");
    server.reset();
    expect_failure("the connection to the server was lost");
}

TEST_F(ChatClient, notices_that_the_server_closes_while_it_sends) {
    test::TcpPeer server = accept();
    client_.type(std::string(20'000'000, 'x') + "\n");
    std::string sent;
    for (int i = 0; i < 3000 && sent.size() < 6; ++i) {
        client_.runs_for(1ms);
        sent += server.receive(6 - sent.size(), 10ms).bytes;
    }
    EXPECT_EQ(sent, "[bob] ");
    server.close();  // with bytes unread: a reset
    expect_failure("the connection to the server was lost");
}

TEST_F(ChatClient, shows_what_came_before_the_server_went) {
    test::TcpPeer server = accept();
    EXPECT_TRUE(server.send("[amy] bye\n[amy"));
    server.close();
    expect_failure("closed the connection");
    EXPECT_EQ(client_.output(), "[amy] bye\n[amy");
}

// --- what cannot be done -------------------------------------------------------------------------

TEST(ChatClientAlone, is_refused_where_nobody_listens) {
    test::TcpListener nobody;
    const std::uint16_t port = nobody.port();
    nobody.close();
    const Outcome client = run(drydock, chat_arguments(port), "never sent\n");
    EXPECT_EQ(client.ending, Ending::exited(1));
    EXPECT_TRUE(is_one_sentence(client.errors, "drydock"));
    EXPECT_NE(client.errors.find("refused"), std::string::npos) << client.errors;
    EXPECT_EQ(client.output, "");
}

TEST(ChatClientAlone, refuses_what_it_cannot_do_with_one_sentence) {
    const std::vector<Words> wrong = {
        {"127.0.0.1", "7000", ""},
        {"127.0.0.1", "7000", "two\nlines"},
        {"127.0.0.1", "70000", "bob"},
        {"127.0.0.1", "seven", "bob"},
        {"127.0.0.1", "7000"},
        {"host.invalid", "7000", "bob"},
        {"127.0.0.1", "7000", "bob", "--backend", "none"},
    };
    for (Words words : wrong) {
        SCOPED_TRACE(testing::PrintToString(words));
        words.insert(words.begin(), "chat-client");
        const Outcome client = run(drydock, words);
        EXPECT_EQ(client.ending, Ending::exited(2));
        EXPECT_TRUE(is_one_sentence(client.errors, "drydock"));
        EXPECT_EQ(client.output, "");
    }
}

}  // namespace
}  // namespace drydock::e2e

// The echo client: its prompts byte for byte, whatever it is fed, and a server that lets it down.
#include "tests/e2e/programs.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

constexpr std::string_view connected = "Connected.................\n";
constexpr std::string_view prompt = "Input message(Q to quit) : ";
constexpr std::string_view answer = "Message from server : ";

/// What the terminal shows when these lines have been echoed and the next one is asked for.
std::string transcript(const Words& echoes) {
    std::string text = std::string(connected) + std::string(prompt);
    for (const std::string& echo : echoes) {
        if (!echo.empty()) text += std::string(answer) + echo + "\n";
        text += prompt;
    }
    return text;
}

Words client_arguments(std::uint16_t port) {
    return {"echo-client", "127.0.0.1", std::to_string(port)};
}

// --- with a server that works --------------------------------------------------------------------

class EchoPrograms : public testing::TestWithParam<unsigned> {
protected:
    Outcome talk(std::string_view input) {
        return run(drydock, client_arguments(server_.port()), input);
    }

    EchoServerProcess server_{drydock, workers(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(, EchoPrograms, testing::Values(1U, 4U), workers_name);

TEST_P(EchoPrograms, talk_as_at_a_terminal) {
    Process client(command(drydock, client_arguments(server_.port())));
    ASSERT_TRUE(client.wait_for_output(transcript({}))) << client.output();
    client.type("hello\n");
    ASSERT_TRUE(client.wait_for_output(transcript({"hello"}))) << client.output();
    client.type("\n");
    ASSERT_TRUE(client.wait_for_output(transcript({"hello", ""})))
        << "an empty line has no answer; the next one is asked for: " << client.output();
    const std::string odd = "a line with spaces, \xc3\xa4 and \t";
    client.type(odd + "\n");
    client.type("Q\n");
    EXPECT_EQ(client.wait(), Ending::exited(0)) << client.errors();
    EXPECT_EQ(client.output(), transcript({"hello", "", odd}));
    EXPECT_EQ(client.errors(), "");

    EXPECT_EQ(server_.stop(), Ending::exited(0));
    const Summary summary = server_.summary();
    EXPECT_TRUE(summary.printed) << server_.process().output();
    EXPECT_EQ(summary.served, 1U);
    EXPECT_EQ(summary.ended, 1U) << "the client leaves by the end of its stream";
    EXPECT_EQ(summary.bytes_received, 5 + odd.size());
    EXPECT_EQ(summary.bytes_sent, 5 + odd.size());
}

TEST_P(EchoPrograms, quit_at_q_and_at_Q_and_at_no_other_line) {
    for (const char* last : {"q", "Q"}) {
        const Outcome client = talk("qq\n q\n" + std::string(last) + "\nnever sent\n");
        EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
        EXPECT_EQ(client.output, transcript({"qq", " q"}));
    }
}

TEST_P(EchoPrograms, take_input_from_a_pipe_to_its_end) {
    const Outcome client = talk("one\ntwo\n\nthree\n");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_EQ(client.output, transcript({"one", "two", "", "three"}) + "\n");
    EXPECT_EQ(client.errors, "");
}

TEST_P(EchoPrograms, take_a_last_line_without_its_newline) {
    const Outcome client = talk("one\nlast");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_EQ(client.output, transcript({"one", "last"}) + "\n");
}

TEST_P(EchoPrograms, take_no_input_at_all) {
    const Outcome client = talk("");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_EQ(client.output, transcript({}) + "\n");
}

TEST_P(EchoPrograms, take_a_line_of_3_megabytes) {
    std::string line(3'000'000, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<char>('a' + i % 23);
    const Outcome client = talk(line + "\nand one more\n");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_TRUE(client.output == transcript({line, "and one more"}) + "\n")
        << "the long line should come back whole; " << client.output.size() << " bytes came";
}

TEST_P(EchoPrograms, take_bytes_that_are_no_text) {
    const std::string line("a\0b\x01\x1b\xff\x80\r", 8);
    const Outcome client = talk(line + "\n");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_EQ(client.output, transcript({line}) + "\n");
}

TEST_P(EchoPrograms, find_each_other_by_name) {
    const Outcome client =
        run(drydock, {"echo-client", "localhost", std::to_string(server_.port())}, "by name\n");
    EXPECT_EQ(client.ending, Ending::exited(0))
        << "when localhost has an IPv6 address too, the IPv4 one must be tried: " << client.errors;
    EXPECT_EQ(client.output, transcript({"by name"}) + "\n");
}

// --- with a server that does not -----------------------------------------------------------------

/// A client, and the test in the server's place.
class EchoClient : public testing::Test {
protected:
    /// The connection of a client that is at its prompt.
    test::TcpPeer accept() {
        std::optional<test::TcpPeer> peer = listener_.accept();
        EXPECT_TRUE(peer) << "the client should connect: " << client_.errors();
        EXPECT_TRUE(client_.wait_for_output(transcript({}))) << client_.output();
        return peer ? std::move(*peer) : test::TcpPeer(test::SocketFile());
    }

    void expect_failure(std::string_view of_which_it_says) {
        EXPECT_EQ(client_.wait(), Ending::exited(1)) << "a server that misbehaves is status 1";
        EXPECT_TRUE(is_one_sentence(client_.errors(), "drydock"));
        EXPECT_NE(client_.errors().find(of_which_it_says), std::string::npos) << client_.errors();
    }

    test::TcpListener listener_;
    Process client_{command(drydock, client_arguments(listener_.port()))};
};

TEST_F(EchoClient, notices_at_the_prompt_that_the_server_has_closed) {
    accept().close();
    expect_failure("closed the connection");
    EXPECT_EQ(client_.output(), transcript({}) + "\n") << "the sentence is to begin a line";
}

TEST_F(EchoClient, notices_at_the_prompt_that_the_connection_was_reset) {
    accept().reset();
    expect_failure("connection to the server was lost");
}

TEST_F(EchoClient, notices_that_the_server_closes_at_once) {
    // Before the client's first prompt, and before its reader of lines is under way: many times.
    listener_.accept()->close();
    expect_failure("closed the connection");
    for (int i = 0; i < 20; ++i) {
        Process client(command(drydock, client_arguments(listener_.port())));
        std::optional<test::TcpPeer> peer = listener_.accept();
        ASSERT_TRUE(peer);
        peer->close();
        EXPECT_EQ(client.wait(), Ending::exited(1)) << client.errors();
    }
}

TEST_F(EchoClient, notices_in_the_middle_of_an_answer_that_the_server_has_closed) {
    test::TcpPeer server = accept();
    client_.type("0123456789\n");
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive(10).bytes, "0123456789");
    EXPECT_TRUE(server.send("01234"));
    server.close();
    expect_failure("closed the connection");
    EXPECT_EQ(client_.output(), transcript({})) << "half an answer is none";
}

TEST_F(EchoClient, notices_in_the_middle_of_an_answer_that_the_connection_was_reset) {
    test::TcpPeer server = accept();
    client_.type("0123456789\n");
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive(10).bytes, "0123456789");
    EXPECT_TRUE(server.send("01234"));
    client_.runs_for(50ms);
    server.reset();
    expect_failure("connection to the server was lost");
}

TEST_F(EchoClient, notices_an_answer_that_is_not_what_was_sent) {
    test::TcpPeer server = accept();
    client_.type("right\nnever sent\n");
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive(5).bytes, "right");
    EXPECT_TRUE(server.send("wrong"));
    expect_failure("other bytes than it was sent");
}

TEST_F(EchoClient, notices_an_answer_that_is_longer_than_what_was_sent) {
    test::TcpPeer server = accept();
    client_.type("right\n");
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive(5).bytes, "right");
    EXPECT_TRUE(server.send("right, and more"));
    expect_failure("other bytes than it was sent");
}

TEST_F(EchoClient, notices_an_answer_to_nothing) {
    test::TcpPeer server = accept();
    EXPECT_TRUE(server.send("unasked"));
    expect_failure("other bytes than it was sent");
}

TEST_F(EchoClient, waits_for_an_answer_that_comes_in_pieces) {
    test::TcpPeer server = accept();
    client_.type("12345\n");
    client_.runs_for(20ms);
    EXPECT_EQ(server.receive(5).bytes, "12345");
    for (const char* piece : {"1", "23", "45"}) {
        EXPECT_TRUE(client_.runs_for(20ms));
        EXPECT_EQ(client_.output(), transcript({})) << "nothing is shown before all has come";
        EXPECT_TRUE(server.send(piece));
    }
    EXPECT_TRUE(client_.wait_for_output(transcript({"12345"}))) << client_.output();
    client_.close_input();
    EXPECT_EQ(client_.wait(), Ending::exited(0)) << client_.errors();
}

TEST(EchoClientAlone, is_refused_where_nobody_listens) {
    test::TcpListener nobody;
    const std::uint16_t port = nobody.port();
    nobody.close();
    const Outcome client = run(drydock, client_arguments(port), "never sent\n");
    EXPECT_EQ(client.ending, Ending::exited(1));
    EXPECT_TRUE(is_one_sentence(client.errors, "drydock"));
    EXPECT_NE(client.errors.find("refused"), std::string::npos) << client.errors;
    EXPECT_EQ(client.output, "");
}

}  // namespace
}  // namespace drydock::e2e

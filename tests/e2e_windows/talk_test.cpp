// Every pair of echo programs that has a Windows one in it: drydock's, and the textbook's.
#include "tests/e2e_windows/programs.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

constexpr std::string_view lines = "hello\n\na second line\nqq\nlast line without its end";

/// What every client of drydock's shows for these lines.
constexpr std::string_view transcript =
    "Connected.................\n"
    "Input message(Q to quit) : Message from server : hello\n"
    "Input message(Q to quit) : Input message(Q to quit) : Message from server : a second line\n"
    "Input message(Q to quit) : Message from server : qq\n"
    "Input message(Q to quit) : Message from server : last line without its end\n"
    "Input message(Q to quit) : \n";

Words client_arguments(std::uint16_t port) {
    return {"echo-client", "127.0.0.1", std::to_string(port)};
}

void expect_talk(const Words& client, std::uint16_t port) {
    const Outcome outcome = run_windows(client, client_arguments(port), lines);
    EXPECT_EQ(outcome.ending, Ending::exited(0)) << outcome.errors;
    EXPECT_EQ(outcome.output, transcript);
    EXPECT_EQ(outcome.errors, "");
}

class WindowsEchoServer : public WindowsTest, public testing::WithParamInterface<WindowsSetup> {};

INSTANTIATE_TEST_SUITE_P(, WindowsEchoServer, testing::ValuesIn(all_setups), setup_name);

TEST_P(WindowsEchoServer, serves_both_clients_and_stops_at_ctrl_c) {
    EchoServerProcess server(windows_drydock, GetParam().options());
    ASSERT_NE(server.port(), 0) << server.process().errors();
    EXPECT_EQ(server.address(), "127.0.0.1");
    EXPECT_TRUE(server.process().wait_for_errors("event=serving backend=" + GetParam().backend));
    {
        SCOPED_TRACE("the Linux client");
        expect_talk(drydock, server.port());
    }
    {
        SCOPED_TRACE("the Windows client");
        expect_talk(windows_drydock, server.port());
    }
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
    const Summary summary = server.summary();
    EXPECT_TRUE(summary.printed) << server.process().output();
    EXPECT_EQ(summary.served, 2U);
    EXPECT_EQ(summary.ended, 2U);
    EXPECT_EQ(summary.bytes_received, 2U * (5 + 13 + 2 + 25));
    EXPECT_EQ(summary.bytes_sent, summary.bytes_received);
}

class WindowsEchoClient : public WindowsTest {};

TEST_F(WindowsEchoClient, talks_over_completion_routines) {
    EchoServerProcess server(drydock);
    Words arguments = client_arguments(server.port());
    arguments.insert(arguments.end(), {"--backend", "apc"});
    const Outcome outcome = run_windows(windows_drydock, arguments, lines);
    EXPECT_EQ(outcome.ending, Ending::exited(0)) << outcome.errors;
    EXPECT_EQ(outcome.output, transcript);
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().ended, 1U);
}

TEST_F(WindowsEchoClient, talks_with_the_linux_server) {
    EchoServerProcess server(drydock);
    expect_talk(windows_drydock, server.port());
    const Outcome quits = run_windows(windows_drydock, client_arguments(server.port()), "Q\nno\n");
    EXPECT_EQ(quits.ending, Ending::exited(0)) << quits.errors;
    EXPECT_EQ(quits.output, "Connected.................\nInput message(Q to quit) : ");
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().ended, 2U) << "it should leave by the end of its stream";
}

TEST_F(WindowsEchoClient, takes_a_long_line) {
    EchoServerProcess server(drydock);
    std::string line(1'000'000, ' ');
    for (std::size_t i = 0; i < line.size(); ++i) line[i] = static_cast<char>('a' + i % 23);
    const Outcome client =
        run_windows(windows_drydock, client_arguments(server.port()), line + "\n");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_TRUE(client.output ==
                "Connected.................\n"
                "Input message(Q to quit) : Message from server : " +
                    line + "\nInput message(Q to quit) : \n")
        << "the line should come back whole; " << client.output.size() << " bytes came";
}

TEST_F(WindowsEchoClient, ends_when_the_server_goes_away_at_the_prompt) {
    test::TcpListener listener;
    Process client(command(windows_drydock, client_arguments(listener.port())));
    std::optional<test::TcpPeer> server = listener.accept();
    ASSERT_TRUE(server) << client.errors();
    ASSERT_TRUE(client.wait_for_output("(Q to quit) : "));
    server->close();
    EXPECT_EQ(client.wait(), Ending::exited(1)) << "though its user types nothing";
    EXPECT_TRUE(is_one_sentence(with_plain_line_ends(client.errors()), "drydock"));
}

TEST_F(WindowsEchoClient, ends_when_the_server_goes_away_in_the_middle_of_an_answer) {
    test::TcpListener listener;
    Process client(command(windows_drydock, client_arguments(listener.port())));
    std::optional<test::TcpPeer> server = listener.accept();
    ASSERT_TRUE(server) << client.errors();
    client.type("0123456789\n");
    ASSERT_TRUE(client.wait_for_output("(Q to quit) : "));
    ASSERT_TRUE(client.runs_for(50ms));
    EXPECT_EQ(server->receive(10).bytes, "0123456789");
    EXPECT_TRUE(server->send("01234"));
    server->close();
    EXPECT_EQ(client.wait(), Ending::exited(1));
    EXPECT_TRUE(is_one_sentence(with_plain_line_ends(client.errors()), "drydock"));
}

// --- the textbook's programs ---------------------------------------------------------------------

class Textbook : public WindowsTest {};

TEST_F(Textbook, client_is_served_by_the_windows_servers_and_by_the_linux_one) {
    EchoServerProcess iocp_server(windows_drydock, {"--backend", "iocp"});
    EchoServerProcess apc_server(windows_drydock, {"--backend", "apc"});
    EchoServerProcess linux_server(drydock);
    for (EchoServerProcess* server : {&iocp_server, &apc_server, &linux_server}) {
        ASSERT_NE(server->port(), 0) << server->process().errors();
        const Outcome client =
            run_windows(textbook("stable_echo_client"),
                        {"127.0.0.1", std::to_string(server->port())}, "hello\na second line\nQ\n");
        EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
        EXPECT_EQ(client.output,
                  "Connected.................\n"
                  "Input message(Q to quit) : Message from server : hello\n"
                  "Input message(Q to quit) : Message from server : a second line\n"
                  "Input message(Q to quit) : ");
        EXPECT_EQ(server->stop(), Ending::exited(0)) << server->process().errors();
        EXPECT_EQ(server->summary().bytes_sent, 5U + 13U);
    }
}

TEST_F(Textbook, server_serves_the_windows_client_and_the_linux_one) {
    test::TcpListener free;
    const std::uint16_t port = free.port();  // the book's server cannot pick one by itself
    free.close();
    Process server(command(textbook("iocp_echo_server"), {std::to_string(port)}));
    bool listens = false;
    for (int i = 0; i < 600 && !listens; ++i) {
        ASSERT_TRUE(server.runs_for(50ms)) << server.errors();
        listens = test::connect_to(port).is_open();
    }
    ASSERT_TRUE(listens) << "the textbook's server should start";
    expect_talk(drydock, port);
    expect_talk(windows_drydock, port);
}

}  // namespace
}  // namespace drydock::e2e

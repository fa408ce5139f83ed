// The programs with standard streams that are closed: a socket or a ring must not take their place.
#include <unistd.h>

#include <filesystem>

#include "tests/e2e/streams.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::End;
using test::TcpPeer;

/// A command, its backend, and the streams that are closed.
struct Setup {
    std::string server;
    std::string backend;
    unsigned closed;

    Command command() const {
        return with_closed(e2e::command(drydock, {server, "0", "--bind", "127.0.0.1", "--backend",
                                                  backend, "--log-level", "debug"}),
                           closed);
    }
};

void PrintTo(const Setup& setup, std::ostream* out) {
    *out << setup.server << " " << setup.backend << " " << closed_name(setup.closed);
}

std::string setup_name(const testing::TestParamInfo<Setup>& info) {
    const std::string server = info.param.server.substr(0, 4);
    return server + "_" + info.param.backend + "_" + closed_name(info.param.closed);
}

std::vector<Setup> all_setups() {
    std::vector<Setup> setups;
    for (const char* server : {"echo-server", "chat-server"}) {
        for (const char* backend : {"epoll", "uring"}) {
            for (unsigned closed = 0; closed < 8; ++closed) {
                setups.push_back({server, backend, closed});
            }
        }
    }
    return setups;
}

/// Where a stream of the program leads.
std::string stream_target(const Process& process, int stream) {
    std::error_code error;
    return std::filesystem::read_symlink(
               "/proc/" + std::to_string(process.pid()) + "/fd/" + std::to_string(stream), error)
        .string();
}

class ClosedStreams : public testing::TestWithParam<Setup> {
protected:
    void SetUp() override {
        if (GetParam().backend != "uring") return;
        const Outcome probe = run(drydock, {"echo-server", "x", "--backend", "uring"});
        if (probe.errors.find("uring") != std::string::npos) {
            GTEST_SKIP() << "there is no uring here: " << probe.errors;
        }
    }
};

INSTANTIATE_TEST_SUITE_P(, ClosedStreams, testing::ValuesIn(all_setups()), setup_name);

TEST_P(ClosedStreams, serve_clients_and_put_nothing_into_their_connections) {
    const unsigned closed = GetParam().closed;
    Process server(GetParam().command());
    const std::uint16_t port = server.listening_port();
    ASSERT_NE(port, 0) << server.errors();
    for (int stream = 0; stream < 3; ++stream) {
        if (!is_closed(closed, stream)) continue;
        EXPECT_EQ(stream_target(server, stream), "/dev/null") << "stream " << stream;
    }
    // All that a member of the chat hears is its own line, as it leaves before the next one comes.
    for (int round = 0; round < 3; ++round) {
        TcpPeer peer(port);
        const std::string text = "line " + std::to_string(round) + "\n";
        const test::Received rest = peer.exchange(text);
        EXPECT_EQ(rest.bytes, text) << "and no byte of a log";
        EXPECT_EQ(rest.end, End::end_of_stream);
    }
    EXPECT_TRUE(server.runs_for(50ms)) << "it goes on serving";
    server.signal(SIGTERM);
    EXPECT_EQ(server.wait(), Ending::exited(0)) << server.errors();
    const bool prints = server.output().find("listening on 127.0.0.1:") == 0 &&
                        server.output().find("\nserved 3 ") != std::string::npos;
    EXPECT_EQ(prints, !is_closed(closed, STDOUT_FILENO)) << server.output();
    const bool logs = server.errors().find("event=serving") != std::string::npos;
    EXPECT_EQ(logs, !is_closed(closed, STDERR_FILENO)) << server.errors();
}

// --- the others ----------------------------------------------------------------------------------

class ClosedStreamsOf : public testing::TestWithParam<unsigned> {
protected:
    static bool has(int stream) { return !is_closed(GetParam(), stream); }
    static Outcome run_closed(const Words& program, const Words& arguments,
                              std::string_view input = {}) {
        return test::run_program(with_closed(command(program, arguments), GetParam()), input);
    }
};

INSTANTIATE_TEST_SUITE_P(, ClosedStreamsOf, testing::Range(0U, 8U),
                         [](const auto& tested) { return closed_name(tested.param); });

TEST_P(ClosedStreamsOf, let_an_echo_client_send_what_is_typed_and_no_more) {
    EchoServerProcess server(drydock);
    const std::string port = std::to_string(server.port());
    for (const char* const backend : {"epoll", "auto"}) {
        const Outcome client = run_closed(
            drydock, {"echo-client", "127.0.0.1", port, "--backend", backend}, "hello\nq\n");
        EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
        EXPECT_EQ(client.errors, "");
        EXPECT_EQ(client.output.starts_with("Connected"), has(STDOUT_FILENO)) << client.output;
        const bool heard = client.output.find("server : hello\n") != std::string::npos;
        EXPECT_EQ(heard, has(STDIN_FILENO) && has(STDOUT_FILENO)) << client.output;
    }
    EXPECT_EQ(server.stop(), Ending::exited(0));
    const std::uint64_t typed = has(STDIN_FILENO) ? 10 : 0;
    EXPECT_EQ(server.summary().bytes_received, typed) << "two times hello, and no prompt";
}

TEST_P(ClosedStreamsOf, let_a_chat_client_send_what_is_typed_and_no_more) {
    ChatServerProcess server(drydock);
    const std::string port = std::to_string(server.port());
    const Outcome client =
        run_closed(drydock, {"chat-client", "127.0.0.1", port, "Ada"}, "hello\n");
    EXPECT_EQ(client.ending, Ending::exited(0)) << client.errors;
    EXPECT_EQ(client.errors, "");
    const bool heard = client.output == "[Ada] hello\n";
    EXPECT_EQ(heard, has(STDIN_FILENO) && has(STDOUT_FILENO)) << client.output;
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.summary().lines, has(STDIN_FILENO) ? 1U : 0U);
}

TEST_P(ClosedStreamsOf, complaints_are_lost_and_the_status_is_not) {
    const Outcome wrong = run_closed(drydock, {"echo-server", "http"});
    EXPECT_EQ(wrong.ending, Ending::exited(2));
    EXPECT_EQ(wrong.errors.empty(), !has(STDERR_FILENO)) << wrong.errors;
}

}  // namespace
}  // namespace drydock::e2e

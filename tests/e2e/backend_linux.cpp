// The servers on each of Linux's backends, and what they do where io_uring is refused.
#include "tests/e2e/chat_room.hpp"
#include "tests/e2e/programs.hpp"
#include "tests/support/crowd.hpp"
#include "tests/support/scale.hpp"

namespace drydock::e2e {
namespace {

using test::Crowd;
using test::Member;
using test::TcpPeer;

Words on(const std::string& backend, Words options = {}) {
    options.insert(options.end(), {"--backend", backend});
    return options;
}

/// Whether this build, and the system that it runs on, have it.
bool is_there(const std::string& backend) {
    EchoServerProcess server(drydock, on(backend));
    return server.port() != 0;
}

class OnBackend : public testing::TestWithParam<std::string> {
protected:
    void SetUp() override {
        if (!is_there(GetParam())) {
            GTEST_SKIP() << "there is no " << GetParam() << " here";
        }
    }
    Words options(const Words& others = {}) const { return on(GetParam(), others); }
};

INSTANTIATE_TEST_SUITE_P(, OnBackend, testing::Values("uring", "epoll"),
                         [](const auto& tested) { return tested.param; });

// --- one after the other -------------------------------------------------------------------------

TEST_P(OnBackend, a_server_says_which_it_is) {
    EchoServerProcess server(drydock, options());
    EXPECT_TRUE(server.process().wait_for_errors("event=serving backend=" + GetParam()));
    EXPECT_EQ(server.stop(), Ending::exited(0));
    EXPECT_EQ(server.process().errors().find("refused"), std::string::npos)
        << server.process().errors();
}

TEST_P(OnBackend, a_crowd_is_echoed_and_nothing_is_left_behind) {
    for (const unsigned count : {1U, 4U}) {
        EchoServerProcess server(drydock, options(workers(count)));
        const auto clients = static_cast<std::size_t>(test::scaled(500));
        ASSERT_EQ(TcpPeer(server.port()).exchange("first").bytes, "first");
        const std::size_t descriptors = server.process().open_descriptors();
        Crowd crowd(server.port());
        ASSERT_TRUE(crowd.join(clients, {.bytes = 20000}));
        EXPECT_TRUE(crowd.talk_to_the_end()) << crowd.count(Member::State::ended) << " have ended";
        EXPECT_EQ(crowd.wrong(), 0U);
        EXPECT_EQ(crowd.received(), clients * 20000);
        const auto deadline = test::Clock::now() + test::patience;
        while (server.process().open_descriptors() > descriptors && test::Clock::now() < deadline) {
            server.process().runs_for(10ms);
        }
        EXPECT_LE(server.process().open_descriptors(), descriptors);
        EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
        EXPECT_EQ(server.summary().ended, clients + 1);
    }
}

// A client that sends and never reads costs a bounded amount of memory, and nobody else anything.
TEST_P(OnBackend, who_floods_and_never_reads_stops_being_read) {
    EchoServerProcess server(drydock, options(workers(1)));
    Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join(20, {.reads = false}));
    ASSERT_TRUE(crowd.talk_until_nothing_moves(500ms));
    TcpPeer peer(server.port());
    EXPECT_EQ(peer.exchange("still there?").bytes, "still there?");
    EXPECT_LT(server.process().peak_resident_bytes(), std::uint64_t{512} << 20);
    server.process().signal(SIGINT);
    EXPECT_TRUE(crowd.talk_to_the_end()) << "all clients should be let go";
    EXPECT_EQ(server.process().wait(), Ending::exited(0)) << server.process().errors();
}

TEST_P(OnBackend, resets_in_the_middle_are_survived) {
    EchoServerProcess server(drydock, options(workers(4)));
    const auto clients = static_cast<std::size_t>(test::scaled(300));
    Crowd crowd(server.port());
    ASSERT_TRUE(crowd.join(clients, {.bytes = 100'000, .resets_at = 5000}));
    EXPECT_TRUE(crowd.talk_to_the_end());
    EXPECT_EQ(crowd.wrong(), 0U);
    EXPECT_EQ(TcpPeer(server.port()).exchange("and now?").bytes, "and now?");
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

TEST_P(OnBackend, a_chat_room_hears_every_line) {
    ChatServerProcess server(drydock, options(workers(4)));
    TcpPeer alice = join_chat(server.port(), "alice is here\n");
    TcpPeer bob = join_chat(server.port(), "bob is here\n");
    expect_heard(alice, "bob is here\n");
    ASSERT_TRUE(alice.send("hello\nworld\n"));
    expect_heard(alice, "hello\nworld\n");
    expect_heard(bob, "hello\nworld\n");
    const ChatSummary summary = stop_chat(server);
    EXPECT_EQ(summary.lines, 4U);
}

TEST_P(OnBackend, a_client_talks_to_a_server) {
    EchoServerProcess server(drydock, options());
    const Words arguments = {"echo-client", "127.0.0.1", std::to_string(server.port())};
    const Outcome outcome = run(drydock, options(arguments), "hello\n");
    EXPECT_EQ(outcome.ending, Ending::exited(0)) << outcome.errors;
    EXPECT_NE(outcome.output.find("hello"), std::string::npos) << outcome.output;
    EXPECT_EQ(server.stop(), Ending::exited(0));
}

// --- refused -------------------------------------------------------------------------------------

class WithoutIoUring : public testing::Test {
protected:
    void SetUp() override {
        const Outcome outcome = run_without({"echo-server", "0", "--backend", "uring"});
        if (outcome.errors.find("no backend 'uring'") != std::string::npos) {
            GTEST_SKIP() << "this build has no backend on io_uring";
        }
    }

    static Command without(const Words& arguments) {
        Command refused = command(drydock, arguments);
        refused.without_io_uring = true;
        return refused;
    }
    static Outcome run_without(const Words& arguments) {
        return test::run_program(without(arguments));
    }
};

TEST_F(WithoutIoUring, a_server_serves_by_epoll_and_says_so_once) {
    Process server(without({"echo-server", "0", "--bind", "127.0.0.1"}));
    const std::optional<std::string> line = server.read_line();
    ASSERT_TRUE(line) << server.errors();
    const auto port = static_cast<std::uint16_t>(std::stoul(line->substr(line->rfind(':') + 1)));
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(TcpPeer(port).exchange("hello").bytes, "hello");
    }
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), Ending::exited(0)) << server.errors();
    const std::string& log = server.errors();
    const std::size_t said = log.find("event=\"backend refused\" instead=epoll");
    ASSERT_NE(said, std::string::npos) << log;
    EXPECT_EQ(log.find("backend refused", said + 20), std::string::npos)
        << "once is enough: " << log;
    EXPECT_NE(log.find("Operation not permitted"), std::string::npos) << "and why: " << log;
    EXPECT_NE(log.find("event=serving backend=epoll"), std::string::npos) << log;
}

TEST_F(WithoutIoUring, to_ask_for_it_is_an_error_of_one_sentence) {
    for (const char* const program : {"echo-server", "chat-server"}) {
        const Outcome outcome = run_without({program, "0", "--backend", "uring"});
        EXPECT_EQ(outcome.ending, Ending::exited(2)) << program;
        EXPECT_TRUE(is_one_sentence(outcome.errors, "drydock"));
        EXPECT_NE(outcome.errors.find("uring"), std::string::npos) << outcome.errors;
        EXPECT_EQ(outcome.output, "");
    }
}

TEST_F(WithoutIoUring, clients_work_all_the_same) {
    EchoServerProcess server(drydock);
    const Outcome outcome = test::run_program(
        without({"echo-client", "127.0.0.1", std::to_string(server.port())}), "hello\n");
    EXPECT_EQ(outcome.ending, Ending::exited(0)) << outcome.errors;
    EXPECT_EQ(outcome.errors, "");
}

}  // namespace
}  // namespace drydock::e2e

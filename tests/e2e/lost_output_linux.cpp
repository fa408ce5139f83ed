// What the programs do when their output, or their log, cannot be written: a full disk, a pipe that
// nobody reads.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "tests/e2e/streams.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::TcpPeer;

// --- commands that end by themselves -------------------------------------------------------------

class LostOutput : public testing::TestWithParam<Lost> {};

TEST_P(LostOutput, is_one_sentence_and_status_2) {
    const Outcome run = run_with(drydock, GetParam().arguments, GetParam().output);
    expect_complaint_about_output(run, "drydock", GetParam().output);
}

TEST_P(LostOutput, is_status_2_where_nothing_can_be_said) {
    for (const Stream errors : {Stream::full, Stream::unread, Stream::closed}) {
        const Outcome run = run_with(drydock, GetParam().arguments, GetParam().output, errors);
        EXPECT_EQ(run.ending, Ending::exited(2)) << static_cast<int>(errors);
    }
}

const Lost lost[] = {
    {"help", {"--help"}},
    {"help_unread", {"--help"}, Stream::unread},
    {"version", {"--version"}},
    {"help_of_the_echo_server", {"echo-server", "--help"}},
    {"help_of_the_chat_client", {"chat-client", "--help"}, Stream::unread},
};

INSTANTIATE_TEST_SUITE_P(, LostOutput, testing::ValuesIn(lost), lost_name);

TEST(LostComplaint, is_status_2_all_the_same) {
    for (const Stream errors : {Stream::full, Stream::unread}) {
        const Outcome run = run_with(drydock, {"echo-server", "http"}, Stream::pipe, errors);
        EXPECT_EQ(run.ending, Ending::exited(2)) << static_cast<int>(errors);
    }
}

// --- clients -------------------------------------------------------------------------------------

class LostOutputOfClient : public testing::TestWithParam<Stream> {};

INSTANTIATE_TEST_SUITE_P(, LostOutputOfClient, testing::Values(Stream::full, Stream::unread),
                         [](const auto& tested) {
                             return tested.param == Stream::full ? "full" : "unread";
                         });

TEST_P(LostOutputOfClient, ends_the_echo_client_with_one_sentence_and_status_2) {
    EchoServerProcess server(drydock);
    const Words arguments = {"echo-client", "127.0.0.1", std::to_string(server.port())};
    const Outcome client = run_with(drydock, arguments, GetParam(), Stream::pipe, "hello\n");
    expect_complaint_about_output(client, "drydock", GetParam());
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

// It has shown its prompt, and waits for a line that does not come.
TEST_P(LostOutputOfClient, ends_the_chat_client_though_its_input_goes_on) {
    ChatServerProcess server(drydock);
    Command prepared =
        command(drydock, {"chat-client", "127.0.0.1", std::to_string(server.port()), "Ada"});
    prepared.streams[1] = GetParam();
    Process client(prepared);
    client.type("hello\n");
    const Ending ending = client.wait();
    expect_complaint_about_output({ending, "", client.errors()}, "drydock", GetParam());
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

TEST_P(LostOutputOfClient, is_status_2_where_nothing_can_be_said) {
    EchoServerProcess server(drydock);
    const Words arguments = {"echo-client", "127.0.0.1", std::to_string(server.port())};
    for (const Stream errors : {Stream::full, Stream::unread}) {
        const Outcome client = run_with(drydock, arguments, GetParam(), errors, "hello\n");
        EXPECT_EQ(client.ending, Ending::exited(2));
    }
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

// A folder, for example.
TEST(LostInput, is_one_sentence_and_status_2) {
    EchoServerProcess server(drydock);
    Command prepared =
        command(drydock, {"echo-client", "127.0.0.1", std::to_string(server.port())});
    const int folder = ::open("/", O_RDONLY | O_CLOEXEC);
    prepared.streams[0] = test::StreamSetup::file(folder);
    const Outcome client = test::run_program(prepared);
    ::close(folder);
    EXPECT_EQ(client.ending, Ending::exited(2));
    EXPECT_TRUE(is_one_sentence(client.errors, "drydock"));
    EXPECT_NE(client.errors.find("cannot read standard input: Is a directory"), std::string::npos)
        << client.errors;
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

// --- servers -------------------------------------------------------------------------------------

struct ServerSetup {
    const char* name;
    const char* server;
    Stream output;
    Stream errors;
    int status;  // at its end
};

void PrintTo(const ServerSetup& setup, std::ostream* out) { *out << setup.name; }

class LostOutputOfServer : public testing::TestWithParam<ServerSetup> {};

TEST_P(LostOutputOfServer, keeps_no_client_from_being_served) {
    const ServerSetup& setup = GetParam();
    Command prepared = command(drydock, {setup.server, "0", "--bind", "127.0.0.1"});
    prepared.streams[1] = setup.output;
    prepared.streams[2] = setup.errors;
    Process server(prepared);
    const std::uint16_t port = server.listening_port();
    ASSERT_NE(port, 0) << server.errors();
    EXPECT_EQ(TcpPeer(port).exchange("hello\n").bytes, "hello\n");
    const bool says = setup.output != Stream::pipe && setup.errors == Stream::pipe;
    if (says) {
        EXPECT_TRUE(server.wait_for_errors("event=\"cannot write to standard output\" reason="))
            << "it says so at once: " << server.errors();
    }
    EXPECT_EQ(TcpPeer(port).exchange("and now\n").bytes, "and now\n");
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), Ending::exited(setup.status)) << server.errors();
    const std::string& errors = server.errors();
    const std::string sentence = "drydock: cannot write to standard output: ";
    const std::size_t said = errors.find(sentence);
    EXPECT_EQ(said != std::string::npos, says) << errors;
    if (says) {
        EXPECT_EQ(errors.find(sentence, said + 1), std::string::npos) << "once: " << errors;
    }
    if (setup.output == Stream::pipe) {
        EXPECT_NE(server.output().find("\nserved 2 "), std::string::npos) << server.output();
    }
}

const ServerSetup servers[] = {
    {"echo_output_full", "echo-server", Stream::full, Stream::pipe, 2},
    {"echo_output_unread", "echo-server", Stream::unread, Stream::pipe, 2},
    {"echo_log_full", "echo-server", Stream::pipe, Stream::full, 2},
    {"echo_log_unread", "echo-server", Stream::pipe, Stream::unread, 2},
    {"echo_both_full", "echo-server", Stream::full, Stream::full, 2},
    {"echo_output_full_log_closed", "echo-server", Stream::full, Stream::closed, 2},
    {"echo_output_closed_log_full", "echo-server", Stream::closed, Stream::full, 2},
    {"echo_both_closed", "echo-server", Stream::closed, Stream::closed, 0},
    {"chat_output_full", "chat-server", Stream::full, Stream::pipe, 2},
    {"chat_output_unread", "chat-server", Stream::unread, Stream::pipe, 2},
    {"chat_log_full", "chat-server", Stream::pipe, Stream::full, 2},
    {"chat_both_unread", "chat-server", Stream::unread, Stream::unread, 2},
    {"chat_both_closed", "chat-server", Stream::closed, Stream::closed, 0},
};

INSTANTIATE_TEST_SUITE_P(, LostOutputOfServer, testing::ValuesIn(servers),
                         [](const auto& tested) { return tested.param.name; });

// Its reader is there and does not read: the kernel would block the server's first line for ever.
TEST(FullPipe, does_not_keep_a_server_from_serving_or_from_ending) {
    std::array<int, 2> pipe{};
    ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
    ASSERT_EQ(::fcntl(pipe[1], F_SETFL, O_NONBLOCK), 0);
    const std::string much(4096, 'x');
    while (::write(pipe[1], much.data(), much.size()) > 0) {}
    ASSERT_EQ(::fcntl(pipe[1], F_SETFL, 0), 0);
    std::optional<test::TcpListener> holder(std::in_place);
    const std::uint16_t port = holder->port();
    holder.reset();
    Command prepared =
        command(drydock, {"echo-server", std::to_string(port), "--bind", "127.0.0.1"});
    prepared.streams[1] = test::StreamSetup::file(pipe[1]);
    Process server(prepared);
    ASSERT_TRUE(server.wait_for_errors("nothing reads it")) << server.errors();
    test::TcpPeer peer(port);
    EXPECT_EQ(peer.exchange("still served").bytes, "still served");
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), Ending::exited(2));
    ::close(pipe[0]);
    ::close(pipe[1]);
}

// A disk that was full for a while; here a named pipe whose reader comes late.
class LogWithGaps : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
        open_reader();
        writer_ = ::open(path_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
        ASSERT_GE(writer_, 0);
    }
    void TearDown() override {
        close_reader();
        ::close(writer_);
    }
    void open_reader() { reader_ = ::open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC); }
    void close_reader() { ::close(std::exchange(reader_, -1)); }

    Process start() {
        Command prepared = command(drydock, {"chat-server", "0", "--bind", "127.0.0.1"});
        prepared.streams[2] = test::StreamSetup::file(writer_);
        return Process(prepared);
    }

    void read() {
        std::array<char, 4096> buffer;
        for (::ssize_t count; (count = ::read(reader_, buffer.data(), buffer.size())) > 0;) {
            log_.append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    bool wait_for(std::string_view text) {
        const test::Clock::time_point deadline = test::Clock::now() + test::patience;
        for (; log_.find(text) == std::string::npos; read()) {
            if (test::Clock::now() > deadline) return false;
            ::usleep(2000);
        }
        return true;
    }

    test::TemporaryFolder folder_;
    std::string path_ = folder_.path() + "/log";
    int reader_ = -1;
    int writer_ = -1;
    std::string log_;
};

TEST_F(LogWithGaps, is_written_when_it_can_be_and_tells_why_it_could_not) {
    close_reader();
    Process server = start();
    const std::uint16_t port = server.listening_port();
    ASSERT_NE(port, 0);
    EXPECT_EQ(TcpPeer(port).exchange("hello\n").bytes, "hello\n");
    EXPECT_TRUE(server.runs_for(2s)) << "long enough to try to write";
    open_reader();
    EXPECT_TRUE(wait_for("event=\"log could not be written\" reason=\"Broken pipe\"\n")) << log_;
    EXPECT_NE(log_.find("event=serving"), std::string::npos) << "nothing is lost: " << log_;
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), Ending::exited(0)) << "all was told in the end";
}

// Each member is two lines. The pipe is non-blocking, and takes parts of what is written.
TEST_F(LogWithGaps, counts_the_lines_that_are_lost) {
    Process server = start();
    const std::uint16_t port = server.listening_port();
    ASSERT_NE(port, 0);
    constexpr std::size_t connections = 12000;
    for (std::size_t i = 0; i < connections; ++i) TcpPeer(port).close();
    EXPECT_TRUE(wait_for("event=\"log lines lost\" lines=")) << log_.size();
    server.signal(SIGINT);
    const test::Clock::time_point deadline = test::Clock::now() + test::patience;
    Ending ending;
    while (ending.kind == Ending::Kind::still_running && test::Clock::now() < deadline) {
        read();
        ending = server.wait(5ms);
    }
    read();
    EXPECT_EQ(ending, Ending::exited(0));
    EXPECT_EQ(log_.find("could not be written"), std::string::npos)
        << "a pipe without room is waited for";
    EXPECT_TRUE(log_.ends_with('\n'));
    const auto whole = static_cast<std::size_t>(std::count(log_.begin(), log_.end(), '\n'));
    std::size_t starts = 0;
    for (std::size_t at = 0; at < log_.size(); at = log_.find('\n', at) + 1) {
        starts += log_.compare(at, 5, "time=") == 0 ? 1U : 0U;
    }
    EXPECT_EQ(starts, whole) << "no line is cut";
}

}  // namespace
}  // namespace drydock::e2e

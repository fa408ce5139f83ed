// The servers' logs, line by line: times, and both formats.
#include <fcntl.h>
#include <unistd.h>

#include <ctime>
#include <regex>
#include <sstream>

#include <nlohmann/json.hpp>

#include "tests/e2e/programs.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::TcpPeer;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// What a server logs of a member that comes and goes.
std::vector<std::string> log_of_a_chat(const Words& options) {
    ChatServerProcess server(drydock, options);
    EXPECT_EQ(TcpPeer(server.port()).exchange("hello\n").bytes, "hello\n");
    EXPECT_TRUE(server.process().wait_for_errors("member left"));
    EXPECT_EQ(server.stop(), Ending::exited(0));
    std::vector<std::string> lines = lines_of(server.process().errors());
    EXPECT_GE(lines.size(), 3U) << "serving, joined, left";
    return lines;
}

std::string now() {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    return text;
}

/// Times of this form are in order as texts are.
void expect_times(const std::vector<std::string>& times, const std::string& start) {
    static const std::regex form("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    std::string before = start;
    for (const std::string& time : times) {
        EXPECT_TRUE(std::regex_match(time, form)) << time;
        EXPECT_GE(time, before);
        before = time;
    }
    EXPECT_LE(before.substr(0, start.size()), now());
}

TEST(ServerLog, has_the_time_of_each_line_first) {
    const std::string start = now();
    std::vector<std::string> times;
    for (const std::string& line : log_of_a_chat({})) {
        EXPECT_TRUE(line.starts_with("time=")) << line;
        EXPECT_EQ(line.find(" level="), std::string("time=2026-01-02T03:04:05.678Z").size());
        times.push_back(line.substr(5, line.find(' ') - 5));
    }
    expect_times(times, start);
}

TEST(ServerLog, is_an_object_in_each_line_with_log_format_json) {
    const std::string start = now();
    std::vector<std::string> times;
    std::vector<std::string> events;
    for (const std::string& line : log_of_a_chat({"--log-format", "json"})) {
        const auto object = nlohmann::ordered_json::parse(line, nullptr, false);
        ASSERT_TRUE(object.is_object()) << line;
        EXPECT_EQ(object.begin().key(), "time");
        times.push_back(object.value("time", ""));
        events.push_back(object.value("event", ""));
        EXPECT_EQ(object.value("level", ""), "info");
    }
    expect_times(times, start);
    const std::vector<std::string> expected = {"serving", "member joined", "member left"};
    EXPECT_EQ(events, expected);
}

TEST(ServerLog, of_the_echo_server_takes_the_format_too) {
    EchoServerProcess server(drydock, {"--log-format", "json"});
    EXPECT_TRUE(server.process().wait_for_errors("\"event\":\"serving\",\"backend\":"));
    EXPECT_EQ(server.stop(), Ending::exited(0));
}

// The time is the event's, though nobody reads the log for a while.
TEST(ServerLog, has_the_time_of_the_event_and_not_of_its_writing) {
    Command prepared = command(drydock, {"chat-server", "0", "--bind", "127.0.0.1"});
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const std::string filling(64 * 1024, 'x');
    ASSERT_EQ(::write(ends[1], filling.data(), filling.size()), ::ssize_t{64 * 1024});
    prepared.streams[2] = test::StreamSetup::file(ends[1]);
    Process server(prepared);
    ::close(ends[1]);
    ASSERT_TRUE(server.wait_for_output("listening on "));
    const std::string listening = now();
    EXPECT_TRUE(server.runs_for(2s));
    std::string log;
    while (log.find("event=serving") == std::string::npos) {
        char buffer[4096];
        const ::ssize_t count = ::read(ends[0], buffer, sizeof buffer);
        ASSERT_GT(count, 0);
        log.append(buffer, static_cast<std::size_t>(count));
    }
    ::close(ends[0]);
    const std::string time = log.substr(log.find("time=") + 5, listening.size());
    EXPECT_LE(time, listening);
    server.signal(SIGINT);
    EXPECT_EQ(server.wait(), Ending::exited(0));
}

}  // namespace
}  // namespace drydock::e2e

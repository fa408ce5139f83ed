// A program that is written with Asio, on drydock's Windows queues: bench/asio_echo.cpp, which the
// benchmarks run on Linux. One executable for all queues.
#include <csignal>
#include <string>

#include "tests/e2e_windows/programs.hpp"
#include "tests/support/crowd.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

using test::Crowd;
using test::Member;

class WindowsAsioServer : public WindowsTest, public testing::WithParamInterface<WindowsSetup> {
protected:
    static Command command() {
        Command command{
            {DRYDOCK_WINE, DRYDOCK_WINDOWS_ASIO_PROGRAM, "0", std::to_string(GetParam().workers)}};
        command.environment = {{"DRYDOCK_BACKEND", GetParam().backend}};
        return command;
    }

    void SetUp() override {
        WindowsTest::SetUp();
        const std::string line = server_.read_line().value_or("");
        const std::size_t colon = line.rfind(':');
        ASSERT_NE(colon, std::string::npos) << line << server_.errors();
        port_ = static_cast<std::uint16_t>(std::stoi(line.substr(colon + 1)));
    }
    // By Ctrl-C in any case: a server that is killed may crash the Wine server of all tests.
    void TearDown() override {
        server_.signal(SIGINT);
        server_.wait();
        WindowsTest::TearDown();
    }

    Process server_{command()};
    std::uint16_t port_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, WindowsAsioServer,
                         testing::Values(WindowsSetup{"iocp", 4}, WindowsSetup{"apc", 1}),
                         setup_name);

TEST_P(WindowsAsioServer, echoes_for_clients_that_half_close_or_reset_and_ends_at_ctrl_c) {
    Crowd crowd(port_);
    for (std::uint64_t i = 0; i < 60; ++i) {
        const std::uint64_t size = i * i * 79 % 30'011;
        if (i % 4 == 3) {
            ASSERT_TRUE(crowd.join({.unanswered = 20'000, .resets_at = 1 + size}));
        } else {
            ASSERT_TRUE(crowd.join({.bytes = size}));
        }
    }
    ASSERT_TRUE(crowd.talk_to_the_end(60s))
        << crowd.count(Member::State::talking) << " clients are not at their end";
    EXPECT_EQ(crowd.wrong(), 0U) << "clients got bytes that are not theirs";
    EXPECT_EQ(crowd.count(Member::State::ended), 45U) << "half closes are answered";
    EXPECT_EQ(crowd.count(Member::State::has_reset), 15U);
    for (const Member& member : crowd.members()) {
        if (member.state != Member::State::ended) continue;
        EXPECT_EQ(member.received, member.sent);
    }
    const std::string text(300'000, 'x');
    EXPECT_TRUE(test::TcpPeer(port_).exchange(text).bytes == text);

    server_.signal(SIGINT);
    EXPECT_EQ(server_.wait(), Ending::exited(0)) << server_.errors();
    EXPECT_EQ(server_.errors(), "");
}

}  // namespace
}  // namespace drydock::e2e

// The Windows programs' exit statuses and sentences, and the simulator's digests on both systems.
#include <nlohmann/json.hpp>

#include "tests/e2e_windows/programs.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/tcp.hpp"

namespace drydock::e2e {
namespace {

class WindowsUsage : public WindowsTest {
protected:
    static void expect_refusal(const Words& arguments, int status, std::string_view names) {
        const Outcome outcome = run_windows(windows_drydock, arguments);
        EXPECT_EQ(outcome.ending, Ending::exited(status)) << outcome.errors;
        EXPECT_TRUE(is_one_sentence(outcome.errors, "drydock"));
        EXPECT_NE(outcome.errors.find(names), std::string::npos)
            << "the sentence should name \"" << names << "\": " << outcome.errors;
        EXPECT_EQ(outcome.output, "");
    }
};

TEST_F(WindowsUsage, a_port_in_use_is_status_2) {
    const test::TcpListener other;
    const std::string port = std::to_string(other.port());
    expect_refusal({"echo-server", port, "--bind", "127.0.0.1"}, 2, port);
}

TEST_F(WindowsUsage, a_bad_port_is_status_2) {
    expect_refusal({"echo-server", "70000"}, 2, "70000");
}

TEST_F(WindowsUsage, an_unknown_option_is_status_2) {
    expect_refusal({"echo-server", "0", "--nonsense"}, 2, "--nonsense");
}

TEST_F(WindowsUsage, a_backend_of_the_other_system_is_status_2) {
    expect_refusal({"echo-server", "0", "--backend", "epoll"}, 2, "epoll");
}

TEST_F(WindowsUsage, more_workers_than_the_backend_takes_is_status_2) {
    expect_refusal({"echo-server", "0", "--backend", "apc", "--workers", "2"}, 2, "--workers 2");
    expect_refusal({"chat-server", "0", "--backend", "apc", "--workers", "2"}, 2, "--workers 2");
}

TEST_F(WindowsUsage, workers_left_out_are_as_many_as_the_backend_takes) {
    EchoServerProcess server(windows_drydock, {"--backend", "apc"});
    ASSERT_NE(server.port(), 0) << server.process().errors();
    EXPECT_TRUE(server.process().wait_for_errors("event=serving backend=apc workers=1"));
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

TEST_F(WindowsUsage, a_refused_connection_is_status_1) {
    test::TcpListener nobody;
    const std::string port = std::to_string(nobody.port());
    nobody.close();
    expect_refusal({"echo-client", "127.0.0.1", port}, 1, "refused");
}

TEST_F(WindowsUsage, an_unknown_host_is_status_2) {
    expect_refusal({"echo-client", "no-such-host.invalid", "7"}, 2, "no-such-host.invalid");
}

TEST_F(WindowsUsage, two_servers_cannot_share_a_port) {
    EchoServerProcess server(windows_drydock);
    ASSERT_NE(server.port(), 0) << server.process().errors();
    const std::string port = std::to_string(server.port());
    expect_refusal({"echo-server", port, "--bind", "127.0.0.1"}, 2, port);
    EXPECT_EQ(server.stop(), Ending::exited(0)) << server.process().errors();
}

TEST_F(WindowsUsage, output_that_cannot_be_written_is_one_sentence_and_status_2) {
    for (const Words& arguments : {Words{"--help"}, Words{"--version"}}) {
        Command full = command(windows_drydock, arguments);
        full.streams[1] = test::StreamSetup::Kind::full;
        const Outcome outcome = test::run_program(full);
        EXPECT_EQ(outcome.ending, Ending::exited(2)) << outcome.errors;
        EXPECT_TRUE(is_one_sentence(outcome.errors, "drydock"));
        EXPECT_NE(outcome.errors.find("cannot write to standard output"), std::string::npos)
            << outcome.errors;
    }
}

class WindowsSim : public WindowsTest {};

TEST_F(WindowsSim, has_the_digests_of_the_linux_program) {
    const Words farm = {"farm", "echo", "--seeds", std::to_string(test::scaled(1000)), "--json"};
    const auto result = [&](const Words& program) {
        const Outcome outcome = run_windows(program, farm);
        EXPECT_EQ(outcome.ending, Ending::exited(0)) << outcome.errors;
        return nlohmann::json::parse(outcome.output, nullptr, false);
    };
    const auto on_linux = result(drydock_sim);
    const auto on_windows = result(windows_drydock_sim);
    ASSERT_TRUE(on_linux.is_object() && on_windows.is_object());
    EXPECT_EQ(on_windows["digest"], on_linux["digest"]) << "a seed is one run on every system";
    EXPECT_EQ(on_windows["completions"], on_linux["completions"]);
    EXPECT_EQ(on_windows["probes"], on_linux["probes"]);
}

TEST_F(WindowsSim, replays_what_the_linux_program_recorded_and_the_other_way_round) {
    test::TemporaryFolder folder;
    const auto recorded_and_replayed = [&](const Words& recorder, const Words& player) {
        Command record = command(recorder, {"run", "echo", "--seed", "7", "--record", "run.txt"});
        record.directory = folder.path();
        EXPECT_EQ(test::run_program(record).ending, Ending::exited(0));
        Command replay = command(player, {"replay", "run.txt", "--json"});
        replay.directory = folder.path();
        const Outcome outcome = test::run_program(replay);
        EXPECT_EQ(outcome.ending, Ending::exited(0)) << outcome.errors;
        const auto object = nlohmann::json::parse(outcome.output, nullptr, false);
        return object.is_object() ? object.value("digest", "") : "";
    };
    const std::string there = recorded_and_replayed(drydock_sim, windows_drydock_sim);
    const std::string back = recorded_and_replayed(windows_drydock_sim, drydock_sim);
    EXPECT_EQ(there, back);
    EXPECT_EQ(there.size(), 16U);
}

}  // namespace
}  // namespace drydock::e2e

// The scenario "echo": a server that must return every byte in order, and clients of every manner.
//
// Its properties are in echo_properties. Beside them all rules of the contract must hold, and
// nothing may be left in the end.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>

#include "src/echo/server.hpp"
#include "tests/scenarios/server_under_test.hpp"

namespace drydock::sim {

using MakeEchoServer = MakeServer<echo::ServerOptions>;

/// drydock's own server.
inline constexpr MakeEchoServer make_echo_server =
    &make_real_server<echo::Server, echo::ServerOptions>;

inline constexpr Expectation echo_properties[] = {
    {"echo-prefix", "what a client gets back is what it sent, byte for byte and in order"},
    {"echo-complete",
     "on an undisturbed connection a client gets all of its bytes back, then the end of the "
     "stream"},
    {"echo-hold",
     "the server holds at most one buffer of a client's bytes that it has not sent back"},
    {"echo-accept", "a client can connect while the server serves"},
    {"echo-idle", "the idle timeout ends no connection on which bytes move"},
};

enum class Manner : std::uint8_t {
    polite,       // sends a message, waits for its echo, as the stable echo client does
    pipelined,    // sends all, half-closes, and reads meanwhile
    slow_reader,  // the same, reading little and late
    never_reads,  // sends and does not read until the world is calm
    resets,       // goes away in the middle by a reset
    vanishes,     // goes away in the middle by a plain close
};

inline constexpr std::uint32_t manner_count = 6;
std::string_view name(Manner manner) noexcept;

struct ClientPlan {
    Manner manner = Manner::polite;
    std::uint32_t bytes = 0;        ///< to send in all
    std::uint32_t message = 16;     ///< bytes per send
    std::uint32_t receive = 64;     ///< size of the receive buffer
    std::uint32_t leave_after = 0;  ///< resets, vanishes: after so many bytes came back
    Duration start_after{0};
    bool in_sequence = false;  ///< begins to read when all is sent; no more than a pipe holds
};

struct EchoWorkload {
    std::vector<ClientPlan> clients;
    echo::ServerOptions server;
    /// Ask the server to stop in the middle of it.
    bool stop_early = false;
    Duration stop_after{0};
};

EchoWorkload choose_echo_workload(World& world);

/// "clients" and "bytes": so many clients that send so many bytes each, half-close, and read.
extern const std::array<Parameter, 2> echo_parameters;

class EchoScenario final : public Scenario {
public:
    /// The workload is chosen by the world.
    explicit EchoScenario(MakeEchoServer make = make_echo_server) : make_(make) {}
    /// The workload is given.
    explicit EchoScenario(EchoWorkload workload, MakeEchoServer make = make_echo_server)
        : make_(make), workload_(std::move(workload)), given_(true) {}

    Task<void> main(World& world) override;
    bool set(std::string_view parameter, std::uint64_t value) override;
    std::string options() const override;
    std::string outcome() const override { return outcomes_.empty() ? "" : outcomes_.front(); }
    std::vector<std::string> outcomes() const override { return outcomes_; }

private:
    class Client;

    static std::vector<std::string> outcomes_in_any_order(
        const std::vector<std::unique_ptr<Client>>& clients);
    Task<void> stop_later(World& world, ServerUnderTest& server);

    MakeEchoServer make_;
    EchoWorkload workload_;
    bool given_ = false;
    bool equal_ = false;  // all clients have the same plan
    std::vector<std::string> outcomes_;
    bool stopped_ = false;
};

/// "echo", for lists.
extern const ScenarioInfo echo_scenario;

}  // namespace drydock::sim

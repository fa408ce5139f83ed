// The clients of the echo scenario, and the judgement over what they saw.
#include "tests/scenarios/echo.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <drydock/buffer.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/timer.hpp>

#include "src/echo/probes.hpp"
#include "tests/scenarios/probes.hpp"
#include "tests/scenarios/text.hpp"

namespace drydock::sim {
namespace {

/// What a client sends at a position of its stream: others' bytes, and shifted ones, look
/// different.
std::byte byte_at(std::uint32_t client, std::uint64_t position) noexcept {
    return static_cast<std::byte>((client * 131 + position * 7 + (position >> 8) * 13 + 1) & 0xff);
}

/// The bytes of a client that the server had when it closed, as the end of a sentence. Empty: none.
std::string held_back(const OtherEnd& server) {
    if (!server.closed || server.received <= server.sent) return {};
    return "; the server closed with " + std::to_string(server.received - server.sent) +
           " bytes received and not sent back";
}

}  // namespace

std::string_view name(Manner manner) noexcept {
    constexpr std::array<std::string_view, manner_count> names = {
        "polite", "pipelined", "slow_reader", "never_reads", "resets", "vanishes"};
    return names[static_cast<std::size_t>(manner)];
}

namespace {

PeerPlan peer_plan_of(const ClientPlan& client) {
    PeerPlan plan;
    plan.start_after = client.start_after;
    plan.in_turns = client.manner == Manner::polite;
    plan.in_sequence = client.in_sequence;
    plan.receive = client.receive;
    plan.ending = PeerEnding::half_close;
    if (client.manner == Manner::slow_reader) plan.read_pause = std::chrono::milliseconds(5);
    if (client.manner == Manner::never_reads) plan.stall_at = 0;
    if (client.manner == Manner::resets) plan.leave = PeerLeave::reset;
    if (client.manner == Manner::vanishes) plan.leave = PeerLeave::close;
    plan.leave_received = client.leave_after;
    return plan;
}

}  // namespace

class EchoScenario::Client final : public Peer {
public:
    Client(World& world, const EchoScenario& scenario, std::uint32_t number, const ClientPlan& plan)
        : Peer(world, "client", number, peer_plan_of(plan)),
          scenario_(scenario),
          bytes_(plan.bytes),
          message_(plan.message) {}

private:
    std::string_view next_message() override;
    bool received(std::string_view bytes) override;
    bool answered() const override { return received_bytes() >= goal_; }
    void ended() override;
    std::optional<std::uint64_t> state_hash() const override { return goal_; }

    bool leaves() const noexcept { return plan().leave != PeerLeave::never; }
    bool may_end_early() const;
    bool fail_idle() const;

    const EchoScenario& scenario_;
    std::uint64_t bytes_;  // to send in all
    std::vector<std::byte> message_;
    std::uint64_t goal_ = 0;  // bytes that are received when the latest message is answered
};

namespace {

constexpr std::uint32_t most_clients = 4;

ClientPlan choose_client(World& world) {
    constexpr std::array<std::uint32_t, 4> messages = {16, 100, 3, 1};
    constexpr std::array<std::uint32_t, 4> receives = {64, 7, 1, 300};
    constexpr std::array<std::int64_t, 4> delays_ms = {0, 1, 40, 700};
    ClientPlan plan;
    plan.manner = static_cast<Manner>(world.choose(manner_count, "client: manner"));
    plan.message = messages[world.choose(messages.size(), "client: message size")];
    plan.bytes = plan.message * world.choose(12, "client: messages") +
                 world.choose(plan.message, "client: odd bytes");
    if (plan.manner == Manner::never_reads) plan.bytes += 700;
    plan.receive = receives[world.choose(receives.size(), "client: receive size")];
    plan.leave_after = world.choose(plan.bytes + 1, "client: leaves after");
    plan.start_after =
        std::chrono::milliseconds(delays_ms[world.choose(delays_ms.size(), "client: start")]);
    return plan;
}

}  // namespace

EchoWorkload choose_echo_workload(World& world) {
    constexpr std::array<std::size_t, 4> buffers = {64, 256, 5, 1};
    EchoWorkload workload;
    workload.server.buffer_size = buffers[world.choose(buffers.size(), "server: buffer size")];
    if (world.flip(8, "server: limited")) {
        // All clients have one address: of these two limits either keeps some of them out.
        const bool in_all = world.choose(2, "server: max connections") == 0;
        (in_all ? workload.server.max_connections : workload.server.max_per_address) =
            in_all ? 1 : 2;
    }
    if (world.flip(8, "server: idle timeout")) {
        workload.server.idle_timeout = std::chrono::milliseconds(100);
    }
    workload.stop_early = world.flip(4, "stop early");
    if (workload.stop_early) {
        workload.stop_after = std::chrono::microseconds(
            std::array<int, 4>{0, 100, 3000, 60000}[world.choose(4, "stop: when")]);
    }
    for (std::uint32_t i = 0; i < most_clients; ++i) {
        const Spanned client(world, "client");
        // All numbers of clients are as likely; one that is left out leaves the others as they are.
        if (i > 0 && world.choose(most_clients + 1 - i, "client: another") == 0) break;
        workload.clients.push_back(choose_client(world));
    }
    return workload;
}

constexpr std::array<Parameter, 2> echo_parameters = {
    Parameter{"clients", "number of clients that send, half-close and read to the end", 1,
              most_clients, 2},
    Parameter{"bytes", "bytes that each client sends", 0, 64, 2},
};

bool EchoScenario::set(std::string_view parameter, std::uint64_t value) {
    if (!in_range(echo_parameters, parameter, value)) return false;
    if (!given_) {
        given_ = true;
        equal_ = true;
        workload_.clients.resize(1);
        workload_.clients.front().manner = Manner::pipelined;
        workload_.clients.front().in_sequence = true;
        workload_.server.buffer_size = 64;
    }
    if (parameter == "clients") {
        const ClientPlan same = workload_.clients.front();
        workload_.clients.assign(static_cast<std::size_t>(value), same);
    } else {
        for (ClientPlan& plan : workload_.clients) {
            plan.bytes = static_cast<std::uint32_t>(value);
            plan.message = std::max(plan.bytes, 1U);
        }
    }
    return true;
}

std::string EchoScenario::options() const {
    std::string text = "buffer=" + std::to_string(workload_.server.buffer_size);
    if (workload_.server.max_connections > 0) {
        text += " max_connections=" + std::to_string(workload_.server.max_connections);
    }
    if (workload_.server.max_per_address > 0) {
        text += " max_per_address=" + std::to_string(workload_.server.max_per_address);
    }
    if (workload_.server.idle_timeout > Duration::zero()) text += " idle_timeout";
    if (workload_.stop_early) text += " stop_early";
    text += " clients:";
    for (const ClientPlan& plan : workload_.clients) {
        text += " " + std::string(name(plan.manner)) + "(" + std::to_string(plan.bytes) + "/" +
                std::to_string(plan.message) + ")";
    }
    return text;
}

Task<void> EchoScenario::main(World& world) {
    if (!given_) workload_ = choose_echo_workload(world);
    ListenResult listening = world.listen(Endpoint::loopback(7), {});
    const Endpoint endpoint = listening.listener->local_endpoint();
    const auto server = make_(world, std::move(listening.listener), workload_.server);
    TaskGroup serving(world);
    serving.spawn(server->run());

    std::vector<std::unique_ptr<Client>> clients;
    TaskGroup group(world);
    const auto count = static_cast<std::uint32_t>(workload_.clients.size());
    const bool any_order = equal_ && world.equal_clients(count);
    for (std::size_t i = 0; i < workload_.clients.size(); ++i) {
        const auto id = static_cast<std::uint32_t>(i + 1);
        clients.push_back(std::make_unique<Client>(world, *this, id, workload_.clients[i]));
        group.spawn(clients.back()->run(endpoint));
    }
    if (workload_.stop_early) group.spawn(stop_later(world, *server));
    co_await group.join();
    stopped_ = true;
    server->request_stop();
    co_await serving.join();

    std::string& outcome = outcomes_.emplace_back();
    for (const auto& client : clients) {
        outcome += (outcome.empty() ? "" : "; ") + client->outcome();
    }
    if (any_order) outcomes_ = outcomes_in_any_order(clients);
    if (world.most_held() > workload_.server.buffer_size) {
        world.fail("echo-hold",
                   "the server held " + std::to_string(world.most_held()) +
                       " bytes of one client that it had not sent back; its buffer is " +
                       std::to_string(workload_.server.buffer_size));
    }
}

/// What each client has seen is told as that of each other one, too.
std::vector<std::string> EchoScenario::outcomes_in_any_order(
    const std::vector<std::unique_ptr<Client>>& clients) {
    const auto count = static_cast<std::uint32_t>(clients.size());
    return outcomes_of_equals(count, [&](std::span<const std::uint32_t> names) {
        std::vector<std::string> told(count);
        for (std::size_t i = 0; i < count; ++i) {
            const std::string own = clients[i]->outcome().substr(clients[i]->name().size());
            told[names[i]] = clients[names[i]]->name() + own;
        }
        return joined(told);
    });
}

Task<void> EchoScenario::stop_later(World& world, ServerUnderTest& server) {
    Timer timer(world);
    co_await timer.after(workload_.stop_after);
    stopped_ = true;
    server.request_stop();
}

// --- a client ------------------------------------------------------------------------------------

std::string_view EchoScenario::Client::next_message() {
    const std::size_t count = std::min<std::uint64_t>(message_.size(), bytes_ - sent());
    for (std::size_t i = 0; i < count; ++i) message_[i] = byte_at(number(), sent() + i);
    goal_ = std::min<std::uint64_t>(received_bytes() + message_.size(), bytes_);
    return as_text(std::span(message_).first(count));
}

bool EchoScenario::Client::received(std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const std::uint64_t position = received_bytes() + i;
        const std::byte expected = byte_at(number(), position);
        const auto got = static_cast<std::byte>(bytes[i]);
        const bool beyond = position >= sent();
        if (!beyond && got == expected) continue;
        const std::string what = beyond ? "more than it had sent"
                                        : "byte " + std::to_string(std::to_integer<int>(got)) +
                                              " where it had sent " +
                                              std::to_string(std::to_integer<int>(expected));
        world().fail("echo-prefix",
                     name() + " got, at position " + std::to_string(position) + " of " +
                         std::to_string(sent()) + ", " + what,
                     socket());
        return false;
    }
    return true;
}

bool EchoScenario::Client::may_end_early() const {
    const echo::ServerOptions& server = scenario_.workload_.server;
    const bool idle = server.idle_timeout > Duration::zero() &&
                      world().other_end(socket()).longest_quiet >= server.idle_timeout;
    return leaves() || scenario_.stopped_ || server.max_connections > 0 ||
           server.max_per_address > 0 || idle || excused();
}

/// A server that cancels a connection nobody has disturbed can have done so for one reason only.
bool EchoScenario::Client::fail_idle() const {
    const OtherEnd server = world().other_end(socket());
    const Duration timeout = scenario_.workload_.server.idle_timeout;
    if (timeout == Duration::zero() || server.canceled_after < timeout) return false;
    world().fail("echo-idle", name() + " was cut off after " + std::to_string(received_bytes()) +
                                  " of " + std::to_string(sent()) +
                                  " bytes by an idle timeout of " + in_ms(timeout) +
                                  ", though the server never saw its bytes stand still for longer "
                                  "than " +
                                  in_ms(server.longest_quiet));
    return true;
}

void EchoScenario::Client::ended() {
    if (!connected()) {
        if (scenario_.stopped_ || excused()) return;
        world().fail("echo-accept",
                     name() + " could not connect: " + std::string(sentence(connect_error())));
        return;
    }
    if (may_end_early()) return;
    const bool complete = end_seen() && sent() == bytes_ && received_bytes() == bytes_;
    if (complete || fail_idle()) return;
    const Error error = send_error() != Error::ok ? send_error() : receive_error();
    world().fail("echo-complete",
                 name() + " sent " + std::to_string(sent()) + " of " + std::to_string(bytes_) +
                     " bytes and got " + std::to_string(received_bytes()) + " back before " +
                     ending_text(error) + ", though nothing had disturbed the connection" +
                     held_back(world().other_end(socket())),
                 socket());
}

namespace {

std::unique_ptr<Scenario> make_echo_scenario() { return std::make_unique<EchoScenario>(); }

constexpr auto echo_probes = with_server_and_faults(echo::probes::all);

}  // namespace

constinit const ScenarioInfo echo_scenario = {
    .name = "echo",
    .summary =
        "the echo server with clients that wait, pipeline, read slowly or not at all, reset or "
        "vanish",
    .make = &make_echo_scenario,
    .probes = echo_probes,
    .parameters = echo_parameters,
    .explored_faults = FaultSet().with(Fault::partial_receive),
    .properties = echo_properties,
    .explained_in = "docs/PROPERTIES.md",
};

}  // namespace drydock::sim

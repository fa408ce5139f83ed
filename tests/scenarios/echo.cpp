// The clients of the echo scenario, and the judgement over what they saw.
#include "tests/scenarios/echo.hpp"

#include <algorithm>
#include <array>

#include <drydock/io.hpp>
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

struct EchoScenario::Client {
    Client(std::uint32_t number, const ClientPlan& its_plan)
        : id(number), plan(its_plan), message(its_plan.message), buffer(its_plan.receive) {}

    bool leaves() const noexcept {
        return plan.manner == Manner::resets || plan.manner == Manner::vanishes;
    }

    std::uint32_t id;
    ClientPlan plan;
    std::unique_ptr<AsyncSocket> socket;
    std::vector<std::byte> message;
    std::vector<std::byte> buffer;
    std::uint64_t sent = 0;
    std::uint64_t received = 0;
    Error send_error = Error::ok;
    Error receive_error = Error::ok;
    bool connected = false;
    bool end_seen = false;
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
    endpoint_ = listening.listener->local_endpoint();
    const auto server = make_(world, std::move(listening.listener), workload_.server);
    TaskGroup serving(world);
    serving.spawn(server->run());

    std::vector<std::unique_ptr<Client>> clients;
    TaskGroup group(world);
    for (std::size_t i = 0; i < workload_.clients.size(); ++i) {
        const auto id = static_cast<std::uint32_t>(i + 1);
        clients.push_back(std::make_unique<Client>(id, workload_.clients[i]));
        world.created(clients.back().get());
        group.spawn(run_client(world, *clients.back()));
    }
    if (workload_.stop_early) group.spawn(stop_later(world, *server));
    co_await group.join();
    stopped_ = true;
    server->request_stop();
    co_await serving.join();

    for (const auto& client : clients) {
        outcome_ += (outcome_.empty() ? "" : "; ") + tell(*client);
    }
    if (world.most_held() > workload_.server.buffer_size) {
        world.fail("echo-hold",
                   "the server held " + std::to_string(world.most_held()) +
                       " bytes of one client that it had not sent back; its buffer is " +
                       std::to_string(workload_.server.buffer_size));
    }
}

std::string EchoScenario::tell(const Client& client) {
    const std::string text = "client " + std::to_string(client.id) + ": ";
    if (!client.connected) return text + "no connection";
    const bool left = client.receive_error == Error::ok && !client.end_seen;
    return text + "sent " + std::to_string(client.sent) + ", got " +
           std::to_string(client.received) + ", then " +
           (left ? "its own close" : ending_text(client.receive_error));
}

Task<void> EchoScenario::stop_later(World& world, ServerUnderTest& server) {
    Timer timer(world);
    co_await timer.after(workload_.stop_after);
    stopped_ = true;
    server.request_stop();
}

Task<void> EchoScenario::run_client(World& world, Client& client) {
    if (client.plan.start_after > Duration::zero()) {
        Timer timer(world);
        co_await timer.after(client.plan.start_after);
    }
    SocketResult connected = co_await connect(world, endpoint_);
    if (!connected.ok()) {
        const bool expected = stopped_ || world.active_faults().has(Fault::connect_refused) ||
                              world.active_faults().has(Fault::connect_timed_out);
        if (!expected) {
            world.fail("echo-accept",
                       "client " + std::to_string(client.id) +
                           " could not connect: " + std::string(sentence(connected.error)));
        }
        co_return;
    }
    client.socket = std::move(connected.socket);
    client.connected = true;
    world.identify(*client.socket, "client", client.id);
    co_await talk(world, client);
    judge(world, client);
    client.socket.reset();
}

Task<void> EchoScenario::talk(World& world, Client& client) {
    if (client.plan.manner == Manner::polite) {
        co_await talk_in_turns(world, client);
        co_return;
    }
    if (client.plan.in_sequence) {
        co_await send_everything(world, client);
        co_await read_to_the_end(world, client);
        co_return;
    }
    TaskGroup sending(world);
    sending.spawn(send_everything(world, client));
    if (client.plan.manner == Manner::never_reads) co_await wait_for_calm(world);
    co_await read_to_the_end(world, client);
    if (client.plan.manner == Manner::resets) client.socket->set_abortive_close();
    // Whoever stops reading, for whatever reason, must not wait for room to send.
    if (!client.end_seen) client.socket->cancel();
    co_await sending.join();
}

/// The sending goes on beside the reading: a message may be larger than all that lies between.
Task<void> EchoScenario::talk_in_turns(World& world, Client& client) {
    TaskGroup sending(world);
    bool good = true;
    while (good && client.received < client.plan.bytes) {
        const std::uint64_t goal =
            std::min<std::uint64_t>(client.received + client.plan.message, client.plan.bytes);
        sending.spawn(send_message(world, client));
        while (good && client.received < goal) good = co_await read_some(world, client);
        if (!good) client.socket->cancel();
        co_await sending.join();
    }
    if (!good) co_return;
    client.socket->shutdown_send();
    co_await read_to_the_end(world, client);
}

Task<void> EchoScenario::send_everything(World& world, Client& client) {
    bool good = true;
    while (good && client.sent < client.plan.bytes) good = co_await send_message(world, client);
    if (good) client.socket->shutdown_send();
}

Task<bool> EchoScenario::send_message(World& world, Client& client) {
    world.touched(&client);
    const std::size_t count =
        std::min<std::size_t>(client.message.size(), client.plan.bytes - client.sent);
    for (std::size_t i = 0; i < count; ++i) {
        client.message[i] = byte_at(client.id, client.sent + i);
    }
    const ConstBuffer message(client.message.data(), count);
    // Counted as sent before it is: its echo may be faster than the completion of the send.
    client.sent += count;
    const Result sent = co_await send_all(*client.socket, message);
    world.touched(&client);
    client.sent -= count - sent.bytes;
    client.send_error = sent.error;
    if (!sent.ok()) client.socket->cancel();  // or the reader would wait for ever
    co_return sent.ok();
}

Task<void> EchoScenario::read_to_the_end(World& world, Client& client) {
    Timer timer(world);
    for (;;) {
        if (client.leaves() && client.received >= client.plan.leave_after) co_return;
        if (client.plan.manner == Manner::slow_reader && !world.calm()) {
            co_await timer.after(std::chrono::milliseconds(5));
        }
        const bool good = co_await read_some(world, client);
        if (!good) co_return;
    }
}

Task<bool> EchoScenario::read_some(World& world, Client& client) {
    const Result received = co_await receive(*client.socket, client.buffer);
    world.touched(&client);
    client.receive_error = received.error;
    client.end_seen = received.ok() && received.bytes == 0;
    if (!received.ok() || received.bytes == 0) co_return false;
    co_return check_bytes(world, client, received.bytes);
}

/// Sleeps in growing steps, so that a long fault phase takes few of them.
Task<void> EchoScenario::wait_for_calm(World& world) {
    Timer timer(world);
    Duration step = std::chrono::milliseconds(10);
    while (!world.calm()) {
        co_await timer.after(step);
        step = std::min<Duration>(2 * step, std::chrono::seconds(20));
    }
}

bool EchoScenario::check_bytes(World& world, Client& client, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, ++client.received) {
        const std::byte expected = byte_at(client.id, client.received);
        const bool beyond = client.received >= client.sent;
        if (!beyond && client.buffer[i] == expected) continue;
        const std::string what =
            beyond ? "more than it had sent"
                   : "byte " + std::to_string(std::to_integer<int>(client.buffer[i])) +
                         " where it had sent " + std::to_string(std::to_integer<int>(expected));
        world.fail("echo-prefix",
                   "client " + std::to_string(client.id) + " got, at position " +
                       std::to_string(client.received) + " of " + std::to_string(client.sent) +
                       ", " + what,
                   *client.socket);
        return false;
    }
    return true;
}

bool EchoScenario::may_end_early(const World& world, const Client& client) const {
    const echo::ServerOptions& server = workload_.server;
    const bool idle = server.idle_timeout > Duration::zero() &&
                      world.other_end(*client.socket).longest_quiet >= server.idle_timeout;
    return client.leaves() || stopped_ || server.max_connections > 0 ||
           server.max_per_address > 0 || idle || world.damaged(*client.socket);
}

/// A server that cancels a connection nobody has disturbed can have done so for one reason only.
bool EchoScenario::fail_idle(World& world, const Client& client) const {
    const OtherEnd server = world.other_end(*client.socket);
    const Duration timeout = workload_.server.idle_timeout;
    if (timeout == Duration::zero() || server.canceled_after < timeout) return false;
    world.fail("echo-idle", "client " + std::to_string(client.id) + " was cut off after " +
                                std::to_string(client.received) + " of " +
                                std::to_string(client.sent) + " bytes by an idle timeout of " +
                                in_ms(timeout) +
                                ", though the server never saw its bytes stand still for longer "
                                "than " +
                                in_ms(server.longest_quiet));
    return true;
}

void EchoScenario::judge(World& world, const Client& client) const {
    if (may_end_early(world, client)) return;
    const bool complete =
        client.end_seen && client.sent == client.plan.bytes && client.received == client.plan.bytes;
    if (complete || fail_idle(world, client)) return;
    const Error error = client.send_error != Error::ok ? client.send_error : client.receive_error;
    world.fail("echo-complete",
               "client " + std::to_string(client.id) + " sent " + std::to_string(client.sent) +
                   " of " + std::to_string(client.plan.bytes) + " bytes and got " +
                   std::to_string(client.received) + " back before " + ending_text(error) +
                   ", though nothing had disturbed the connection" +
                   held_back(world.other_end(*client.socket)),
               *client.socket);
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

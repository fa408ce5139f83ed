// A ledger on one host, a client on another, and what must hold whatever becomes of the two: a
// deposit that the client knows to be booked is in the ledger.
#include "ledger.hpp"

#include <array>
#include <memory>
#include <string>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

namespace {

using namespace drydock;
using namespace std::chrono_literals;

constexpr std::uint16_t port = 7000;

/// Books a deposit for each byte that comes, and answers each with a dot.
Task<void> book(sim::Host& host, std::unique_ptr<AsyncSocket> socket, bool syncs) {
    std::array<std::byte, 16> buffer;
    for (;;) {
        const Result received = co_await receive(*socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        host.store().append("deposits", std::string(received.bytes, 'd'));
        if (syncs) host.store().sync();
        const std::string dots(received.bytes, '.');
        const Result sent = co_await send_all(*socket, std::string_view(dots));
        if (!sent.ok()) co_return;
    }
}

Task<void> ledger(sim::Host& host, bool syncs) {
    const ListenResult listening = host.listen(Endpoint().with_port(port), {});
    TaskGroup connections(host);
    for (;;) {
        SocketResult accepted = co_await accept(*listening.listener);
        if (accepted.ok()) connections.spawn(book(host, std::move(accepted.socket), syncs));
    }
}

/// A host that has lost its power says nothing: a client that waits for an answer needs a limit.
Task<void> cancel_after(Timer& timer, AsyncSocket& socket) {
    const bool elapsed = co_await timer.after(2s);
    if (elapsed) socket.cancel();
}

/// One deposit. True: it is booked. False: it may be, or not.
Task<bool> deposit(sim::Host& host, Endpoint to) {
    SocketResult connected = co_await connect(host, to);
    if (!connected.ok()) co_return false;
    Timer timer(host);
    TaskGroup limit(host);
    limit.spawn(cancel_after(timer, *connected.socket));
    std::array<std::byte, 1> answer;
    const Result sent = co_await send_all(*connected.socket, std::string_view("d"));
    Result heard = sent;
    if (sent.ok()) heard = co_await receive(*connected.socket, answer);
    timer.cancel();
    co_await limit.join();
    co_return heard.ok() && heard.bytes == 1;
}

class Ledger final : public sim::Scenario {
public:
    static constexpr sim::Parameter parameters[] = {
        {"deposits", "deposits that the client makes", 1, 9, 3},
        {"syncs", "1: the ledger makes each deposit last before it answers", 0, 1, 1}};
    static constexpr sim::Expectation properties[] = {
        {"ledger-durable", "a deposit that the client knows to be booked is in the ledger"}};
    static constexpr sim::FaultSet explored_faults = sim::FaultSet().with(sim::Fault::restart);

    bool set(std::string_view name, std::uint64_t value) override {
        if (!sim::in_range(parameters, name, value)) return false;
        (name == "deposits" ? deposits_ : syncs_) = value;
        return true;
    }

    std::string outcome() const override {
        return std::to_string(known_) + " known, " + std::to_string(booked_) + " booked";
    }

    Task<void> main(sim::World& world) override {
        sim::Host& server = world.host("ledger");
        sim::Host& client = world.host("client");
        client.spare();
        server.run([this](sim::Host& host) { return ledger(host, syncs_ == 1); });
        client.run([this, &server](sim::Host& host) { return save(host, server.endpoint(port)); });
        co_await client.ended();
        server.shut_down();
        booked_ = server.store().read("deposits").size();
        if (booked_ < known_) world.fail("ledger-durable", outcome());
    }

private:
    /// The client's program. It tells the judge what it knows, and learns nothing from the judge.
    Task<void> save(sim::Host& host, Endpoint to) {
        for (std::uint64_t made = 0; made < deposits_;) {
            const bool booked = co_await deposit(host, to);
            if (booked) {
                known_ = ++made;
                continue;
            }
            Timer pause(host);
            co_await pause.after(200ms);
        }
    }

    std::uint64_t deposits_ = 3;
    std::uint64_t syncs_ = 1;
    std::uint64_t known_ = 0;
    std::uint64_t booked_ = 0;
};

}  // namespace

constinit const sim::ScenarioInfo ledger_scenario =
    sim::scenario_info<Ledger>("ledger", "a client and a ledger, each on a host of its own");

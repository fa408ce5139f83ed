// Breaks one rule on purpose: misuse BACKEND RULE. It must not come back from that, which the
// end-to-end tests demand: GoogleTest's death tests do not work under Wine.
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

#include <drydock/queue.hpp>

#include "platform/apc/queue.hpp"
#include "platform/iocp/queue.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;

/// An operation whose result does not matter.
template <typename Base>
class Ignoring : public Base {
public:
    Ignoring() noexcept : Base([](Operation&, const Result&) noexcept {}) {}
};

using AnyOperation = Ignoring<Operation>;
using AnyAccept = Ignoring<SocketOperation>;
using AnyReceive = Ignoring<ReceiveOperation>;

/// One that is never destroyed, so that this is not what the program ends by.
template <typename Kind>
Kind& everlasting() {
    return *std::make_unique<Kind>().release();
}

/// A queue, a listener and a connection.
struct Victim {
    explicit Victim(std::unique_ptr<CompletionQueue> made) : queue(std::move(made)) {
        listener = queue->listen(Endpoint::loopback(0), {}).listener;
        AnyAccept accepting;
        AnyAccept connecting;
        listener->accept(accepting);
        queue->connect(connecting, listener->local_endpoint());
        finish(accepting);
        finish(connecting);
        server = accepting.take_socket();
        client = connecting.take_socket();
    }

    void wait(Time deadline) const {
        std::array<Completion, 8> batch;
        const std::size_t count = queue->wait(batch, deadline);
        for (std::size_t i = 0; i < count; ++i) batch[i].operation->complete(batch[i].result);
    }
    void finish(const Operation& operation) const {
        while (operation.in_flight()) wait(never);
    }
    void receive() { client->receive(everlasting<AnyOperation>(), room); }
    /// Of more than any system takes from a sender that nobody reads from.
    void send() { client->send(everlasting<AnyOperation>(), {&much, 1}); }
    void close() {
        client.reset();
        server.reset();
        listener.reset();
        queue.reset();
    }

    std::unique_ptr<CompletionQueue> queue;
    std::unique_ptr<AsyncListener> listener;
    std::unique_ptr<AsyncSocket> server;
    std::unique_ptr<AsyncSocket> client;
    std::array<std::byte, 16> room{};
    std::vector<std::byte> memory = std::vector<std::byte>(std::size_t{64} << 20);
    ConstBuffer much{memory};
};

void keep_a_provided_buffer(Victim& victim) {
    auto& receiving = everlasting<AnyReceive>();
    victim.client->receive(receiving, 5);
    AnyOperation sending;
    const ConstBuffer hello("hello");
    victim.server->send(sending, {&hello, 1});
    victim.finish(sending);
    victim.finish(receiving);
    victim.close();
}

void wait_twice(Victim& victim) {
    std::thread([&victim] { victim.wait(never); }).detach();
    std::this_thread::sleep_for(200ms);
    victim.wait(never);
}

void replace_the_worker(Victim& victim) {
    victim.receive();
    victim.wait(Time::min());
    std::thread([&victim] { victim.wait(never); }).join();
}

struct Misuse {
    std::string_view name;
    void (*commit)(Victim&);
};

constexpr Misuse misuses[] = {
    {"none", [](Victim& victim) { victim.close(); }},
    {"second-receive", [](Victim& victim) { victim.receive(), victim.receive(); }},
    {"try-while-receiving",
     [](Victim& victim) { victim.receive(), victim.client->try_receive({}); }},
    {"second-send", [](Victim& victim) { victim.send(), victim.send(); }},
    {"send-after-shutdown", [](Victim& victim) { victim.client->shutdown_send(), victim.send(); }},
    {"shutdown-while-sending",
     [](Victim& victim) { victim.send(), victim.client->shutdown_send(); }},
    {"socket-destroyed-in-flight", [](Victim& victim) { victim.receive(), victim.client.reset(); }},
    {"listener-destroyed-in-flight",
     [](Victim& victim) {
         victim.listener->accept(everlasting<AnyAccept>()), victim.listener.reset();
     }},
    {"operation-reused-in-flight",
     [](Victim& victim) {
         auto& timer = everlasting<AnyOperation>();
         for (int i = 0; i < 2; ++i) victim.queue->start_timer(timer, never);
     }},
    {"operation-destroyed-in-flight",
     [](Victim& victim) {
         AnyOperation timer;
         victim.queue->start_timer(timer, never);
     }},
    {"provided-buffer-kept", &keep_a_provided_buffer},
    {"second-worker", &wait_twice},
    {"worker-replaced", &replace_the_worker},
};

int run(std::string_view backend, std::string_view name) {
    for (const Misuse& misuse : misuses) {
        if (misuse.name != name) continue;
        Victim victim(backend == "apc" ? apc::make_queue() : iocp::make_queue());
        misuse.commit(victim);
        std::puts("it came back");
        return 0;
    }
    return 2;
}

}  // namespace
}  // namespace drydock

int main(int count, char** words) { return count == 3 ? drydock::run(words[1], words[2]) : 2; }

// An echo server and many clients on several workers (or the one that a backend takes), with random
// sizes, half closes, aborts and cancels. What must hold: every byte that comes back is the right
// one, nothing else than what the contract names goes wrong, and all of it ends. Its worth is
// greatest under ThreadSanitizer.
#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>
#include <drydock/worker_loop.hpp>

#include "tests/conformance/suite.hpp"
#include "tests/support/scale.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Stress, backends_with_threads());

namespace {

constexpr unsigned wanted_workers = 4;
constexpr int clients = 64;

class Random {
public:
    explicit Random(std::uint64_t seed) noexcept : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
    std::size_t below(std::size_t bound) noexcept {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        state_ ^= state_ << 17;
        return static_cast<std::size_t>(state_ >> 16) % bound;
    }

private:
    std::uint64_t state_;
};

/// What all of a run share.
struct World {
    World(CompletionQueue& the_queue, AsyncListener& the_listener) noexcept
        : queue(the_queue), listener(the_listener) {}

    CompletionQueue& queue;
    AsyncListener& listener;
    std::atomic<std::uint64_t> echoed{0};
    std::atomic<std::uint64_t> canceled{0};
    std::atomic<int> wrong{0};  // bytes or errors that the contract does not know
};

Task<void> echo(World& world, std::unique_ptr<AsyncSocket> socket) {
    std::array<std::byte, 3000> buffer;
    for (;;) {
        const Result received = co_await receive(*socket, buffer);
        if (!received.ok() || received.bytes == 0) {
            world.wrong += received.ok() || received.error == Error::reset ? 0 : 1;
            break;
        }
        const Result sent = co_await send_all(*socket, ConstBuffer(buffer.data(), received.bytes));
        if (!sent.ok()) {
            break;
        }
    }
    socket->shutdown_send();
}

Task<void> serve(World& world) {
    TaskGroup connections(world.queue);
    for (;;) {
        SocketResult accepted = co_await accept(world.listener);
        if (accepted.error == Error::canceled) {
            break;
        }
        if (accepted.ok()) {
            connections.spawn(echo(world, std::move(accepted.socket)));
        }
    }
    co_await connections.join();
}

/// One message there and back. False: the connection is over.
Task<bool> exchange(World& world, AsyncSocket& socket, std::string text) {
    const Result sent = co_await send_all(socket, ConstBuffer(std::string_view(text)));
    if (!sent.ok()) {
        world.wrong += sent.error == Error::canceled ? 0 : 1;
        co_return false;
    }
    std::array<std::byte, 2500> buffer;
    std::size_t compared = 0;
    while (compared < text.size()) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) {
            world.wrong += received.error == Error::canceled ? 0 : 1;
            co_return false;
        }
        const std::string_view bytes = as_text(std::span(buffer).first(received.bytes));
        world.wrong += text.compare(compared, bytes.size(), bytes) == 0 ? 0 : 1;
        compared += bytes.size();
    }
    world.echoed += text.size();
    co_return true;
}

Task<void> converse(World& world, AsyncSocket& socket, Random& random) {
    const std::size_t messages = 1 + random.below(20);
    for (std::size_t i = 0; i < messages; ++i) {
        std::string text = pattern(1 + random.below(12000), static_cast<unsigned>(i));
        const bool goes_on = co_await exchange(world, socket, std::move(text));
        if (!goes_on) {
            ++world.canceled;
            co_return;
        }
    }
    const std::size_t ending = random.below(3);
    if (ending == 0) {
        socket.set_abortive_close();
    } else if (ending == 1) {
        socket.shutdown_send();
        std::array<std::byte, 16> buffer;
        const Result end = co_await receive(socket, buffer);
        world.wrong += (end.ok() && end.bytes == 0) || end.error == Error::canceled ? 0 : 1;
    }
}

/// One connection; in one of three somebody else cancels it at some time.
Task<void> connect_once(World& world, Random& random) {
    SocketResult connected = co_await connect(world.queue, world.listener.local_endpoint());
    if (!connected.ok()) {
        ++world.wrong;
        co_return;
    }
    AsyncSocket& socket = *connected.socket;
    TaskGroup group(world.queue);
    Timer timer(world.queue);
    if (random.below(3) == 0) {
        const Duration span = std::chrono::microseconds(random.below(3000));
        group.spawn(cancel_at(timer, later(world.queue.now(), span), socket));
    }
    co_await converse(world, socket, random);
    timer.cancel();
    co_await group.join();
}

Task<void> be_client(World& world, std::uint64_t seed, int connections) {
    Random random(seed);
    for (int i = 0; i < connections; ++i) {
        co_await connect_once(world, random);
    }
}

Task<void> run(World& world, int connections_each) {
    TaskGroup servers(world.queue);
    TaskGroup all_clients(world.queue);
    servers.spawn(serve(world));
    servers.spawn(serve(world));
    for (int i = 0; i < clients; ++i) {
        all_clients.spawn(be_client(world, static_cast<std::uint64_t>(i), connections_each));
    }
    co_await all_clients.join();
    world.listener.cancel();
    co_await servers.join();
}

}  // namespace

TEST_P(Stress, echo_with_random_sizes_cancels_and_aborts_loses_and_mixes_nothing) {
    ListenResult listening = queue().listen(Endpoint::loopback(0), ListenOptions{});
    ASSERT_NE(listening.listener, nullptr);
    World world(queue(), *listening.listener);
    const unsigned workers = std::min(wanted_workers, GetParam().most_workers);
    WorkerLoop loop(queue(), run(world, test::scaled(10)), workers);
    {
        std::vector<std::thread> threads;
        for (unsigned i = 1; i < workers; ++i) {
            threads.emplace_back([&loop] { loop.run(); });
        }
        loop.run();
        for (std::thread& thread : threads) {
            thread.join();
        }
    }
    EXPECT_EQ(world.wrong.load(), 0) << "wrong bytes came back, or an error that was not to be";
    EXPECT_GT(world.echoed.load(), 0u);
}

}  // namespace drydock::conformance

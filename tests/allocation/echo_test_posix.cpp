// In steady state the echo path allocates nothing per message.
//
// This executable replaces the global operator new by one that counts. A server and a client of
// ours talk over a real backend; after a warm-up, ten thousand messages more must not add to the
// count.
#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <drydock/io.hpp>
#include <drydock/worker_loop.hpp>

#include "platform/epoll/queue.hpp"
#if DRYDOCK_HAS_URING
#include "platform/uring/queue.hpp"
#endif
#include "src/echo/server.hpp"

// GCC inlines both sides and takes the pair below for a mistake.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace {
std::atomic<long> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    const std::size_t whole = (size + alignment - 1) / alignment * alignment;
    void* const memory = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}

void released(void* memory) noexcept {
    std::free(memory);  // tidy: allow(banned-call) operator delete is made of it
}
}  // namespace

void* operator new(std::size_t size) { return counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new[](std::size_t size) { return counted(size, __STDCPP_DEFAULT_NEW_ALIGNMENT__); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return ::operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
    return ::operator new(size);
}
void operator delete(void* memory) noexcept { released(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { released(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { released(memory); }
void operator delete[](void* memory) noexcept { released(memory); }
void operator delete(void* memory, std::size_t) noexcept { released(memory); }
void operator delete[](void* memory, std::size_t) noexcept { released(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { released(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { released(memory); }

namespace drydock::echo {
namespace {

constexpr int warm_up = 1'000;
constexpr int messages = 10'000;

struct Talk {
    int done = 0;
    long at_start = 0;
    long at_end = 0;
};

/// Sends a message and reads its echo, over and over, all in one coroutine.
Task<void> talk(CompletionQueue& queue, Endpoint endpoint, Talk& result) {
    SocketResult connected = co_await connect(queue, endpoint);
    if (!connected.ok()) co_return;
    AsyncSocket& socket = *connected.socket;
    std::array<std::byte, 64> message{};
    std::array<std::byte, 64> buffer{};
    for (; result.done < warm_up + messages; ++result.done) {
        if (result.done == warm_up) result.at_start = allocations.load();
        const Result sent = co_await send_all(socket, ConstBuffer(message));
        if (!sent.ok()) co_return;
        for (std::size_t got = 0; got < message.size();) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            got += received.bytes;
        }
    }
    result.at_end = allocations.load();
}

Task<void> serve_and_talk(CompletionQueue& queue, ServerOptions options, Talk& result) {
    ListenResult listening = queue.listen(Endpoint::loopback(0), {});
    if (!listening.listener) co_return;
    const Endpoint endpoint = listening.listener->local_endpoint();
    NullLog log;
    Server server(queue, std::move(listening.listener), options, log);
    TaskGroup serving(queue);
    serving.spawn(server.run());
    co_await talk(queue, endpoint, result);
    server.request_stop();
    co_await serving.join();
}

using MakeQueue = std::unique_ptr<CompletionQueue> (*)(const QueueOptions&);

struct Backend {
    const char* name;
    MakeQueue make;
};

class EchoAllocations : public testing::TestWithParam<Backend> {};

constexpr Backend backends[] = {
#if DRYDOCK_HAS_URING
    {"uring", &uring::make_queue},
#endif
    {"epoll", &epoll::make_queue},
};

INSTANTIATE_TEST_SUITE_P(On, EchoAllocations, testing::ValuesIn(backends),
                         [](const auto& tested) { return tested.param.name; });

void expect_no_allocation(MakeQueue make, const ServerOptions& options) {
    const auto queue = make({.workers = 1});
    if (queue == nullptr) GTEST_SKIP() << "the system gives no such queue";
    Talk result;
    WorkerLoop loop(*queue, serve_and_talk(*queue, options, result), 1);
    loop.run();
    ASSERT_EQ(result.done, warm_up + messages) << "all messages should have come back";
    EXPECT_GT(result.at_start, 0) << "the counting operator new should be the one in use";
    EXPECT_EQ(result.at_end - result.at_start, 0)
        << messages << " messages should not need one allocation";
}

TEST_P(EchoAllocations, AreNoneInSteadyState) { expect_no_allocation(GetParam().make, {}); }

TEST_P(EchoAllocations, AreNoneWithAnIdleTimeoutEither) {
    ServerOptions options;
    options.idle_timeout = std::chrono::hours(1);
    expect_no_allocation(GetParam().make, options);
}

}  // namespace
}  // namespace drydock::echo

// connect_any on real queues with several workers: attempts that win, lose, are canceled and run
// out of time on different threads. ThreadSanitizer has the most to say here.
#include <array>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/connect.hpp>
#include <drydock/task_group.hpp>
#include <drydock/worker_loop.hpp>

#include "platform/epoll/queue.hpp"
#ifdef DRYDOCK_HAS_URING
#include "platform/uring/queue.hpp"
#endif
#include "tests/support/scale.hpp"

namespace drydock {
namespace {

constexpr unsigned connecting_workers = 4;

Task<void> turn_away(AsyncListener& listener) {
    for (;;) {
        const SocketResult accepted = co_await accept(listener);
        if (accepted.error == Error::canceled) co_return;
    }
}

struct Counts {
    int connected = 0;
    int timed_out = 0;
    int others = 0;
};

/// Two addresses that answer and one that refuses, all tried at the same time.
Task<void> connect_again_and_again(CompletionQueue& queue, Duration timeout, int rounds,
                                   Counts& counts) {
    const ListenResult listening = queue.listen(Endpoint::ipv4({127, 0, 0, 1}, 0), {});
    AsyncListener& listener = *listening.listener;
    const std::uint16_t port = listener.local_endpoint().port();
    const ListenResult second = queue.listen(Endpoint::ipv4({127, 0, 0, 3}, port), {});
    TaskGroup doors(queue);
    doors.spawn(turn_away(listener));
    if (second.listener) doors.spawn(turn_away(*second.listener));
    const std::array<Endpoint, 3> addresses = {Endpoint::ipv4({127, 0, 0, 2}, port),
                                               Endpoint::ipv4({127, 0, 0, 1}, port),
                                               Endpoint::ipv4({127, 0, 0, 3}, port)};
    ConnectOptions options;
    options.attempt_delay = Duration::zero();
    options.timeout = timeout;
    for (int i = 0; i < rounds; ++i) {
        const SocketResult result = co_await connect_any(queue, addresses, options);
        counts.connected += result.ok() ? 1 : 0;
        counts.timed_out += result.error == Error::timed_out ? 1 : 0;
        counts.others += result.ok() || result.error == Error::timed_out ? 0 : 1;
    }
    listener.cancel();
    if (second.listener) second.listener->cancel();
    co_await doors.join();
}

Counts run(CompletionQueue& queue, Duration timeout, int rounds) {
    Counts counts;
    WorkerLoop loop(queue, connect_again_and_again(queue, timeout, rounds, counts),
                    connecting_workers);
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < connecting_workers; ++i) others.emplace_back([&loop] { loop.run(); });
    loop.run();
    return counts;
}

void expect_one_outcome_each(CompletionQueue& queue) {
    const int rounds = test::scaled(500);
    EXPECT_EQ(run(queue, Duration::zero(), rounds).connected, rounds);
    for (const Duration timeout : {std::chrono::microseconds(20), std::chrono::microseconds(200)}) {
        const Counts counts = run(queue, timeout, rounds);
        EXPECT_EQ(counts.connected + counts.timed_out, rounds)
            << counts.others << " failed for other reasons";
    }
}

TEST(ConnectAnyByWorkers, GivesOneOutcomeEachOnEpoll) {
    const auto queue = epoll::make_queue({.workers = connecting_workers});
    ASSERT_NE(queue, nullptr);
    expect_one_outcome_each(*queue);
}

#ifdef DRYDOCK_HAS_URING
TEST(ConnectAnyByWorkers, GivesOneOutcomeEachOnUring) {
    const auto queue = uring::make_queue({.workers = connecting_workers});
    if (queue == nullptr) GTEST_SKIP() << "the system refuses io_uring";
    expect_one_outcome_each(*queue);
}
#endif

}  // namespace
}  // namespace drydock

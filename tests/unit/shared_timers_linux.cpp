// Timers that several workers wait for: one sleeper wakes for each, not all of them.
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "platform/common/shared_timers.hpp"
#include "platform/epoll/queue.hpp"
#if DRYDOCK_HAS_URING
#include "platform/uring/queue.hpp"
#endif

namespace drydock {
namespace {

using namespace std::chrono_literals;

// --- who keeps the earliest timer ----------------------------------------------------------------

constexpr Time early = Time(1s);
constexpr Time late = Time(2s);

TEST(TimerWatch, OneSleeperKeepsATimerAndTheOthersNone) {
    platform::TimerWatch watch;
    EXPECT_EQ(watch.fall_asleep(), never) << "there is no timer";
    watch.set_earliest(late);
    EXPECT_EQ(watch.fall_asleep(), late);
    EXPECT_EQ(watch.fall_asleep(), never) << "one is enough";
}

TEST(TimerWatch, WhoFallsAsleepWhenThereIsAnEarlierTimerKeepsThat) {
    platform::TimerWatch watch;
    watch.set_earliest(late);
    EXPECT_EQ(watch.fall_asleep(), late);
    watch.set_earliest(early);
    EXPECT_EQ(watch.fall_asleep(), early);
    watch.wake_up(late);
    EXPECT_EQ(watch.fall_asleep(), never) << "the earlier one still is kept";
}

TEST(TimerWatch, ATimerWhoseKeeperHasWokenIsKeptByTheNext) {
    platform::TimerWatch watch;
    watch.set_earliest(late);
    watch.wake_up(watch.fall_asleep());
    EXPECT_EQ(watch.fall_asleep(), late);
}

// --- on the backends -----------------------------------------------------------------------------

class Counted : public Operation {
public:
    Counted() noexcept : Operation(&Counted::completed) {}
    bool done() const noexcept { return done_.load(); }

private:
    static void completed(Operation& operation, const Result&) noexcept {
        static_cast<Counted&>(operation).done_.store(true);
    }
    std::atomic<bool> done_{false};
};

constexpr int workers = 4;
constexpr int timers = 100;

/// Workers that wait for the same timers.
struct Crowd {
    std::deque<Counted> timed{timers};
    std::atomic<int> working{workers};
    Counted stop;  // handed on from each worker that leaves to the next
    std::atomic<long> sleeps{0};

    /// Until the last timer has completed.
    void work(CompletionQueue& queue) {
        Completion batch[16];
        while (!timed.back().done()) {
            const std::size_t count = queue.wait(batch, never);
            for (std::size_t i = 0; i < count; ++i) {
                batch[i].operation->complete(batch[i].result);
            }
        }
        ::rusage usage{};
        ::getrusage(RUSAGE_THREAD, &usage);
        sleeps.fetch_add(usage.ru_nvcsw);  // in wait(), or for a lock
        if (working.fetch_sub(1) > 1) {
            queue.post(stop);
        }
    }
};

void expect_one_to_wake(CompletionQueue& queue) {
    Crowd crowd;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < workers; ++i) {
            threads.emplace_back([&] { crowd.work(queue); });
        }
        Time deadline = later(queue.now(), 20ms);
        for (Counted& timer : crowd.timed) {
            queue.start_timer(timer, deadline);
            deadline = later(deadline, 3ms);
        }
    }
    EXPECT_GE(crowd.sleeps.load(), timers / 2);
    // One for each timer, and nearly as many who look after the one that has taken it out. Were all
    // to wake for each timer, it would be four times as many as there are timers.
    EXPECT_LT(crowd.sleeps.load(), timers * 7 / 2);
}

TEST(SharedTimers, WakeOneWorkerEachOnEpoll) {
    const auto queue = epoll::make_queue({});
    ASSERT_NE(queue, nullptr);
    expect_one_to_wake(*queue);
}

#if DRYDOCK_HAS_URING
TEST(SharedTimers, WakeOneWorkerEachOnIoUring) {
    const auto queue = uring::make_queue({.workers = 4});
    if (queue == nullptr) {
        GTEST_SKIP() << "the system gives no io_uring";
    }
    expect_one_to_wake(*queue);
}
#endif

}  // namespace
}  // namespace drydock

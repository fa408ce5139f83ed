// WorkerLoop: it works until the main task has ended, with one worker and with several.
#include <atomic>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/event.hpp>
#include <drydock/worker_loop.hpp>

#include "tests/support/driven_queue.hpp"

namespace drydock {
namespace {

/// A queue for any number of threads that knows posts alone.
class PostQueue final : public CompletionQueue {
public:
    Time now() const noexcept override { return {}; }
    ListenResult listen(const Endpoint&, const ListenOptions&) override {
        return {nullptr, Error::not_supported, 0};
    }
    void connect(SocketOperation&, const Endpoint&) noexcept override { std::abort(); }
    void start_timer(Operation&, Time) noexcept override { std::abort(); }
    void cancel(Operation&) noexcept override { std::abort(); }
    void post(Operation& operation) noexcept override {
        if (!operation.begin(*this, OperationKind::post)) return;
        {
            const std::lock_guard lock(mutex_);
            ready_.push_back(&operation);
        }
        posted_.notify_one();
    }
    std::size_t wait(std::span<Completion> completions, Time) noexcept override {
        std::unique_lock lock(mutex_);
        posted_.wait(lock, [&] { return !ready_.empty(); });
        completions.front() = {ready_.front(), Result::success()};
        ready_.pop_front();
        return 1;
    }
    std::size_t remaining() {
        const std::lock_guard lock(mutex_);
        return ready_.size();
    }

private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<Operation*> ready_;
};

/// Spawns `count` children, each of which adds one, and joins them.
Task<void> add_up(CompletionQueue& queue, std::atomic<int>& sum, int count) {
    const auto child = [](std::atomic<int>& its_sum) -> Task<void> {
        its_sum.fetch_add(1);
        co_return;
    };
    TaskGroup group(queue);
    for (int i = 0; i < count; ++i) group.spawn(child(sum));
    co_await group.join();
}

class Workers : public testing::TestWithParam<unsigned> {};

TEST_P(Workers, AllReturnOnceTheMainTaskHasEnded) {
    PostQueue queue;
    std::atomic<int> sum{0};
    {
        WorkerLoop loop(queue, add_up(queue, sum, 1000), GetParam());
        std::vector<std::jthread> others;
        for (unsigned i = 1; i < GetParam(); ++i) others.emplace_back([&] { loop.run(); });
        loop.run();
    }
    EXPECT_EQ(sum.load(), 1000) << "the work should be done when the workers have returned";
    EXPECT_EQ(queue.remaining(), 0U) << "each sentinel should have been taken by a worker";
}

INSTANTIATE_TEST_SUITE_P(OneAndSeveral, Workers, testing::Values(1U, 2U, 4U, 9U));

TEST(WorkerLoop, RunsTheMainTaskInTheSimulatorToo) {
    const auto queue = sim::make_queue(1, {});
    std::atomic<int> sum{0};
    WorkerLoop loop(*queue, add_up(*queue, sum, 10), 1);
    loop.run();
    EXPECT_EQ(sum.load(), 10);
}

TEST(WorkerLoop, IsWokenByAnEventThatAnotherThreadSets) {
    PostQueue queue;
    AsyncEvent event(queue);
    const auto body = [](AsyncEvent& its_event) -> Task<void> { co_await its_event.wait(); };
    WorkerLoop loop(queue, body(event), 2);
    std::jthread other([&] { loop.run(); });
    std::jthread setter([&] { event.set(); });
    loop.run();
}

}  // namespace
}  // namespace drydock

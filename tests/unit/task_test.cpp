// Task: values, exceptions, lifetimes, and a stack that does not grow with the chain.
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/event.hpp>
#include <drydock/task.hpp>

#include "tests/support/driven_queue.hpp"

namespace drydock {
namespace {

using test::DrivenQueue;

Task<int> give(int value) { co_return value; }

Task<std::unique_ptr<std::string>> give_move_only() {
    co_return std::make_unique<std::string>("moved");
}

Task<int> throw_from_inside() {
    throw std::runtime_error("from inside");
    co_return 0;
}

Task<void> throw_nothing_back() {
    throw std::runtime_error("from a void task");
    co_return;
}

TEST(Task, GivesItsValueToItsAwaiter) {
    DrivenQueue driven;
    int got = 0;
    const auto body = [](int& result) -> Task<void> { result = co_await give(42); };
    driven.spawn(body(got));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(got, 42);
}

TEST(Task, GivesValuesThatCanOnlyBeMoved) {
    DrivenQueue driven;
    std::unique_ptr<std::string> got;
    const auto body = [](std::unique_ptr<std::string>& result) -> Task<void> {
        result = co_await give_move_only();
    };
    driven.spawn(body(got));
    ASSERT_TRUE(driven.finish());
    ASSERT_NE(got, nullptr);
    EXPECT_EQ(*got, "moved");
}

TEST(Task, ThrowsItsExceptionFromTheAwait) {
    DrivenQueue driven;
    std::vector<std::string> caught;
    const auto body = [](std::vector<std::string>& what) -> Task<void> {
        try {
            static_cast<void>(co_await throw_from_inside());
        } catch (const std::runtime_error& error) {
            what.emplace_back(error.what());
        }
        try {
            co_await throw_nothing_back();
        } catch (const std::runtime_error& error) {
            what.emplace_back(error.what());
        }
    };
    driven.spawn(body(caught));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(caught, (std::vector<std::string>{"from inside", "from a void task"}));
}

TEST(Task, DoesNothingUntilItIsAwaited) {
    bool ran = false;
    const auto body = [](bool& mark) -> Task<void> {
        mark = true;
        co_return;
    };
    { const Task<void> never_awaited = body(ran); }
    EXPECT_FALSE(ran) << "a task is lazy: destroyed unawaited, it has done nothing";
}

TEST(Task, DestroysWhatItHoldsWhenItHasEnded) {
    DrivenQueue driven;
    const auto token = std::make_shared<int>(1);
    std::vector<long> uses;
    const auto inner = [](std::shared_ptr<int> held) -> Task<void> {
        static_cast<void>(held);
        co_return;
    };
    const auto body = [&inner](std::shared_ptr<int> held, std::vector<long>& seen) -> Task<void> {
        co_await inner(held);
        seen.push_back(held.use_count());
    };
    driven.spawn(body(token, uses));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(uses, std::vector<long>{2}) << "the awaited task should be gone, the awaiter not yet";
    EXPECT_EQ(token.use_count(), 1) << "in the end only the test should hold it";
}

TEST(Task, MovesAndSwapsLikeAHandle) {
    DrivenQueue driven;
    int got = 0;
    const auto body = [](int& result) -> Task<void> {
        Task<int> first = give(1);
        Task<int> second = std::move(first);
        first = give(2);
        first = std::move(second);
        result = co_await std::move(first);
    };
    driven.spawn(body(got));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(got, 1);
}

// GCC 12's symmetric transfer overflows the stack here at -O0 and under sanitizers: hence the
// trampoline.
TEST(Task, AwaitsAMillionTasksOneAfterTheOtherOnOneStack) {
    DrivenQueue driven;
    long sum = 0;
    const auto body = [](long& total) -> Task<void> {
        for (int i = 0; i < 1'000'000; ++i) total += co_await give(1);
    };
    driven.spawn(body(sum));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(sum, 1'000'000);
}

Task<int> recurse(int depth) {
    if (depth == 0) co_return 0;
    const int below = co_await recurse(depth - 1);
    co_return below + 1;
}

TEST(Task, RecursesAHundredThousandDeepOnOneStack) {
    DrivenQueue driven;
    int depth = 0;
    const auto body = [](int& result) -> Task<void> { result = co_await recurse(100'000); };
    driven.spawn(body(depth));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(depth, 100'000);
}

Task<int> recurse_and_wait(int depth, AsyncEvent& event) {
    if (depth == 0) {
        co_await event.wait();
        co_return 0;
    }
    const int below = co_await recurse_and_wait(depth - 1, event);
    co_return below + 1;
}

TEST(Task, IsResumedAtTheBottomOfADeepChain) {
    DrivenQueue driven;
    AsyncEvent event(driven.queue());
    int depth = -1;
    const auto body = [](int& result, AsyncEvent& its_event) -> Task<void> {
        result = co_await recurse_and_wait(10'000, its_event);
    };
    driven.spawn(body(depth, event));
    driven.pump();
    EXPECT_EQ(depth, -1) << "the innermost task waits";
    event.set();
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(depth, 10'000);
}

}  // namespace
}  // namespace drydock

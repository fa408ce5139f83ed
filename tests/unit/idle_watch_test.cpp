// IdleWatch: moves move its deadline, it can be stopped, and it can be explored.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/event.hpp>
#include <drydock/idle_watch.hpp>
#include <drydock/sim/explore.hpp>
#include <drydock/task_group.hpp>

#include "tests/support/driven_queue.hpp"
#include "tests/support/mocks.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;
using test::DrivenQueue;
using test::MockQueue;
using testing::ElementsAre;
using testing::NiceMock;

struct CountedTarget {
    void cancel() noexcept { ++cancels; }
    int cancels = 0;
};

class IdleWatching : public testing::Test {
protected:
    static constexpr Duration span = 10ms;

    void start(Time end = never) {
        group_.spawn(cancel_when_idle(watch_, target_, end));
        queue_.pump();
    }

    NiceMock<MockQueue> queue_;
    TaskGroup group_{queue_};
    CountedTarget target_;
    IdleWatch watch_{queue_, span};
};

TEST_F(IdleWatching, CancelsWhatHasNotMovedForTheSpan) {
    start();
    queue_.advance(span - 1ns);
    EXPECT_EQ(target_.cancels, 0);
    EXPECT_FALSE(watch_.is_idle());
    queue_.advance(1ns);
    EXPECT_EQ(target_.cancels, 1);
    EXPECT_TRUE(watch_.is_idle());
    EXPECT_EQ(group_.size(), 0U) << "it should have ended";
}

TEST_F(IdleWatching, TheSpanBeginsWithTheWatchingAndNotWithTheObject) {
    queue_.advance(span * 5);
    start();
    queue_.advance(span - 1ns);
    EXPECT_EQ(target_.cancels, 0);
    queue_.advance(1ns);
    EXPECT_EQ(target_.cancels, 1);
}

TEST_F(IdleWatching, EachMoveGivesItAWholeSpanMore) {
    start();
    for (int i = 0; i < 20; ++i) {
        queue_.advance(span - 1ns);
        watch_.moved();
    }
    EXPECT_EQ(target_.cancels, 0);
    queue_.advance(span - 1ns);
    EXPECT_EQ(target_.cancels, 0) << "the whole span after the last move";
    queue_.advance(1ns);
    EXPECT_EQ(target_.cancels, 1) << "and no longer";
}

TEST_F(IdleWatching, AMoveStartsNothing) {
    start();
    queue_.advance(1ms);
    const Duration next = queue_.next_timer();
    for (int i = 0; i < 1000; ++i) watch_.moved();
    EXPECT_EQ(queue_.next_timer(), next) << "its timer should stay as it is";
    EXPECT_EQ(queue_.timers(), 1U);
    EXPECT_EQ(queue_.ready(), 0U);
    watch_.stop();
    queue_.pump();
}

TEST_F(IdleWatching, EndsAtItsEndHoweverMuchMoves) {
    start(queue_.now() + 25ms);
    for (int i = 0; i < 24; ++i) {
        queue_.advance(1ms);
        watch_.moved();
    }
    EXPECT_EQ(target_.cancels, 0);
    queue_.advance(1ms);
    EXPECT_EQ(target_.cancels, 1);
}

TEST_F(IdleWatching, AStopEndsItWithoutACancel) {
    start();
    watch_.stop();
    queue_.pump();
    EXPECT_EQ(group_.size(), 0U) << "it should end at once";
    EXPECT_EQ(queue_.timers(), 0U);
    EXPECT_EQ(target_.cancels, 0);
    EXPECT_FALSE(watch_.is_idle());
}

TEST_F(IdleWatching, AStopThatComesBeforeItsFirstStepIsNotLost) {
    group_.spawn(cancel_when_idle(watch_, target_));
    watch_.stop();
    queue_.pump();
    EXPECT_EQ(group_.size(), 0U);
    EXPECT_EQ(target_.cancels, 0);
}

// --- on the simulator ----------------------------------------------------------------------------

/// Moves `count` times, with pauses below the span, and notes when it last did.
Task<void> move_now_and_then(CompletionQueue& queue, IdleWatch& watch, Duration pause, int count,
                             Time& last) {
    Timer timer(queue);
    for (int i = 0; i < count; ++i) {
        co_await timer.after(pause);
        watch.moved();
        last = std::max(last, queue.now());
    }
}

TEST(IdleWatchInRuns, NeverCutsOffWhatMovesAndCutsOffWhatDoesNot) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        DrivenQueue driven(sim::FaultSet().with(sim::Fault::reorder), seed);
        IdleWatch watch(driven.queue(), 10ms);
        CountedTarget target;
        Time first{};
        Time second{};
        driven.spawn(cancel_when_idle(watch, target));
        driven.spawn(move_now_and_then(driven.queue(), watch, 3ms, 30, first));
        driven.spawn(move_now_and_then(driven.queue(), watch, 7ms, 20, second));
        ASSERT_TRUE(driven.finish());
        EXPECT_EQ(target.cancels, 1);
        EXPECT_EQ(driven.queue().now() - std::max(first, second), 10ms) << "seed " << seed;
    }
}

using Body = Task<void> (*)(sim::World&, std::string&);

class Telling final : public sim::Scenario {
public:
    explicit Telling(Body body) : body_(body) {}
    Task<void> main(sim::World& world) override { return body_(world, text_); }
    std::string outcome() const override { return text_; }

private:
    Body body_;
    std::string text_;
};

/// The outcomes of all schedules. The reductions must find those of the plain search.
std::set<std::string> explored(Body body) {
    std::set<std::string> all;
    for (const auto reduction :
         {sim::Reduction::none, sim::Reduction::sleep_sets, sim::Reduction::states}) {
        sim::ExploreOptions options;
        options.reduction = reduction;
        const sim::Exploration found =
            sim::explore([body] { return std::make_unique<Telling>(body); }, std::move(options));
        EXPECT_TRUE(found.complete);
        EXPECT_EQ(found.failures, 0U);
        std::set<std::string> outcomes;
        for (const auto& [outcome, count] : found.outcomes) outcomes.insert(outcome);
        if (reduction == sim::Reduction::none) all = outcomes;
        EXPECT_EQ(outcomes, all);
    }
    return all;
}

std::string milliseconds_since(Time start, Time now) {
    return std::to_string((now - start) / 1ms) + " ms";
}

/// The move and the deadline come at the same moment, in either order.
Task<void> move_at_the_deadline(sim::World& world, std::string& text) {
    const Time start = world.now();
    IdleWatch watch(world, 10ms);
    CountedTarget target;
    TaskGroup group(world);
    group.spawn(cancel_when_idle(watch, target));
    group.spawn([&]() -> Task<void> {
        Timer timer(world);
        co_await timer.until(start + 10ms);
        watch.moved();
    });
    co_await group.join();
    text = milliseconds_since(start, world.now());
}

TEST(IdleWatchInRuns, AMoveAtTheDeadlineComesBeforeItOrAfterIt) {
    EXPECT_THAT(explored(&move_at_the_deadline), ElementsAre("10 ms", "20 ms"));
}

Task<void> stop_at_the_deadline(sim::World& world, std::string& text) {
    const Time start = world.now();
    IdleWatch watch(world, 10ms);
    CountedTarget target;
    TaskGroup group(world);
    group.spawn(cancel_when_idle(watch, target));
    Timer timer(world);
    co_await timer.until(start + 10ms);
    const bool before = watch.is_idle();
    watch.stop();
    co_await group.join();
    text = std::string(before ? "idle, " : "not yet idle, ") +
           (target.cancels > 0 ? "canceled" : "stopped");
}

TEST(IdleWatchInRuns, AStopAtTheDeadlineIsTooLateEvenWhereTheWatchHasNotRunYet) {
    EXPECT_THAT(explored(&stop_at_the_deadline),
                ElementsAre("idle, canceled", "not yet idle, canceled"));
}

}  // namespace
}  // namespace drydock

// Timers: never early, in order, canceled in flight or before.
#include <algorithm>
#include <vector>

#include "tests/conformance/suite.hpp"
#include "tests/support/scale.hpp"

namespace drydock::conformance {

DRYDOCK_CONFORMANCE_SUITE(Timers, backends());

namespace {

/// Remembers when it completed.
class StampedTimer : public Operation {
public:
    StampedTimer(CompletionQueue& queue, Time deadline) noexcept
        : Operation(&StampedTimer::completed), queue_(queue), deadline_(deadline) {}

    void start() noexcept { queue_.start_timer(*this, deadline_); }
    bool early() const noexcept { return completed_at_ < deadline_; }
    Time completed_at() const noexcept { return completed_at_; }

private:
    static void completed(Operation& operation, const Result&) noexcept {
        auto& self = static_cast<StampedTimer&>(operation);
        self.completed_at_ = self.queue_.now();
    }

    CompletionQueue& queue_;
    Time deadline_;
    Time completed_at_{};
};

}  // namespace

TEST_P(Timers, complete_at_their_deadline_and_never_before) {
    for (const Duration span : {Duration(1us), Duration(300us), Duration(1ms), Duration(25ms)}) {
        TestTimer timer(driver());
        const Time deadline = later(queue().now(), span);
        queue().start_timer(timer, deadline);
        ASSERT_TRUE(driver().finish(timer));
        EXPECT_EQ(timer.result().error, Error::ok) << name(timer.result().error);
        EXPECT_GE(queue().now(), deadline) << "the timer completed before its deadline";
    }
}

TEST_P(Timers, with_a_deadline_in_the_past_complete_at_once) {
    TestTimer timer(driver());
    for (const Time deadline : {queue().now(), Time(), Time::min()}) {
        const Time before = queue().now();
        queue().start_timer(timer, std::min(deadline, before));
        ASSERT_TRUE(driver().finish(timer));
        EXPECT_EQ(timer.result().error, Error::ok);
        EXPECT_LT(queue().now() - before, patience / 2);
    }
}

TEST_P(Timers, complete_in_the_order_of_their_deadlines_not_of_their_starts) {
    const Time start = queue().now();
    StampedTimer third(queue(), later(start, 120ms));
    StampedTimer first(queue(), later(start, 40ms));
    StampedTimer second(queue(), later(start, 80ms));
    third.start();
    first.start();
    second.start();
    ASSERT_TRUE(driver().finish(third) && driver().finish(first) && driver().finish(second));
    EXPECT_LE(first.completed_at(), second.completed_at());
    EXPECT_LE(second.completed_at(), third.completed_at());
}

TEST_P(Timers, by_the_hundred_all_complete_and_none_is_early) {
    const int count = test::scaled(1000);
    const Time start = queue().now();
    std::vector<std::unique_ptr<StampedTimer>> timers;
    for (int i = 0; i < count; ++i) {
        const auto span = std::chrono::microseconds((i * 7919) % 50'000);
        timers.push_back(std::make_unique<StampedTimer>(queue(), later(start, span)));
        timers.back()->start();
    }
    for (const auto& timer : timers) {
        ASSERT_TRUE(driver().finish(*timer)) << "a timer never completed";
        EXPECT_FALSE(timer->early());
    }
}

TEST_P(Timers, in_flight_are_canceled_without_waiting_for_the_deadline) {
    TestTimer timer(driver());
    const Time start = queue().now();
    queue().start_timer(timer, later(start, 10 * patience));
    driver().run_for(glance);
    ASSERT_EQ(timer.completions(), 0);
    queue().cancel(timer);
    ASSERT_TRUE(driver().finish(timer));
    EXPECT_EQ(timer.result().error, Error::canceled);
    EXPECT_EQ(timer.completions(), 1);
}

TEST_P(Timers, with_no_deadline_wait_for_their_cancel) {
    TestTimer timer(driver());
    queue().start_timer(timer, never);
    driver().run_for(glance);
    ASSERT_EQ(timer.completions(), 0);
    queue().cancel(timer);
    ASSERT_TRUE(driver().finish(timer));
    EXPECT_EQ(timer.result().error, Error::canceled);
}

TEST_P(Timers, canceled_before_they_start_complete_as_canceled_once) {
    TestTimer timer(driver());
    queue().cancel(timer);
    queue().start_timer(timer, never);
    ASSERT_TRUE(driver().finish(timer)) << "a cancel before the start must not be lost";
    EXPECT_EQ(timer.result().error, Error::canceled);
    queue().start_timer(timer, later(queue().now(), 1ms));
    ASSERT_TRUE(driver().finish(timer));
    EXPECT_EQ(timer.result().error, Error::ok) << "one cancel is for one start";
}

TEST_P(Timers, canceled_after_they_completed_cancel_the_next_start) {
    TestTimer timer(driver());
    queue().start_timer(timer, queue().now());
    ASSERT_TRUE(driver().finish(timer));
    ASSERT_EQ(timer.result().error, Error::ok);
    queue().cancel(timer);
    queue().start_timer(timer, never);
    ASSERT_TRUE(driver().finish(timer));
    EXPECT_EQ(timer.result().error, Error::canceled);
}

// The completion is under way, but wait() has not handed it out: the cancel may win or lose. If it
// loses it is for the next start.
TEST_P(Timers, canceled_when_due_lose_no_cancel) {
    TestTimer timer(driver());
    queue().start_timer(timer, queue().now());
    queue().cancel(timer);
    ASSERT_TRUE(driver().finish(timer));
    int canceled = timer.result().error == Error::canceled ? 1 : 0;
    queue().start_timer(timer, queue().now());
    ASSERT_TRUE(driver().finish(timer));
    canceled += timer.result().error == Error::canceled ? 1 : 0;
    EXPECT_EQ(canceled, 1) << "one cancel ends exactly one start";
    EXPECT_EQ(timer.completions(), 2);
}

TEST_P(Timers, canceled_in_any_order_leave_the_others_alone) {
    std::vector<std::unique_ptr<TestTimer>> timers;
    const Time start = queue().now();
    for (int i = 0; i < 60; ++i) {
        timers.push_back(std::make_unique<TestTimer>(driver()));
        const auto span = std::chrono::milliseconds(10 + (i * 37) % 60);
        queue().start_timer(*timers.back(), later(start, span));
    }
    for (std::size_t i = 0; i < timers.size(); i += 3) {
        queue().cancel(*timers[(i * 7) % timers.size() / 3 * 3]);
    }
    int completed = 0;
    for (std::size_t i = 0; i < timers.size(); ++i) {
        ASSERT_TRUE(driver().finish(*timers[i]));
        ASSERT_EQ(timers[i]->completions(), 1);
        completed += timers[i]->result().ok() ? 1 : 0;
        EXPECT_TRUE(i % 3 == 0 || timers[i]->result().ok())
            << "a timer that nobody canceled was canceled";
    }
    EXPECT_GE(completed, 40);
}

}  // namespace drydock::conformance

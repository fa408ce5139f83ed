// Waitable timers, as Asio has them.
#include "tests/asio_face/face.hpp"

namespace face_test {
namespace {

FACE_SUITE(Timer);

using Clock = net::steady_timer::clock_type;

TEST_P(Timer, a_wait_completes_when_its_time_has_come_and_not_before) {
    NEEDS_REAL_QUEUE("real time");
    const auto begin = Clock::now();
    net::steady_timer timer(context, 5ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(waited.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_GE(Clock::now() - begin, 5ms);
    EXPECT_GE(Clock::now(), timer.expiry());
}

TEST_P(Timer, a_new_timer_has_expired) {
    net::steady_timer timer(context);
    EXPECT_EQ(timer.expiry(), net::steady_timer::time_point());
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(waited.calls, 0) << "not inline";
    EXPECT_EQ(run(), 1U);
    EXPECT_FALSE(waited.error);
}

TEST_P(Timer, a_time_in_the_past_completes_at_once) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer timer(context, Clock::now() - 1h);
    Outcome waited;
    timer.async_wait(Into(waited));
    run();
    EXPECT_FALSE(waited.error);
    timer.expires_after(-1h);
    timer.async_wait(Into(waited));
    run();
    EXPECT_EQ(waited.calls, 2);
    EXPECT_FALSE(waited.error);
}

TEST_P(Timer, the_farthest_times_do_not_overflow) {
    net::steady_timer latest(context, net::steady_timer::time_point::max());
    net::steady_timer earliest(context, net::steady_timer::time_point::min());
    net::steady_timer longest(context, net::steady_timer::duration::max());
    EXPECT_EQ(longest.expiry(), net::steady_timer::time_point::max());
    std::vector<std::string> lines;
    latest.async_wait(Log(lines, "latest"));
    longest.async_wait(Log(lines, "longest"));
    earliest.async_wait(Log(lines, "earliest"));
    run_until([&] { return !lines.empty(); });
    context.run_for(3ms);
    EXPECT_THAT(lines, ElementsAre("earliest ok"));
    latest.cancel();
    longest.cancel();
    run();
    EXPECT_EQ(lines.size(), 3U);
}

TEST_P(Timer, different_times_complete_in_their_order) {
    // Made in the order of their times, so that a delay between them does not change it.
    net::steady_timer soon(context, 2ms);
    net::steady_timer middle(context, 4ms);
    net::steady_timer late(context, 6ms);
    std::vector<std::string> lines;
    late.async_wait(Log(lines, "late"));
    soon.async_wait(Log(lines, "soon"));
    middle.async_wait(Log(lines, "middle"));
    run();
    EXPECT_THAT(lines, ElementsAre("soon ok", "middle ok", "late ok"));
}

TEST_P(Timer, times_that_have_come_together_complete_in_the_order_of_time) {
    NEEDS_REAL_QUEUE("real time");
    const auto now = Clock::now();
    net::steady_timer late(context, now - 1ms);
    net::steady_timer soon(context, now - 3ms);
    net::steady_timer middle(context, now - 2ms);
    std::vector<std::string> lines;
    late.async_wait(Log(lines, "late"));
    soon.async_wait(Log(lines, "soon"));
    middle.async_wait(Log(lines, "middle"));
    run();
    EXPECT_THAT(lines, ElementsAre("soon ok", "middle ok", "late ok"));
}

TEST_P(Timer, waits_of_one_timer_complete_in_the_order_of_their_start) {
    net::steady_timer timer(context, 1ms);
    std::vector<std::string> lines;
    for (const char* name : {"a", "b", "c"}) timer.async_wait(Log(lines, name));
    EXPECT_EQ(run(), 3U);
    EXPECT_THAT(lines, ElementsAre("a ok", "b ok", "c ok"));
}

TEST_P(Timer, cancel_aborts_all_waits_and_says_how_many) {
    net::steady_timer timer(context, 1h);
    std::vector<std::string> lines;
    for (const char* name : {"a", "b", "c"}) timer.async_wait(Log(lines, name));
    EXPECT_EQ(timer.cancel(), 3U);
    EXPECT_TRUE(lines.empty());
    EXPECT_EQ(timer.cancel(), 0U);
    run();
    EXPECT_THAT(lines, ElementsAre("a aborted", "b aborted", "c aborted"));
}

TEST_P(Timer, cancel_one_aborts_the_oldest_wait) {
    net::steady_timer timer(context, 1h);
    std::vector<std::string> lines;
    for (const char* name : {"a", "b"}) timer.async_wait(Log(lines, name));
    EXPECT_EQ(timer.cancel_one(), 1U);
    context.poll();
    EXPECT_THAT(lines, ElementsAre("a aborted"));
    EXPECT_EQ(timer.cancel_one(), 1U);
    EXPECT_EQ(timer.cancel_one(), 0U);
    run();
    EXPECT_THAT(lines, ElementsAre("a aborted", "b aborted"));
}

TEST_P(Timer, a_cancel_without_waits_is_not_remembered) {
    net::steady_timer timer(context, 1ms);
    EXPECT_EQ(timer.cancel(), 0U);
    Outcome waited;
    timer.async_wait(Into(waited));
    run();
    EXPECT_FALSE(waited.error);
}

TEST_P(Timer, setting_the_time_aborts_the_waits_and_says_how_many) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer timer(context, 1h);
    Outcome first;
    Outcome second;
    timer.async_wait(Into(first));
    EXPECT_EQ(timer.expires_after(1ms), 1U);
    timer.async_wait(Into(second));
    EXPECT_EQ(first.calls, 0);
    run();
    EXPECT_EQ(first.error, net::error::operation_aborted);
    EXPECT_EQ(second.calls, 1);
    EXPECT_FALSE(second.error);
    EXPECT_EQ(timer.expires_at(Clock::now() + 1h), 0U);
}

TEST_P(Timer, setting_the_same_time_aborts_too) {
    net::steady_timer timer(context, 1h);
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(timer.expires_at(timer.expiry()), 1U);
    run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Timer, a_wait_whose_time_has_come_can_no_longer_be_cancelled) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer first(context, Clock::now() - 2ms);
    net::steady_timer second(context, Clock::now() - 1ms);
    Outcome waited;
    std::size_t canceled = 7;
    first.async_wait([&](error_code) { canceled = second.cancel(); });
    second.async_wait(Into(waited));
    run();
    EXPECT_EQ(canceled, 0U) << "both have come, and the handlers are queued";
    EXPECT_FALSE(waited.error);
}

TEST_P(Timer, a_wait_that_nobody_has_run_can_be_cancelled_after_its_time) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer timer(context, Clock::now() - 1ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    EXPECT_EQ(timer.cancel(), 1U) << "no run() has looked at the timers";
    run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Timer, the_destructor_aborts_its_waits) {
    Outcome waited;
    {
        net::steady_timer timer(context, 1h);
        timer.async_wait(Into(waited));
    }
    EXPECT_EQ(waited.calls, 0);
    EXPECT_EQ(run(), 1U);
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Timer, a_moved_timer_keeps_its_waits) {
    net::steady_timer timer(context, 2ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    net::steady_timer moved = std::move(timer);
    EXPECT_EQ(timer.cancel(), 0U);
    run();
    EXPECT_FALSE(waited.error);
    EXPECT_EQ(waited.calls, 1);
    timer.expires_after(1ms);
    timer.async_wait(Into(waited));
    run();
    EXPECT_EQ(waited.calls, 2);
}

TEST_P(Timer, a_moved_timer_can_cancel_what_it_took) {
    net::steady_timer timer(context, 1h);
    Outcome waited;
    timer.async_wait(Into(waited));
    net::steady_timer moved = std::move(timer);
    EXPECT_EQ(moved.cancel(), 1U);
    run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Timer, move_assignment_aborts_the_old_waits) {
    net::steady_timer first(context, 1h);
    net::steady_timer second(context, 1ms);
    std::vector<std::string> lines;
    first.async_wait(Log(lines, "first"));
    second.async_wait(Log(lines, "second"));
    first = std::move(second);
    run();
    EXPECT_THAT(lines, ElementsAre("first aborted", "second ok"));
}

TEST_P(Timer, wait_blocks_until_the_time_has_come) {
    NEEDS_REAL_QUEUE("real time");
    const auto begin = Clock::now();
    net::steady_timer timer(context, 3ms);
    timer.wait();
    EXPECT_GE(Clock::now() - begin, 3ms);
    error_code error = net::error::eof;
    timer.wait(error);
    EXPECT_FALSE(error);
}

TEST_P(Timer, wait_runs_no_handlers) {
    int calls = 0;
    net::post(context, [&] { ++calls; });
    net::steady_timer timer(context, 2ms);
    timer.wait();
    EXPECT_EQ(calls, 0);
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Timer, a_handler_may_start_the_next_wait) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer timer(context, 1ms);
    int ticks = 0;
    std::function<void(error_code)> tick = [&](error_code error) {
        ASSERT_FALSE(error);
        if (++ticks == 5) return;
        timer.expires_at(timer.expiry() + 1ms);
        timer.async_wait(tick);
    };
    const auto begin = Clock::now();
    timer.async_wait(tick);
    EXPECT_EQ(run(), 5U);
    EXPECT_GE(Clock::now() - begin, 5ms);
}

TEST_P(Timer, a_handler_may_destroy_its_timer) {
    auto timer = std::make_unique<net::steady_timer>(context, 1ms);
    int calls = 0;
    timer->async_wait([&](error_code) {
        timer.reset();
        ++calls;
    });
    run();
    EXPECT_EQ(calls, 1);
}

TEST_P(Timer, a_timer_may_wait_for_a_handler_that_moves_its_time) {
    net::steady_timer deadline(context, 1h);
    net::steady_timer work(context, 1ms);
    std::vector<std::string> lines;
    deadline.async_wait(Log(lines, "first"));
    work.async_wait([&](error_code) {
        EXPECT_EQ(deadline.expires_after(1ms), 1U);
        deadline.async_wait(Log(lines, "second"));
    });
    run();
    EXPECT_THAT(lines, ElementsAre("first aborted", "second ok"));
}

TEST_P(Timer, a_post_comes_before_a_timer_that_has_expired) {
    NEEDS_REAL_QUEUE("real time");
    net::steady_timer timer(context, Clock::now() - 1ms);
    std::vector<std::string> lines;
    timer.async_wait(Log(lines, "timer"));
    net::post(context, Log(lines, "post"));
    run();
    EXPECT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines.front(), "post") << "timers are looked at when the queue has been run";
}

template <class AnyTimer>
void wait_a_little(net::io_context& context) {
    AnyTimer timer(context, std::chrono::milliseconds(2));
    const auto begin = AnyTimer::clock_type::now();
    Outcome waited;
    timer.async_wait(Into(waited));
    context.run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
    EXPECT_GE(AnyTimer::clock_type::now() - begin, std::chrono::milliseconds(1));
    timer.expires_at(AnyTimer::clock_type::now() + std::chrono::hours(1));
    timer.async_wait(Into(waited));
    EXPECT_EQ(timer.cancel(), 1U);
    context.restart();
    context.run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}

TEST_P(Timer, system_timers_work_alike) {
    NEEDS_REAL_QUEUE("real time");
    wait_a_little<net::system_timer>(context);
}

TEST_P(Timer, high_resolution_timers_work_alike) {
    NEEDS_REAL_QUEUE("real time");
    wait_a_little<net::high_resolution_timer>(context);
}

TEST_P(Timer, timers_of_different_clocks_keep_one_order) {
    net::system_timer system(context, 2ms);
    net::steady_timer steady(context, 500ms);  // if both have come, either may be the first
    std::vector<std::string> lines;
    steady.async_wait(Log(lines, "steady"));
    system.async_wait(Log(lines, "system"));
    run();
    EXPECT_THAT(lines, ElementsAre("system ok", "steady ok"));
}

// A clock of the program's own, which stands still until the program sets it.
struct ManualClock {
    using duration = std::chrono::milliseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<ManualClock>;
    static constexpr bool is_steady = false;
    static inline time_point current;
    static time_point now() { return current; }
};

struct ManualTraits {
    static ManualClock::duration to_wait_duration(const ManualClock::duration&) {
        return ManualClock::duration(1);
    }
    static ManualClock::duration to_wait_duration(const ManualClock::time_point&) {
        return ManualClock::duration(1);
    }
};

TEST_P(Timer, a_clock_and_wait_traits_of_the_programs_own) {
    ManualClock::current = {};
    net::basic_waitable_timer<ManualClock, ManualTraits> timer(context);
    timer.expires_after(100ms);
    Outcome waited;
    timer.async_wait(Into(waited));
    context.run_for(6ms);
    EXPECT_EQ(waited.calls, 0) << "that clock stands still";
    ManualClock::current += 100ms;
    run();
    EXPECT_EQ(waited.calls, 1);
    EXPECT_FALSE(waited.error);
}

TEST_P(Timer, a_thousand_timers_complete_in_order) {
    NEEDS_REAL_QUEUE("real time");
    const auto now = Clock::now();
    std::vector<std::unique_ptr<net::steady_timer>> timers;
    std::vector<int> order;
    for (int i = 0; i < 1000; ++i) {
        const int place = i * 7 % 1000;
        timers.push_back(std::make_unique<net::steady_timer>(
            context, now + std::chrono::microseconds(place * 10)));
        timers.back()->async_wait([&, place](error_code) { order.push_back(place); });
    }
    run();
    EXPECT_EQ(order.size(), 1000U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

#if defined(NET_BOOST)
TEST_P(Timer, deadline_timers_use_the_date_library) {
    NEEDS_REAL_QUEUE("real time");
    net::deadline_timer timer(context, boost::posix_time::milliseconds(2));
    Outcome waited;
    timer.async_wait(Into(waited));
    run();
    EXPECT_FALSE(waited.error);
    timer.expires_from_now(boost::posix_time::hours(1));
    timer.async_wait(Into(waited));
    EXPECT_EQ(timer.cancel(), 1U);
    run();
    EXPECT_EQ(waited.error, net::error::operation_aborted);
}
#endif

/// A clock that can be set.
struct SettableClock {
    using duration = std::chrono::steady_clock::duration;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<SettableClock>;
    static constexpr bool is_steady = false;
    static inline duration offset{};
    static time_point now() {
        return time_point(std::chrono::steady_clock::now().time_since_epoch() + offset);
    }
};

TEST_P(Timer, a_clock_that_is_set_back_makes_its_timers_late) {
    NEEDS_REAL_QUEUE("clock that is set");
    net::basic_waitable_timer<SettableClock> timer(context, 5ms);
    SettableClock::time_point expired;
    timer.async_wait([&](error_code error) {
        EXPECT_FALSE(error);
        expired = SettableClock::now();
    });
    SettableClock::offset -= 20ms;
    run();
    EXPECT_GE(expired, timer.expiry());
}

}  // namespace
}  // namespace face_test

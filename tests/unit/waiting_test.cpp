// What coroutines wait on besides I/O: AsyncEvent, AsyncQueue, Monitor, Timer and cancel_at.
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/async_queue.hpp>
#include <drydock/event.hpp>
#include <drydock/monitor.hpp>
#include <drydock/timer.hpp>

#include "tests/support/driven_queue.hpp"
#include "tests/support/mocks.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;
using test::MockQueue;
using testing::ElementsAre;
using testing::NiceMock;

/// Coroutines on a mock queue, which none of them may leave with a rule broken.
class Waiting : public testing::Test {
protected:
    void TearDown() override {
        EXPECT_EQ(group_.size(), 0U) << "all coroutines of the test should have ended";
        for (const Violation& violation : queue_.violations()) {
            ADD_FAILURE() << "a rule was broken: " << sentence(violation.rule);
        }
    }

    NiceMock<MockQueue> queue_;
    TaskGroup group_{queue_};
    std::vector<std::string> notes_;
};

// --- AsyncEvent ----------------------------------------------------------------------------------

Task<void> wait_for(AsyncEvent& event, std::vector<std::string>& notes) {
    co_await event.wait();
    notes.emplace_back("resumed");
}

TEST_F(Waiting, AnEventResumesItsWaiterThroughTheQueue) {
    AsyncEvent event(queue_);
    group_.spawn(wait_for(event, notes_));
    queue_.pump();
    EXPECT_FALSE(event.is_set());
    event.set();
    EXPECT_TRUE(event.is_set());
    EXPECT_THAT(notes_, ElementsAre()) << "set() must not run the waiter on the setter's stack";
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("resumed"));
}

TEST_F(Waiting, AnEventThatIsSetBeforeTheWaitIsNotLost) {
    AsyncEvent event(queue_);
    event.set();
    group_.spawn(wait_for(event, notes_));
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("resumed"));
}

TEST_F(Waiting, SettingAnEventAgainDoesNothing) {
    AsyncEvent event(queue_);
    group_.spawn(wait_for(event, notes_));
    queue_.pump();
    event.set();
    event.set();
    EXPECT_EQ(queue_.ready(), 1U) << "the waiter should be posted once";
    queue_.pump();
    event.set();
    EXPECT_EQ(queue_.ready(), 0U);
    EXPECT_THAT(notes_, ElementsAre("resumed"));
}

// --- AsyncQueue ----------------------------------------------------------------------------------

Task<void> pop_all(AsyncQueue<std::string>& values, std::vector<std::string>& notes) {
    for (;;) {
        std::optional<std::string> value = co_await values.pop();
        if (!value) co_return notes.emplace_back("end"), void();
        notes.push_back(*value);
    }
}

TEST_F(Waiting, AQueueGivesValuesInTheOrderOfTheirPushes) {
    AsyncQueue<std::string> values(queue_);
    values.push("a");
    values.push("b");
    group_.spawn(pop_all(values, notes_));
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("a", "b"));
    values.push("c");
    values.push("d");
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("a", "b", "c", "d"));
    values.close();
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("a", "b", "c", "d", "end"));
}

TEST_F(Waiting, AClosedQueueGivesWhatIsInsideAndThenNothing) {
    AsyncQueue<std::string> values(queue_);
    values.push("kept");
    values.close();
    values.push("dropped");
    group_.spawn(pop_all(values, notes_));
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("kept", "end")) << "a push after close() should be dropped";
}

TEST_F(Waiting, AQueueTakesValuesThatCanOnlyBeMoved) {
    AsyncQueue<std::unique_ptr<int>> values(queue_);
    int got = 0;
    const auto body = [](AsyncQueue<std::unique_ptr<int>>& its_values, int& result) -> Task<void> {
        const std::optional<std::unique_ptr<int>> value = co_await its_values.pop();
        result = **value;
    };
    group_.spawn(body(values, got));
    queue_.pump();
    values.push(std::make_unique<int>(5));
    queue_.pump();
    EXPECT_EQ(got, 5);
}

TEST_F(Waiting, PoppingFromAFilledQueueIsASchedulingPoint) {
    AsyncQueue<std::string> values(queue_);
    values.push("a");
    values.close();
    queue_.hold_steps();
    group_.spawn(pop_all(values, notes_));
    queue_.pump();
    EXPECT_EQ(queue_.held_steps(), 1U) << "the simulator should be asked when the pop goes on";
    EXPECT_THAT(notes_, ElementsAre());
    queue_.release_steps_last_first();
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("a", "end"));
}

TEST(AQueue, ReportsMoreValuesThanItsBoundAndWhereItWasMade) {
    NiceMock<MockQueue> queue;
    const unsigned line = __LINE__ + 1;
    AsyncQueue<std::string> values(queue, 2);
    values.push("a");
    values.push("b");
    EXPECT_THAT(queue.violations(), testing::IsEmpty()) << "as many as the bound may wait";
    values.push("c");
    ASSERT_EQ(queue.violations().size(), 1U);
    EXPECT_EQ(queue.violations().front().rule, Rule::queue_unbounded);
    EXPECT_EQ(queue.violations().front().where.line(), line);
}

// --- Monitor -------------------------------------------------------------------------------------

Task<void> append(Monitor<std::vector<std::string>>& monitor, std::string text) {
    auto entry = co_await monitor.enter();
    entry->push_back(text);
    (*entry).push_back(text + "!");
}

TEST_F(Waiting, AMonitorIsEnteredInlineOnRealQueues) {
    Monitor<std::vector<std::string>> monitor;
    group_.spawn(append(monitor, "a"));
    queue_.pump_one();
    EXPECT_THAT(monitor.unguarded(), ElementsAre("a", "a!"));
    queue_.pump();
}

TEST_F(Waiting, AMonitorIsEnteredInTheOrderThatTheScheduleGives) {
    Monitor<std::vector<std::string>> monitor;
    queue_.hold_steps();
    group_.spawn(append(monitor, "a"));
    group_.spawn(append(monitor, "b"));
    queue_.pump();
    EXPECT_THAT(monitor.unguarded(), ElementsAre()) << "both should wait for their turn";
    queue_.release_steps_last_first();
    queue_.pump();
    EXPECT_THAT(monitor.unguarded(), ElementsAre("b", "b!", "a", "a!"));
}

TEST_F(Waiting, AMonitorMakesItsStateFromItsArguments) {
    Monitor<std::string> monitor("text");
    EXPECT_EQ(monitor.unguarded(), "text");
}

struct HashCountingValue {
    int* hashes;
    std::uint64_t state_hash() const noexcept { return static_cast<std::uint64_t>(++*hashes); }
};

Task<void> take_state(Monitor<HashCountingValue>& monitor) {
    auto entry = co_await monitor.enter();
    entry.takes_state(*entry);
}

TEST_F(Waiting, AValueTakenFromAMonitorIsNotHashedOnRealQueues) {
    int hashes = 0;
    Monitor<HashCountingValue> monitor(&hashes);
    group_.spawn(take_state(monitor));
    queue_.pump();
    EXPECT_EQ(hashes, 0) << "only the explorer needs the hash";
}

// --- Timer ---------------------------------------------------------------------------------------

Task<void> sleep(Timer& timer, Duration span, std::vector<std::string>& notes) {
    const bool came = co_await timer.after(span);
    notes.emplace_back(came ? "came" : "canceled");
}

TEST_F(Waiting, ATimerComesAtItsDeadlineAndNotBefore) {
    Timer timer(queue_);
    group_.spawn(sleep(timer, 10ms, notes_));
    queue_.advance(10ms - 1ns);
    EXPECT_THAT(notes_, ElementsAre());
    queue_.advance(1ns);
    EXPECT_THAT(notes_, ElementsAre("came"));
}

TEST_F(Waiting, CancelEndsASleep) {
    Timer timer(queue_);
    group_.spawn(sleep(timer, 1h, notes_));
    queue_.pump();
    timer.cancel();
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("canceled"));
    EXPECT_EQ(queue_.timers(), 0U);
}

TEST_F(Waiting, ACancelBeforeTheSleepIsRememberedOnce) {
    Timer timer(queue_);
    timer.cancel();
    timer.cancel();
    group_.spawn(sleep(timer, 1h, notes_));
    queue_.pump();
    EXPECT_THAT(notes_, ElementsAre("canceled")) << "it should cancel the next sleep";
    group_.spawn(sleep(timer, 1ms, notes_));
    queue_.advance(1ms);
    EXPECT_THAT(notes_, ElementsAre("canceled", "came")) << "and only that one";
}

struct Target {
    void cancel() { ++canceled; }
    int canceled = 0;
};

TEST_F(Waiting, CancelAtCancelsItsTargetAtTheDeadline) {
    Timer timer(queue_);
    Target target;
    group_.spawn(cancel_at(timer, later(queue_.now(), 5ms), target));
    queue_.advance(5ms - 1ns);
    EXPECT_EQ(target.canceled, 0);
    queue_.advance(1ns);
    EXPECT_EQ(target.canceled, 1);
}

TEST_F(Waiting, CancelAtLeavesItsTargetWhenTheTimerIsCanceledFirst) {
    Timer timer(queue_);
    Target target;
    group_.spawn(cancel_at(timer, later(queue_.now(), 5ms), target));
    queue_.pump();
    timer.cancel();
    queue_.advance(1h);
    EXPECT_EQ(target.canceled, 0) << "the work was done in time";
}

TEST(Time, ADeadlineThatDoesNotFitIsNever) {
    EXPECT_EQ(later(Time{} + 1ns, Duration::max()), never);
    EXPECT_EQ(later(never, 1ns), never);
    EXPECT_EQ(later(Time{}, 5ns), Time{} + 5ns);
}

}  // namespace
}  // namespace drydock

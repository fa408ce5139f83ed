// TaskGroup: join waits for all children, those spawned meanwhile included.
#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/event.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/support/driven_queue.hpp"
#include "tests/support/mocks.hpp"
#include "tests/support/simulated.hpp"

namespace drydock {
namespace {

using namespace std::chrono_literals;
using test::DrivenQueue;
using test::MockQueue;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::NiceMock;

Task<void> note(std::vector<int>& notes, int value) {
    notes.push_back(value);
    co_return;
}

Task<void> note_after(CompletionQueue& queue, std::vector<int>& notes, int value, Duration span) {
    Timer timer(queue);
    co_await timer.after(span);
    notes.push_back(value);
}

Task<void> join_and_note(TaskGroup& group, std::vector<int>& notes, int value) {
    co_await group.join();
    notes.push_back(value);
}

TEST(TaskGroup, JoinsAllOfItsChildren) {
    DrivenQueue driven;
    std::vector<int> notes;
    TaskGroup group(driven.queue());
    group.spawn(note_after(driven.queue(), notes, 3, 30ms));
    group.spawn(note_after(driven.queue(), notes, 1, 10ms));
    group.spawn(note_after(driven.queue(), notes, 2, 20ms));
    driven.spawn(join_and_note(group, notes, 99));
    EXPECT_EQ(group.size(), 3U);
    ASSERT_TRUE(driven.finish());
    EXPECT_THAT(notes, ElementsAre(1, 2, 3, 99)) << "the joiner should come after the last child";
    EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, StartsChildrenThroughTheQueueInTheOrderOfTheirSpawning) {
    NiceMock<MockQueue> queue;
    std::vector<int> notes;
    TaskGroup group(queue);
    for (int i = 1; i <= 3; ++i) group.spawn(note(notes, i));
    EXPECT_THAT(notes, ElementsAre()) << "spawn() itself must not run the child";
    queue.pump_one();
    EXPECT_THAT(notes, ElementsAre(1));
    queue.pump();
    EXPECT_THAT(notes, ElementsAre(1, 2, 3));
    EXPECT_EQ(group.size(), 0U);
}

TEST(TaskGroup, JoinsAnEmptyGroupThroughTheQueue) {
    NiceMock<MockQueue> queue;
    std::vector<int> notes;
    TaskGroup empty(queue);
    TaskGroup others(queue);
    others.spawn(join_and_note(empty, notes, 1));
    queue.pump_one();
    EXPECT_THAT(notes, ElementsAre()) << "also a join that need not wait is not resumed inline";
    queue.pump();
    EXPECT_THAT(notes, ElementsAre(1));
}

TEST(TaskGroup, JoinWaitsForWhatIsSpawnedDuringTheJoin) {
    DrivenQueue driven;
    std::vector<int> notes;
    TaskGroup group(driven.queue());
    const auto parent = [](CompletionQueue& queue, TaskGroup& its_group,
                           std::vector<int>& its_notes) -> Task<void> {
        Timer timer(queue);
        co_await timer.after(10ms);
        its_group.spawn(note_after(queue, its_notes, 2, 20ms));
        its_notes.push_back(1);
    };
    group.spawn(parent(driven.queue(), group, notes));
    driven.spawn(join_and_note(group, notes, 99));
    ASSERT_TRUE(driven.finish());
    EXPECT_THAT(notes, ElementsAre(1, 2, 99)) << "the grandchild, too, should be waited for";
}

TEST(TaskGroup, CanBeUsedAgainAfterAJoin) {
    DrivenQueue driven;
    std::vector<int> notes;
    TaskGroup group(driven.queue());
    const auto body = [](TaskGroup& its_group, std::vector<int>& its_notes) -> Task<void> {
        for (int round = 0; round < 3; ++round) {
            its_group.spawn(note(its_notes, round));
            co_await its_group.join();
            its_notes.push_back(10 + round);
        }
    };
    driven.spawn(body(group, notes));
    ASSERT_TRUE(driven.finish());
    EXPECT_THAT(notes, ElementsAre(0, 10, 1, 11, 2, 12));
}

TEST(TaskGroup, EndsAChildsFrameBeforeTheJoinerGoesOn) {
    DrivenQueue driven;
    const auto token = std::make_shared<int>(1);
    long uses = 0;
    const auto child = [](std::shared_ptr<int> held) -> Task<void> {
        static_cast<void>(held);
        co_return;
    };
    const auto body = [&child](CompletionQueue& queue, std::shared_ptr<int> held,
                               long& seen) -> Task<void> {
        TaskGroup group(queue);
        for (int i = 0; i < 5; ++i) group.spawn(child(held));
        co_await group.join();
        seen = held.use_count();
    };
    driven.spawn(body(driven.queue(), token, uses));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(uses, 2) << "what the children held should be gone once they are joined";
}

TEST(TaskGroup, ReportsChildrenThatWereNeverJoined) {
    NiceMock<MockQueue> queue;
    AsyncEvent event(queue);
    const auto waits = [](AsyncEvent& its_event) -> Task<void> { co_await its_event.wait(); };
    {
        TaskGroup group(queue);
        group.spawn(waits(event));
        queue.pump();
    }
    ASSERT_FALSE(queue.violations().empty());
    EXPECT_EQ(queue.violations().front().rule, Rule::task_group_not_joined);
}

TEST(TaskGroup, HoldsManyChildrenThatEndInAnyOrder) {
    DrivenQueue driven(sim::FaultSet().with(sim::Fault::reorder), 7);
    std::vector<int> notes;
    for (int i = 0; i < 1000; ++i) driven.spawn(note(notes, i));
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(notes.size(), 1000U);
    EXPECT_FALSE(std::is_sorted(notes.begin(), notes.end())) << "this test wants another order";
}

// --- where a child was spawned -------------------------------------------------------------------

std::string here(unsigned line) { return "tests/unit/task_group_test.cpp:" + std::to_string(line); }

Task<void> wait_for(AsyncEvent& event) { co_await event.wait(); }

TEST(TaskGroup, NamesTheSpawningLineOfAChildThatWasNeverJoined) {
    unsigned line = 0;
    const sim::Report report = test::simulate([&](sim::World& world) -> Task<void> {
        AsyncEvent event(world);
        TaskGroup group(world);
        line = __LINE__ + 1;
        group.spawn(wait_for(event));
        co_return;
    });
    EXPECT_EQ(report.property, "task-group-not-joined");
    EXPECT_THAT(report.sentence, HasSubstr("(" + here(line) + ")"));
}

TEST(TaskGroup, NamesTheSpawningLineOfAChildThatKeepsARunFromEnding) {
    unsigned line = 0;
    sim::RunOptions options;
    options.calm_after = 1;
    options.calm_bound = 40;
    const sim::Report report = test::simulate(
        [&](sim::World& world) -> Task<void> {
            TaskGroup group(world);
            std::function<Task<void>()> again = [&]() -> Task<void> {
                line = __LINE__ + 1;
                group.spawn(again);
                co_return;
            };
            group.spawn(again);
            co_await group.join();
        },
        options);
    EXPECT_EQ(report.property, "stuck");
    EXPECT_THAT(report.sentence, HasSubstr("post started at " + here(line)));
}

// --- spawning a callable -------------------------------------------------------------------------

/// The child that spawn_closure() spawns reads its captures at its end, long after the lambda of
/// the statement has ended.
void spawn_closure(TaskGroup& group, CompletionQueue& queue, std::vector<std::string>& said) {
    std::string text(100, 'x');  // longer than a string keeps inside itself
    auto owned = std::make_unique<std::string>("owned");
    group.spawn([&queue, &said, text, owned = std::move(owned)]() -> Task<void> {
        Timer timer(queue);
        co_await timer.after(10ms);
        said.push_back(text + *owned);
    });
}

TEST(TaskGroup, KeepsAClosureAndWhatItOwnsUntilItsTaskHasEnded) {
    DrivenQueue driven;
    std::vector<std::string> said;
    spawn_closure(driven.group(), driven.queue(), said);
    ASSERT_TRUE(driven.finish());
    EXPECT_THAT(said, ElementsAre(std::string(100, 'x') + "owned"));
}

TEST(TaskGroup, EndsAClosureBeforeTheJoinerGoesOn) {
    DrivenQueue driven;
    const auto token = std::make_shared<int>(1);
    long uses = 0;
    driven.group().spawn([&driven, &uses, token]() -> Task<void> {
        TaskGroup group(driven.queue());
        for (int i = 0; i < 3; ++i) {
            group.spawn([token]() -> Task<int> { co_return *token; });
        }
        co_await group.join();
        uses = token.use_count();
    });
    ASSERT_TRUE(driven.finish());
    EXPECT_EQ(uses, 2) << "the test and the outer closure should hold it, and no other";
}

TEST(TaskGroup, CallsTheCallableOnlyWhenTheChildIsStarted) {
    NiceMock<MockQueue> queue;
    std::vector<int> notes;
    TaskGroup group(queue);
    group.spawn([&notes] {
        notes.push_back(1);
        return note(notes, 2);
    });
    EXPECT_THAT(notes, ElementsAre()) << "spawn() itself must not call it";
    queue.pump();
    EXPECT_THAT(notes, ElementsAre(1, 2));
}

}  // namespace
}  // namespace drydock

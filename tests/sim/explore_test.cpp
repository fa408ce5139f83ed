// Exploration: complete, counted in three ways that have to agree, and able to find what is there.
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/async_queue.hpp>
#include <drydock/event.hpp>
#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include <drydock/hash.hpp>
#include <drydock/sim/explore.hpp>
#include <drydock/sim/explore_threads.hpp>
#include <drydock/sim/gtest.hpp>
#include "sim/state_table.hpp"
#include "sim/trace_order.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/support/simulated.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

/// A small program whose outcome is a text that it writes.
class Telling final : public Scenario {
public:
    using Body = Task<void> (*)(World&, std::string&);
    explicit Telling(Body body) : body_(body) {}
    Task<void> main(World& world) override { return body_(world, text_); }
    std::string outcome() const override { return text_; }

private:
    Body body_;
    std::string text_;
};

Exploration explore_body(Telling::Body body, Reduction reduction, FaultSet faults = {}) {
    ExploreOptions options;
    options.reduction = reduction;
    options.run.always = faults;
    return explore([body] { return std::make_unique<Telling>(body); }, std::move(options));
}

std::vector<std::string> outcomes_of(const Exploration& found) {
    std::vector<std::string> list;
    for (const auto& [outcome, count] : found.outcomes) list.push_back(outcome);
    return list;
}

/// All three searches agree on what can happen and on how many schedules there are.
Exploration expect_agreement(const std::function<Exploration(Reduction)>& run) {
    const Exploration plain = run(Reduction::none);
    EXPECT_TRUE(plain.complete);
    EXPECT_EQ(plain.unreduced, static_cast<double>(plain.schedules));
    for (const Reduction reduction : {Reduction::sleep_sets, Reduction::states}) {
        const Exploration reduced = run(reduction);
        EXPECT_TRUE(reduced.complete);
        EXPECT_EQ(reduced.unreduced, plain.unreduced);
        EXPECT_EQ(outcomes_of(reduced), outcomes_of(plain));
        EXPECT_LE(reduced.schedules, plain.schedules);
    }
    return plain;
}

Exploration expect_agreement(Telling::Body body, FaultSet faults = {}) {
    return expect_agreement(
        [=](Reduction reduction) { return explore_body(body, reduction, faults); });
}

// --- small programs -----------------------------------------------------------------------------

Task<void> do_nothing() { co_return; }

Task<void> two_that_share(World& world, std::string& text) {
    static const char shared = 0;
    TaskGroup group(world);
    const auto write = [](World& its, std::string& line, char letter) -> Task<void> {
        its.touched(&shared);
        line += letter;
        co_return;
    };
    group.spawn(write(world, text, 'a'));
    group.spawn(write(world, text, 'b'));
    co_await group.join();
}

TEST(Explore, RefusesSettingsThatTheScenarioDoesNotTake) {
    ExploreOptions options;
    options.settings = {{"clients", 99}};
    EXPECT_THROW(explore(*find_scenario("echo"), options), std::invalid_argument);
}

TEST(Explore, a_scenario_that_runs_a_program_is_refused_in_a_sentence) {
    ScenarioInfo program = *find_scenario("echo");
    program.runs_program = true;
    try {
        explore(program, {});
        FAIL() << "it was explored";
    } catch (const std::invalid_argument& refused) {
        EXPECT_THAT(refused.what(), HasSubstr("'echo' cannot be explored: it runs a program"));
    }
}

TEST(Explore, FindsBothOrdersOfTwoStepsThatShareSomething) {
    const Exploration plain = expect_agreement(&two_that_share);
    EXPECT_THAT(outcomes_of(plain), ElementsAre("ab", "ba"));
}

/// Each in a group of its own, so that they share nothing until both have ended.
Task<void> three_alone(World& world, std::string& text) {
    TaskGroup one(world);
    TaskGroup two(world);
    TaskGroup three(world);
    one.spawn(do_nothing());
    two.spawn(do_nothing());
    three.spawn(do_nothing());
    co_await one.join();
    co_await two.join();
    co_await three.join();
    text = "done";
}

TEST(Explore, RunsIndependentStepsInOneOrderOnly) {
    const Exploration plain = expect_agreement(&three_alone);
    EXPECT_THAT(outcomes_of(plain), ElementsAre("done"));
    const Exploration asleep = explore_body(&three_alone, Reduction::sleep_sets);
    EXPECT_LT(asleep.schedules, plain.schedules);
    const Exploration merged = explore_body(&three_alone, Reduction::states);
    EXPECT_LT(merged.schedules, asleep.schedules + 1);
    EXPECT_GT(merged.states, 0U);
}

Task<void> hand_over(World& world, std::string& text) {
    AsyncQueue<char> letters(world);
    TaskGroup group(world);
    const auto push = [](AsyncQueue<char>& to, char letter) -> Task<void> {
        to.push(letter);
        co_return;
    };
    group.spawn(push(letters, 'x'));
    group.spawn(push(letters, 'y'));
    for (int i = 0; i < 2; ++i) {
        const std::optional<char> letter = co_await letters.pop();
        text += *letter;
    }
    co_await group.join();
}

TEST(Explore, KnowsThatAQueueIsShared) {
    EXPECT_THAT(outcomes_of(expect_agreement(&hand_over)), ElementsAre("xy", "yx"));
}

Task<void> race_of_events(World& world, std::string& text) {
    AutoResetEvent event(world);
    TaskGroup group(world);
    const auto set = [](AutoResetEvent& it) -> Task<void> {
        it.set();
        co_return;
    };
    int woken = 0;
    const auto wait = [](AutoResetEvent& it, int& count) -> Task<void> {
        co_await it.wait();
        ++count;
    };
    group.spawn(set(event));
    group.spawn(set(event));
    group.spawn(wait(event, woken));
    co_await group.join();
    text = std::to_string(woken);
}

TEST(Explore, KnowsThatAnEventIsShared) {
    EXPECT_THAT(outcomes_of(expect_agreement(&race_of_events)), ElementsAre("1"));
}

struct Counter {
    int value = 0;
    std::uint64_t state_hash() const noexcept { return static_cast<std::uint64_t>(value); }
};

struct OpaqueCounter {
    int value = 0;
};

/// The textbook's lost update: what was read is written back in a second visit.
template <typename State, bool by_view = false>
Task<void> add_in_two_visits(Monitor<State>& counter, World& world) {
    int seen = 0;
    {
        auto inside = co_await counter.enter();
        seen = inside->value;
        if constexpr (by_view) {
            inside.takes_state(Counter{seen});
        } else {
            inside.takes({static_cast<std::uint64_t>(seen)});
        }
    }
    Timer timer(world);
    co_await timer.after(Duration::zero());
    auto inside = co_await counter.enter();
    inside->value = seen + 1;
}

template <typename State, bool by_view = false>
Task<void> lost_update(World& world, std::string& text) {
    Monitor<State> counter;
    TaskGroup group(world);
    group.spawn(add_in_two_visits<State, by_view>(counter, world));
    group.spawn(add_in_two_visits<State, by_view>(counter, world));
    co_await group.join();
    text = std::to_string(counter.unguarded().value);
}

TEST(Explore, FindsALostUpdateInAMonitorThatTellsItsState) {
    EXPECT_THAT(outcomes_of(expect_agreement(&lost_update<Counter>)), ElementsAre("1", "2"));
}

TEST(Explore, FindsALostUpdateOfAValueThatItIsToHashItself) {
    EXPECT_THAT(outcomes_of(expect_agreement(&lost_update<Counter, true>)), ElementsAre("1", "2"));
}

TEST(Explore, FindsALostUpdateInAMonitorThatDoesNot) {
    EXPECT_THAT(outcomes_of(expect_agreement(&lost_update<OpaqueCounter>)), ElementsAre("1", "2"));
}

struct TwoInOnePlace {
    explicit TwoInOnePlace(World& its_world) : world(its_world) {
        world.created_open(&first);
        world.created_open(this);
    }
    std::uint64_t state_hash() const noexcept { return static_cast<std::uint64_t>(count); }

    Counter first;  // at the address of the whole
    int count = 0;
    World& world;
};

Task<void> set_first(TwoInOnePlace& both, int value) {
    const Inside inside(both.world, both.first);
    both.first.value = value;
    co_return;
}

Task<void> count_up(TwoInOnePlace& both) {
    const Inside inside(both.world, both);
    ++both.count;
    co_return;
}

Task<void> use_two_in_one_place(World& world, std::string& text) {
    TwoInOnePlace both(world);
    TaskGroup group(world);
    group.spawn(set_first(both, 1));
    group.spawn(set_first(both, 2));
    group.spawn(count_up(both));
    co_await group.join();
    text = std::to_string(both.first.value) + " " + std::to_string(both.count);
}

TEST(Explore, TellsAnObjectFromItsFirstMember) {
    EXPECT_THAT(outcomes_of(expect_agreement(&use_two_in_one_place)), ElementsAre("1 1", "2 1"));
}

/// An event that is made anew at the address of what holds it.
struct HoldsAnEvent {
    explicit HoldsAnEvent(World& its_world) : world(its_world) { world.created_open(this); }
    std::uint64_t state_hash() const noexcept { return static_cast<std::uint64_t>(value); }

    std::optional<AsyncEvent> event;
    int value = 0;
    World& world;
};

Task<void> set_value(HoldsAnEvent& holder, int value) {
    const Inside inside(holder.world, holder);
    holder.value = value;
    co_return;
}

Task<void> make_an_event_in_place(World& world, std::string& text) {
    HoldsAnEvent holder(world);
    holder.event.emplace(world, wakes_only);
    TaskGroup group(world);
    group.spawn(set_value(holder, 1));
    group.spawn(set_value(holder, 2));
    co_await group.join();
    holder.event.emplace(world, wakes_only);
    Timer timer(world);
    co_await timer.after(std::chrono::milliseconds(1));
    const Inside inside(world, holder);
    world.learned(static_cast<std::uint64_t>(holder.value));
    text = std::to_string(holder.value);
}

TEST(Explore, KnowsAnObjectWhoseFirstMemberIsMadeAnew) {
    EXPECT_THAT(outcomes_of(expect_agreement(&make_an_event_in_place)), ElementsAre("1", "2"));
}

Task<void> choose_three(World& world, std::string& text) {
    text = std::to_string(world.choose(3, "first"));
    if (text == "2") text += std::to_string(world.choose(2, "second"));
    co_return;
}

/// Tasks that share nothing: each is in a group of its own.
class Alone {
public:
    explicit Alone(CompletionQueue& queue) noexcept : queue_(queue) {}
    void spawn(Task<void> task) { groups_.emplace_back(queue_).spawn(std::move(task)); }
    Task<void> join() {
        for (TaskGroup& group : groups_) co_await group.join();
    }

private:
    CompletionQueue& queue_;
    std::list<TaskGroup> groups_;
};

/// What an operation gave, in order: "canceled 0, ok 256".
void append(std::string& told, Error error, std::size_t bytes) {
    if (!told.empty()) told += ", ";
    told += std::string(name(error)) + " " + std::to_string(bytes);
}

/// Until it has sent all; then one send of nothing.
Task<void> send_all_and_nothing(AsyncSocket& socket, std::string& told) {
    const std::string text(300, 'x');
    std::size_t sent = 0;
    bool ended = false;
    while (!ended) {
        ended = sent == text.size();
        const Result result = co_await send_some(socket, std::string_view(text).substr(sent));
        append(told, result.error, result.bytes);
        sent += result.bytes;
    }
}

Task<void> interrupt_a_send(World& world, std::string& text) {
    test::Pair pair = co_await test::make_pair(world);
    std::array<std::byte, 300> buffer;
    Alone alone(world);
    const auto interrupt = [](AsyncSocket& socket) -> Task<void> {
        socket.interrupt_send();
        co_return;
    };
    const auto read = [](AsyncSocket& socket, std::span<std::byte> into) -> Task<void> {
        co_await receive(socket, into);
    };
    alone.spawn(send_all_and_nothing(*pair.client, text));
    alone.spawn(interrupt(*pair.client));
    alone.spawn(read(*pair.server, buffer));
    co_await alone.join();
}

TEST(Explore, KnowsWhatAnInterruptOfASendTouches) {
    const Exploration plain = expect_agreement(&interrupt_a_send);
    EXPECT_THAT(outcomes_of(plain),
                ElementsAre("canceled 0, ok 256, ok 44, ok 0", "ok 256, canceled 0, ok 44, ok 0",
                            "ok 256, ok 44, canceled 0", "ok 256, ok 44, ok 0"));
}

/// An accept that another coroutine can name while it is awaited, again and again.
class NamedAccept final : public detail::AwaitedOperation<SocketOperation> {
public:
    explicit NamedAccept(std::source_location where = std::source_location::current()) noexcept
        : AwaitedOperation(where) {}
    using AwaitedOperation::suspend;
    const Result& result() const noexcept { return result_; }
};

struct StartOfAccept {
    AsyncListener& listener;
    NamedAccept& operation;

    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        operation.suspend(handle);
        listener.accept(operation);
    }
    Error await_resume() const noexcept { return operation.result().error; }
};

/// Until one accept was canceled and another one was not.
Task<void> accept_with_one_interrupt(AsyncListener& listener, NamedAccept& operation,
                                     std::string& told) {
    for (bool served = false, interrupted = false; !served || !interrupted;) {
        const Error error = co_await StartOfAccept{listener, operation};
        append(told, error, 0);
        (error == Error::ok ? served : interrupted) = true;
    }
}

Task<void> interrupt_an_accept(World& world, std::string& text,
                               void (*interrupt)(AsyncListener&, SocketOperation&)) {
    const auto listener = world.listen(Endpoint::loopback(0), {}).listener;
    NamedAccept accepting;
    std::unique_ptr<AsyncSocket> client;
    Alone alone(world);
    const auto dial = [](World& its, AsyncListener& to,
                         std::unique_ptr<AsyncSocket>& socket) -> Task<void> {
        SocketResult connected = co_await connect(its, to.local_endpoint());
        socket = std::move(connected.socket);
    };
    const auto interrupt_now = [](auto how, AsyncListener& at, SocketOperation& its) -> Task<void> {
        how(at, its);
        co_return;
    };
    alone.spawn(accept_with_one_interrupt(*listener, accepting, text));
    alone.spawn(dial(world, *listener, client));
    alone.spawn(interrupt_now(interrupt, *listener, accepting));
    co_await alone.join();
}

Task<void> interrupt_any_accept(World& world, std::string& text) {
    return interrupt_an_accept(world, text, [](AsyncListener& listener, SocketOperation&) {
        listener.interrupt_accept();
    });
}

Task<void> interrupt_the_accept(World& world, std::string& text) {
    return interrupt_an_accept(world, text, [](AsyncListener& listener, SocketOperation& its) {
        listener.interrupt_accept(its);
    });
}

TEST(Explore, KnowsWhatAnInterruptOfAnAcceptTouches) {
    for (const Telling::Body body : {&interrupt_any_accept, &interrupt_the_accept}) {
        const Exploration plain = expect_agreement(body);
        EXPECT_THAT(outcomes_of(plain), ElementsAre("canceled 0, ok 0", "ok 0, canceled 0"));
    }
}

Task<void> try_to_receive(World& world, std::string& text) {
    test::Pair pair = co_await test::make_pair(world);
    Alone alone(world);
    const auto send_two = [](AsyncSocket& socket) -> Task<void> {
        for (const char* letter : {"a", "b"}) co_await send_all(socket, std::string_view(letter));
    };
    const auto take = [](AsyncSocket& socket, std::string& told) -> Task<void> {
        std::array<std::byte, 4> buffer;
        const Result result = socket.try_receive(buffer);
        append(told, result.error, result.bytes);
        co_return;
    };
    alone.spawn(send_two(*pair.client));
    alone.spawn(take(*pair.server, text));
    co_await alone.join();
}

TEST(Explore, KnowsWhatATryToReceiveTouches) {
    const Exploration plain = expect_agreement(&try_to_receive);
    EXPECT_THAT(outcomes_of(plain), ElementsAre("ok 1", "ok 2", "would_block 0"));
}

/// A step that leaves no trace but what it does to the network: no coroutine, and nothing that it
/// touches.
class TracelessStep final : public Operation {
public:
    explicit TracelessStep(std::function<void()> step) noexcept
        : Operation([](Operation& self, const Result&) noexcept {
              static_cast<TracelessStep&>(self).step_();
          }),
          step_(std::move(step)) {}

private:
    std::function<void()> step_;
};

/// Maybe interrupts; much later, an operation is started.
Task<void> maybe_interrupt_a_send(World& world, std::string& text) {
    test::Pair pair = co_await test::make_pair(world);
    TracelessStep maybe([&] {
        if (world.flip(2, "interrupt")) pair.client->interrupt_send();
    });
    world.post(maybe);
    Timer timer(world);
    co_await timer.after(1s);
    const Result sent = co_await send_some(*pair.client, std::string_view("x"));
    append(text, sent.error, sent.bytes);
}

Task<void> maybe_interrupt_an_accept(World& world, std::string& text, bool of_the_operation) {
    const auto listener = world.listen(Endpoint::loopback(0), {}).listener;
    const SocketResult client = co_await connect(world, listener->local_endpoint());
    NamedAccept accepting;
    TracelessStep maybe([&] {
        if (!world.flip(2, "interrupt")) return;
        if (of_the_operation) {
            listener->interrupt_accept(accepting);
        } else {
            listener->interrupt_accept();
        }
    });
    world.post(maybe);
    Timer timer(world);
    co_await timer.after(1s);
    const Error error = co_await StartOfAccept{*listener, accepting};
    append(text, error, 0);
}

Task<void> maybe_interrupt_any_accept(World& world, std::string& text) {
    return maybe_interrupt_an_accept(world, text, false);
}

Task<void> maybe_interrupt_the_accept(World& world, std::string& text) {
    return maybe_interrupt_an_accept(world, text, true);
}

TEST(Explore, KnowsThatAPendingInterruptIsAStateOfItsOwn) {
    EXPECT_THAT(outcomes_of(expect_agreement(&maybe_interrupt_a_send)),
                ElementsAre("canceled 0", "ok 1"));
    EXPECT_THAT(outcomes_of(expect_agreement(&maybe_interrupt_any_accept)),
                ElementsAre("canceled 0", "ok 0"));
    EXPECT_THAT(outcomes_of(expect_agreement(&maybe_interrupt_the_accept)),
                ElementsAre("canceled 0", "ok 0"));
}

/// A look, or none; much later a try, which cannot find nothing if the look has told of bytes.
Task<void> maybe_look(World& world, std::string& text) {
    test::Pair pair = co_await test::make_pair(world);
    co_await send_all(*pair.client, std::string_view("x"));
    TracelessStep maybe([&] {
        if (world.flip(2, "look")) pair.server->try_receive({});
    });
    world.post(maybe);
    Timer timer(world);
    co_await timer.after(1s);
    std::array<std::byte, 1> buffer;
    const Result taken = pair.server->try_receive(buffer);
    append(text, taken.error, taken.bytes);
}

TEST(Explore, KnowsThatALookThatFoundBytesIsAStateOfItsOwn) {
    const FaultSet faults = FaultSet().with(Fault::partial_receive);
    EXPECT_THAT(outcomes_of(expect_agreement(&maybe_look, faults)),
                ElementsAre("ok 1", "would_block 0"));
}

/// One of two letters is sent; after it was taken, nothing but the program knows which.
Task<void> try_to_receive_a_letter(World& world, std::string& text) {
    test::Pair pair = co_await test::make_pair(world);
    test::RawOperation sending;
    const std::string_view letters = "ab";
    ConstBuffer letter;
    TracelessStep send_one([&] {
        letter = ConstBuffer(letters.substr(world.flip(2, "letter") ? 1 : 0, 1));
        pair.client->send(sending, {&letter, 1});
    });
    world.post(send_one);
    Timer timer(world);
    co_await timer.after(1s);
    std::array<std::byte, 4> buffer;
    const Result taken = pair.server->try_receive(buffer);
    text = as_text(std::span(buffer).first(taken.bytes));
    co_await timer.after(1s);
    text += ".";
}

TEST(Explore, KnowsThatATryToReceiveTellsTheProgramSomething) {
    EXPECT_THAT(outcomes_of(expect_agreement(&try_to_receive_a_letter)), ElementsAre("a.", "b."));
}

TEST(Explore, TakesEveryOptionOfEveryChoice) {
    const Exploration plain = expect_agreement(&choose_three);
    EXPECT_THAT(outcomes_of(plain), ElementsAre("0", "1", "20", "21"));
    EXPECT_EQ(plain.schedules, 4U);
}

Task<void> fail_in_one_order(World& world, std::string& text) {
    co_await two_that_share(world, text);
    if (text == "ba") world.fail("order", "b came first");
}

TEST(Explore, EndsWithTheFirstFailureAndGivesItsSchedule) {
    for (const Reduction reduction : {Reduction::none, Reduction::sleep_sets, Reduction::states}) {
        const Exploration found = explore_body(&fail_in_one_order, reduction);
        EXPECT_FALSE(found.complete);
        ASSERT_TRUE(found.failure.has_value());
        EXPECT_EQ(found.failure->property, "order");
        RunOptions options;
        options.faults = FaultSet();
        options.always = FaultSet().with(Fault::reorder);
        ReplayChoices replay{std::span<const Choice>(found.failure->schedule)};
        Telling again(&fail_in_one_order);
        EXPECT_EQ(run(again, replay, options).property, "order");
    }
}

TEST(Explore, GoesOnAfterAFailureWhenAskedTo) {
    ExploreOptions options;
    options.all_failures = true;
    const Exploration found =
        explore([] { return std::make_unique<Telling>(&fail_in_one_order); }, options);
    EXPECT_TRUE(found.complete);
    EXPECT_GT(found.failures, 0U);
    EXPECT_THAT(outcomes_of(found), ElementsAre("ab", "order"));
}

/// If the child of the group has not ended by then, it breaks a rule.
Task<void> end_a_group_beside_its_child(World& world, std::string&) {
    auto group = std::make_unique<TaskGroup>(world);
    group->spawn(do_nothing());
    const auto end = [](std::unique_ptr<TaskGroup>& its) -> Task<void> {
        its.reset();
        co_return;
    };
    TaskGroup ending(world);
    ending.spawn(end(group));
    co_await ending.join();
}

TEST(Explore, TakesTheEndOfAnObjectForAUseOfIt) {
    const Exploration plain = expect_agreement([](Reduction reduction) {
        ExploreOptions options;
        options.reduction = reduction;
        options.all_failures = true;
        return explore([] { return std::make_unique<Telling>(&end_a_group_beside_its_child); },
                       options);
    });
    EXPECT_THAT(outcomes_of(plain), ElementsAre("", "task-group-not-joined"));
}

TEST(Explore, EndsWhenItIsTold) {
    ExploreOptions options;
    options.reduction = Reduction::none;
    int runs = 0;
    options.stop = [&runs] { return ++runs == 3; };
    const Exploration found =
        explore([] { return std::make_unique<Telling>(&three_alone); }, options);
    EXPECT_FALSE(found.complete);
    EXPECT_FALSE(found.unreduced.has_value());
    EXPECT_EQ(found.schedules, 3U);
}

// --- the scenarios ------------------------------------------------------------------------------

Exploration explore_scenario(const char* name, const Settings& settings, FaultSet faults,
                             Reduction reduction) {
    ExploreOptions options;
    options.settings = settings;
    options.run.always = faults;
    options.reduction = reduction;
    return explore(*find_scenario(name), std::move(options));
}

struct Case {
    const char* name;
    const char* scenario;
    Settings settings;
    FaultSet faults;
};

class SmallWorld : public testing::TestWithParam<Case> {};

TEST_P(SmallWorld, GivesTheSameByAllSearches) {
    const Case& world = GetParam();
    const Exploration plain = expect_agreement([&](Reduction reduction) {
        return explore_scenario(world.scenario, world.settings, world.faults, reduction);
    });
    EXPECT_EQ(plain.failures, 0U);
}

const FaultSet none;

INSTANTIATE_TEST_SUITE_P(
    All, SmallWorld,
    testing::Values(
        Case{"Echo", "echo", {{"clients", 1}, {"bytes", 1}}, none},
        Case{"EchoPartial",
             "echo",
             {{"clients", 1}, {"bytes", 2}},
             none.with(Fault::partial_receive)},
        Case{"EchoReset", "echo", {{"clients", 1}, {"bytes", 1}}, none.with(Fault::network_reset)},
        Case{"EchoShortOfBuffers",
             "echo",
             {{"clients", 1}, {"bytes", 1}},
             none.with(Fault::no_buffers)},
        Case{"Chat", "chat", {{"members", 1}, {"lines", 1}}, none},
        Case{
            "ChatSilent", "chat", {{"members", 1}, {"lines", 0}}, none.with(Fault::network_reset)}),
    [](const auto& test) { return std::string(test.param.name); });

/// Too many to be run one by one, and enough that who is who matters: of two ways to count them,
/// each has to know whatever tells two members apart.
TEST(Explore, CountsTwoClientsTheSameByBothReductions) {
    const Settings settings = {{"clients", 2}, {"bytes", 0}};
    const Exploration merged = explore_scenario("echo", settings, {}, Reduction::states);
    EXPECT_TRUE(merged.complete);
    EXPECT_EQ(merged.failures, 0U);
    const Exploration asleep = explore_scenario("echo", settings, {}, Reduction::sleep_sets);
    EXPECT_TRUE(asleep.complete);
    EXPECT_EQ(asleep.unreduced, merged.unreduced);
    EXPECT_EQ(outcomes_of(asleep), outcomes_of(merged));
}

TEST(Explore, FinishesEchoWithTwoClientsAndPartialReceives) {
    const Exploration found =
        DRYDOCK_EXPECT_EXPLORED(*find_scenario("echo"), {{"clients", 2}, {"bytes", 2}},
                                {.faults = FaultSet().with(Fault::partial_receive)});
    EXPECT_EQ(found.outcomes.size(), 1U);
    ASSERT_TRUE(found.unreduced.has_value());
    EXPECT_GT(*found.unreduced, 1e9) << "far more than anybody could run";
    EXPECT_LT(found.schedules + found.cut, 50'000U);
}

TEST(Explore, FinishesChatWithOneMemberAndResetsAnywhere) {
    const Exploration found =
        DRYDOCK_EXPECT_EXPLORED(*find_scenario("chat"), {{"members", 1}, {"lines", 1}},
                                {.faults = FaultSet().with(Fault::network_reset)});
    EXPECT_EQ(found.outcomes.size(), 3U) << "all, the line and a cut, and a cut at once";
}

// --- symmetry, workers, memory and bounds --------------------------------------------------------

/// How an exploration of one of the scenarios is made.
struct Way {
    const char* name;
    bool symmetry = true;
    unsigned jobs = 1;
    std::uint64_t most_memory = ~std::uint64_t{0};
};

Exploration explore_in(const Case& world, const Way& way, bool all_failures = false) {
    ExploreOptions options;
    options.settings = world.settings;
    options.run.always = world.faults;
    options.symmetry = way.symmetry;
    options.most_memory = way.most_memory;
    options.all_failures = all_failures;
    return explore_in_threads(*find_scenario(world.scenario), std::move(options), way.jobs);
}

const Case echo_of_two = {
    "Echo", "echo", {{"clients", 2}, {"bytes", 2}}, none.with(Fault::partial_receive)};
const Case chat_of_two = {"Chat", "chat", {{"members", 2}, {"lines", 1}}, none};
const Case silent_chat_of_two = {
    "ChatSilent", "chat", {{"members", 2}, {"lines", 0}}, none.with(Fault::network_reset)};

/// One server, its broker and a member.
TEST(Explore, FinishesARelayOfWhichTheBrokerCrashesAnywhere) {
    ExploreOptions options;
    options.settings = {{"servers", 1}, {"members", 1}, {"lines", 1}};
    options.run.always = FaultSet().with(Fault::restart);
    options.bounds.overtakings = 0;
    const Exploration found = explore(*find_scenario("relay"), options);
    EXPECT_TRUE(found.complete && found.bounded);
    EXPECT_EQ(found.failures, 0U) << found.failure->sentence;
    EXPECT_EQ(found.unreduced, 865);
    EXPECT_THAT(
        found.outcomes,
        testing::ElementsAre(testing::Key("member 1: got \"1.0.0:\", then the end of the stream")));
}

TEST(Explore, AgreesWithThePlainSearchOnTwoEqualClients) {
    const auto run = [](Reduction reduction) {
        return explore_scenario("echo", {{"clients", 2}, {"bytes", 0}}, {}, reduction);
    };
    const Exploration plain = run(Reduction::none);
    const Exploration merged = run(Reduction::states);
    EXPECT_EQ(merged.equal_clients, 2U);
    EXPECT_EQ(merged.unreduced, static_cast<double>(plain.schedules));
    EXPECT_EQ(outcomes_of(merged), outcomes_of(plain));
}

TEST(Explore, FindsTheSameWithOneOrderOfEqualClientsAsWithAll) {
    for (const Case& world : {echo_of_two, chat_of_two, silent_chat_of_two}) {
        SCOPED_TRACE(world.name);
        const Exploration all = explore_in(world, {"all orders", false});
        const Exploration one = explore_in(world, {"one order"});
        EXPECT_EQ(all.equal_clients, 0U);
        EXPECT_EQ(one.equal_clients, 2U);
        EXPECT_EQ(one.unreduced, all.unreduced);
        EXPECT_EQ(outcomes_of(one), outcomes_of(all));
        EXPECT_LT(one.states, all.states * 3 / 4);
    }
}

/// The numbers that the search gave when it still told states apart by all that had been seen.
TEST(Explore, CountsTheSchedulesOfTwoClientsAsEver) {
    EXPECT_EQ(explore_in(echo_of_two, {""}).unreduced, 1'366'462'284.0);
    EXPECT_EQ(explore_in(chat_of_two, {""}).unreduced, 2'178'731'559'932.0);
    EXPECT_EQ(explore_in(silent_chat_of_two, {""}).unreduced, 1'486'546'606.0);
}

/// What no later step depends on is no part of a state: with it, three members would be too many.
TEST(Explore, TellsFewStatesOfTheChatApart) {
    EXPECT_LE(explore_in(chat_of_two, {""}).states, 3'700U);
    const Case three = {"Three", "chat", {{"members", 3}, {"lines", 0}}, none};
    const Exploration found = explore_in(three, {""});
    EXPECT_EQ(found.unreduced, 134'923'426'439'076.0);
    EXPECT_LE(found.states, 1'900U);
}

/// The order in which writers wait says in which order they become ready: 172,272 is what the plain
/// search counts within this bound.
TEST(Explore, KnowsInWhichOrderWritersAreWokenWhereOvertakingsCount) {
    ExploreOptions options;
    options.settings = {{"members", 2}, {"lines", 1}};
    options.bounds.overtakings = 4;
    EXPECT_EQ(explore(*find_scenario("chat"), options).unreduced, 172'272.0);
}

TEST(Explore, TellsWhichBoundHasLeftSomethingOut) {
    ExploreOptions options;
    options.settings = {{"members", 1}, {"lines", 0}};
    options.run.always = FaultSet().with(Fault::network_reset);
    options.bounds.overtakings = 50;
    options.bounds.strikes = 0;
    const Exploration found = explore(*find_scenario("chat"), options);
    EXPECT_TRUE(found.bounded && found.left_out.strikes);
    EXPECT_FALSE(found.left_out.overtakings);
}

/// A chain that has come past a monitor without changing what is in it is at another place than one
/// that waits before it.
TEST(Explore, TellsApartWhichMonitorOfAStepAChainWaitsFor) {
    const FaultSet faults = none.with(Fault::network_reset).with(Fault::interleave);
    const Case world = {"Silent", "echo", {{"clients", 2}, {"bytes", 0}}, faults};
    EXPECT_EQ(explore_in(world, {"one order"}).unreduced, 1'445'665'392.0);
    for (const unsigned jobs : {1U, 2U, 3U}) {
        EXPECT_EQ(explore_in(world, {"all orders", false, jobs}).unreduced, 1'445'665'392.0);
    }
}

/// What is chosen before the first step is part of all states, and a run that is given up chooses
/// nothing more: the delivery of the completion that it ends with could.
TEST(Explore, KnowsWhatTheWorldHasChosenBeforeTheFirstStep) {
    const FaultSet faults = none.with(Fault::latency).with(Fault::small_pipe);
    for (const auto& [bytes, schedules] : {std::pair{0, 4'992}, {1, 214'016}, {2, 2'006'784}}) {
        const auto count = static_cast<std::uint64_t>(bytes);
        const Case world = {"Pipes", "echo", {{"clients", 1}, {"bytes", count}}, faults};
        const Exploration found = explore_in(world, {""});
        EXPECT_TRUE(found.complete);
        EXPECT_EQ(found.failures, 0U);
        EXPECT_EQ(found.unreduced, static_cast<double>(schedules));
        if (bytes > 0) continue;
        const Exploration plain =
            explore_scenario("echo", world.settings, world.faults, Reduction::none);
        EXPECT_EQ(plain.schedules, found.unreduced);
    }
}

TEST(Explore, FindsTheSameWithAnyNumberOfWorkers) {
    const Exploration alone = explore_in(chat_of_two, {""});
    for (const unsigned jobs : {2U, 5U}) {
        SCOPED_TRACE(jobs);
        const Exploration together = explore_in(chat_of_two, {"", true, jobs});
        EXPECT_TRUE(together.complete);
        EXPECT_EQ(together.unreduced, alone.unreduced);
        EXPECT_EQ(together.states, alone.states);
        EXPECT_EQ(together.schedules, alone.schedules);
        EXPECT_EQ(together.outcomes, alone.outcomes);
    }
}

TEST(Explore, CountsTheSameWithATableThatIsTooSmall) {
    const Exploration ample = explore_in(silent_chat_of_two, {""});
    EXPECT_FALSE(ample.memory_was_short);
    const Exploration scarce = explore_in(silent_chat_of_two, {"", true, 1, 35'000});
    EXPECT_TRUE(scarce.memory_was_short);
    EXPECT_TRUE(scarce.complete);
    EXPECT_LT(scarce.states, ample.states);
    EXPECT_GT(scarce.completions, ample.completions) << "what was forgotten is explored again";
    EXPECT_EQ(scarce.unreduced, ample.unreduced);
    EXPECT_EQ(outcomes_of(scarce), outcomes_of(ample));
}

TEST(StateTable, KeepsSixteenBytesAStateAndLittleMore) {
    StateTable table(~std::uint64_t{0});
    constexpr std::uint64_t count = 200'000;
    for (std::uint64_t i = 0; i < count; ++i) EXPECT_TRUE(table.add(i, static_cast<double>(i)));
    EXPECT_EQ(table.size(), count);
    EXPECT_LT(table.bytes(), count * 24);
    for (std::uint64_t i = 0; i < count; ++i) ASSERT_EQ(table.find(i), static_cast<double>(i));
    EXPECT_FALSE(table.add(7, 1.0)) << "it was there";
    EXPECT_EQ(table.find(count), std::nullopt);
}

TEST(StateTable, ForgetsTheStatesWithTheFewestSchedules) {
    StateTable table(64'000);
    for (std::uint64_t i = 1; i <= 20'000; ++i) table.add(i, i % 4 == 0 ? 1e6 : 1.0);
    EXPECT_TRUE(table.has_forgotten());
    EXPECT_LE(table.bytes(), 64'000U);
    std::uint64_t large = 0;
    std::uint64_t small = 0;
    for (std::uint64_t i = 1; i <= 20'000; ++i) {
        if (table.find(i)) ++(i % 4 == 0 ? large : small);
    }
    EXPECT_GT(large, 8 * small);
}

Task<void> fail_in_the_last_order(World& world, std::string& text) {
    co_await two_that_share(world, text);
    if (text == "ba") world.fail("order", "b came first");
}

Exploration explore_bounded(Telling::Body body, ExploreBounds bounds, FaultSet faults = {}) {
    ExploreOptions options;
    options.bounds = bounds;
    options.run.always = faults;
    return explore([body] { return std::make_unique<Telling>(body); }, std::move(options));
}

TEST(Explore, RunsNoStepBeforeAnOlderOneIfNoOvertakingIsAllowed) {
    const Exploration found = explore_bounded(&fail_in_the_last_order, {.overtakings = 0});
    EXPECT_TRUE(found.complete);
    EXPECT_TRUE(found.bounded);
    EXPECT_EQ(found.failures, 0U);
    EXPECT_EQ(found.unreduced, 1.0);
    const Exploration more = explore_bounded(&fail_in_the_last_order, {.overtakings = 1});
    EXPECT_EQ(more.failures, 1U);
}

TEST(Explore, SaysThatABoundHasLeftNothingOut) {
    const Exploration whole = explore_bounded(&three_alone, {});
    const Exploration found = explore_bounded(&three_alone, {.overtakings = 50});
    EXPECT_TRUE(found.complete);
    EXPECT_FALSE(found.bounded);
    EXPECT_EQ(found.unreduced, whole.unreduced);
}

TEST(Explore, CountsTheSchedulesWithinABoundAsThePlainSearchDoes) {
    const auto count = [](const ExploreBounds& bounds, Reduction reduction) {
        ExploreOptions options;
        options.settings = {{"clients", 1}, {"bytes", 2}};
        options.run.always = FaultSet().with(Fault::partial_receive);
        options.reduction = reduction;
        options.bounds = bounds;
        return explore(*find_scenario("echo"), std::move(options)).unreduced.value_or(-1);
    };
    for (std::uint32_t bound = 0; bound < 6; ++bound) {
        SCOPED_TRACE(bound);
        for (const ExploreBounds& bounds :
             {ExploreBounds{.overtakings = bound}, ExploreBounds{.strikes = bound},
              ExploreBounds{.steps = 2 * bound}, ExploreBounds{bound, 1, 8}}) {
            const double schedules = count(bounds, Reduction::none);
            EXPECT_GT(schedules, 0);
            EXPECT_EQ(count(bounds, Reduction::states), schedules);
        }
    }
}

TEST(Explore, RefusesBoundsWithSleepSets) {
    ExploreOptions options;
    options.settings = {{"clients", 1}, {"bytes", 1}};
    options.reduction = Reduction::sleep_sets;
    options.bounds.strikes = 1;
    EXPECT_THROW(explore(*find_scenario("echo"), options), std::invalid_argument);
}

TEST(Explore, BoundsTheChoicesThatAreNotBenign) {
    EXPECT_THAT(outcomes_of(explore_bounded(&choose_three, {.strikes = 0})), ElementsAre("0"));
    EXPECT_THAT(outcomes_of(explore_bounded(&choose_three, {.strikes = 1})),
                ElementsAre("0", "1", "20"));
    const Exploration all = explore_bounded(&choose_three, {.strikes = 2});
    EXPECT_THAT(outcomes_of(all), ElementsAre("0", "1", "20", "21"));
    EXPECT_FALSE(all.bounded);
}

TEST(Explore, BoundsTheDepth) {
    const Exploration found = explore_bounded(&fail_in_the_last_order, {.steps = 0});
    EXPECT_EQ(found.failures, 0U);
    EXPECT_TRUE(found.bounded);
    EXPECT_EQ(explore_bounded(&fail_in_the_last_order, {.steps = 9}).failures, 1U);
}

TEST(Explore, FindsTheFirstFailureThatOneWorkerWouldFind) {
    const ScenarioInfo& broken = zoo::find_specimen("zoo/ignores-short-sends")->scenario;
    ExploreOptions options;
    options.settings = {{"clients", 2}, {"bytes", 2}};
    options.run.always = FaultSet().with(Fault::short_send);
    const Exploration alone = explore_in_threads(broken, options, 1);
    ASSERT_TRUE(alone.failure.has_value());
    const Exploration together = explore_in_threads(broken, options, 3);
    ASSERT_TRUE(together.failure.has_value());
    EXPECT_EQ(together.failure->digest, alone.failure->digest);
}

// --- what a program tells the explorer ----------------------------------------------------------

/// Two tasks draw letters and forget all but the last one.
Task<void> draw_letters(World& world, std::string& text, bool settles) {
    std::array<std::uint32_t, 2> last{};
    Alone alone(world);
    const auto draw = [settles](World& its, std::uint32_t& letter) -> Task<void> {
        Timer timer(its);
        for (int i = 0; i < 3; ++i) {
            letter = its.choose(2, "letter");
            if (settles) its.settled(hash_of({letter, static_cast<std::uint64_t>(i)}));
            co_await timer.after(Duration::zero());
        }
    };
    for (std::uint32_t& letter : last) alone.spawn(draw(world, letter));
    co_await alone.join();
    for (const std::uint32_t letter : last) text += std::to_string(letter);
}
Task<void> draw_and_remember(World& world, std::string& text) {
    return draw_letters(world, text, false);
}
Task<void> draw_and_settle(World& world, std::string& text) {
    return draw_letters(world, text, true);
}

TEST(Explore, ForgetsWhatAChainHasSettled) {
    const Exploration plain = expect_agreement(&draw_and_settle);
    EXPECT_THAT(outcomes_of(plain), ElementsAre("00", "01", "10", "11"));
    const Exploration settled = explore_body(&draw_and_settle, Reduction::states);
    const Exploration remembered = explore_body(&draw_and_remember, Reduction::states);
    EXPECT_EQ(settled.unreduced, remembered.unreduced);
    EXPECT_LT(settled.states, remembered.states / 2);
}

/// A letter that a child leaves in a variable of its parent's.
Task<void> take_from_children(World& world, std::string& text) {
    std::string left;
    std::string right;
    TaskGroup group(world);
    const auto choose = [](World& its, std::string& letter) -> Task<void> {
        letter = std::to_string(its.choose(2, "letter"));
        co_return;
    };
    group.spawn(choose(world, left));
    group.spawn(choose(world, right));
    co_await group.join();
    Timer timer(world);
    co_await timer.after(1s);
    text = left + right;
}

TEST(Explore, KnowsThatAJoinHandsOverWhatTheChildrenHaveLearned) {
    EXPECT_THAT(outcomes_of(expect_agreement(&take_from_children)),
                ElementsAre("00", "01", "10", "11"));
}

/// A letter that is written before an event is set, and read after the wait for it.
Task<void> take_by_event(World& world, std::string& text) {
    AsyncEvent event(world);
    std::uint32_t letter = 0;
    Alone alone(world);
    const auto write = [](World& its, AsyncEvent& done, std::uint32_t& to) -> Task<void> {
        to = its.choose(2, "letter");
        done.set();
        co_return;
    };
    const auto read = [](World& its, AsyncEvent& done, const std::uint32_t& from,
                         std::string& told) -> Task<void> {
        co_await done.wait();
        Timer timer(its);
        co_await timer.after(1s);
        told = std::to_string(from);
    };
    alone.spawn(write(world, event, letter));
    alone.spawn(read(world, event, letter, text));
    co_await alone.join();
}

TEST(Explore, KnowsThatAnEventHandsOverWhatItsSetterHasLearned) {
    EXPECT_THAT(outcomes_of(expect_agreement(&take_by_event)), ElementsAre("0", "1"));
}

/// A timer that may be canceled before it is started.
Task<void> maybe_cancel_a_timer(World& world, std::string& text) {
    Timer timer(world);
    TracelessStep maybe([&] {
        if (world.flip(2, "cancel")) timer.cancel();
    });
    world.post(maybe);
    Timer other(world);
    co_await other.after(1s);
    const bool elapsed = co_await timer.after(1s);
    text = elapsed ? "elapsed" : "canceled";
}

TEST(Explore, KnowsThatACancelOfATimerIsRemembered) {
    EXPECT_THAT(outcomes_of(expect_agreement(&maybe_cancel_a_timer)),
                ElementsAre("canceled", "elapsed"));
}

// --- counting -----------------------------------------------------------------------------------

TraceStep step(std::vector<std::uint64_t> objects, std::size_t ready_after = 0) {
    TraceStep made;
    for (const std::uint64_t object : objects) made.footprint.add(object);
    made.ready_after = ready_after;
    return made;
}

TEST(CountOrders, CountsTheLinearExtensions) {
    EXPECT_EQ(count_orders({}), 1.0);
    EXPECT_EQ(count_orders({step({1}), step({2}), step({3})}), 6.0) << "nothing in common";
    EXPECT_EQ(count_orders({step({1}), step({1}), step({1})}), 1.0) << "all of it in common";
    EXPECT_EQ(count_orders({step({1}), step({1}), step({2}), step({2})}), 6.0) << "two chains";
    EXPECT_EQ(count_orders({step({1}), step({2}, 1), step({3})}), 3.0) << "one starts the other";
}

TEST(CountOrders, HoldsStepsBackThatAwaitedTheOthers) {
    TraceStep late = step({9}, 2);
    EXPECT_EQ(count_orders({step({1}), step({2}), late}), 3.0);
    late.after_all = true;
    EXPECT_EQ(count_orders({step({1}), step({2}), late}), 2.0);
}

TEST(CountOrders, TakesStepsThatFoundSomethingForDependent) {
    TraceStep one = step({1});
    TraceStep two = step({2});
    one.footprint.found = true;
    EXPECT_EQ(count_orders({one, two}), 2.0);
    two.footprint.found = true;
    EXPECT_EQ(count_orders({one, two}), 1.0);
}

TEST(CountOrders, GivesUpWhereThereAreTooMany) {
    std::vector<TraceStep> wide;
    for (std::uint64_t i = 0; i < 60; ++i) wide.push_back(step({i}));
    EXPECT_EQ(count_orders(wide), std::nullopt);
    EXPECT_EQ(count_orders(std::vector<TraceStep>(1000)), std::nullopt);
}

}  // namespace
}  // namespace drydock::sim

// Each rule of the contract: a tiny program that breaks it, and the sentence that the run ends
// with.
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/event.hpp>
#include <drydock/monitor.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::make_pair;
using test::Pair;
using test::RawOperation;
using test::RawSocketOperation;
using test::simulate;
using testing::HasSubstr;
using testing::StartsWith;

/// What a program has leaked is kept here, as its world is gone before it.
template <typename Leaked>
void leak(std::unique_ptr<Leaked> object) {
    static std::array<Leaked*, 1000> leaked;  // no destructor, so that leak checkers find them held
    static std::size_t count = 0;
    leaked[count++ % leaked.size()] = object.release();
}

Task<void> reuse_an_operation(World& world) {
    RawOperation operation;
    world.post(operation);
    world.post(operation);
    co_return;
}

Task<void> destroy_an_operation(World& world) {
    {
        RawOperation operation;
        world.start_timer(operation, later(world.now(), 1s));
    }
    Timer timer(world);
    co_await timer.after(2s);
}

Task<void> receive_twice(World& world) {
    Pair pair = co_await make_pair(world);
    std::array<std::byte, 8> buffer;
    RawOperation first;
    RawOperation second;
    pair.server->receive(first, buffer);
    pair.server->receive(second, buffer);
}

Task<void> send_twice(World& world) {
    Pair pair = co_await make_pair(world);
    const ConstBuffer text(std::string_view("text"));
    RawOperation first;
    RawOperation second;
    pair.server->send(first, {&text, 1});
    pair.server->send(second, {&text, 1});
}

Task<void> send_after_the_half_close(World& world) {
    Pair pair = co_await make_pair(world);
    pair.server->shutdown_send();
    co_await send_all(*pair.server, std::string_view("too late"));
}

Task<void> half_close_under_a_send(World& world) {
    Pair pair = co_await make_pair(world);
    const ConstBuffer text(std::string_view("text"));
    RawOperation sending;
    pair.server->send(sending, {&text, 1});
    pair.server->shutdown_send();
}

/// CmplRouEchoServ_win 4: the rest of a short send is forgotten.
Task<void> forget_the_rest_of_a_send(World& world) {
    Pair pair = co_await make_pair(world);
    std::string large(1000, 'a');
    large += "rest";
    const Result sent = co_await send_some(*pair.server, std::string_view(large));
    EXPECT_LT(sent.bytes, large.size()) << "the pipe is smaller than that";
    std::array<std::byte, 512> buffer;
    co_await receive(*pair.client, buffer);
    co_await send_some(*pair.server, std::string_view("something else"));
}

/// StableEchoClnt_win 2: the end of the stream is taken for nothing yet.
Task<void> receive_on_and_on(World& world) {
    Pair pair = co_await make_pair(world);
    pair.client.reset();
    std::array<std::byte, 8> buffer;
    for (;;) co_await receive(*pair.server, buffer);
}

Task<void> write_into_a_receive_buffer(World& world) {
    Pair pair = co_await make_pair(world);
    std::array<std::byte, 8> buffer{};
    RawOperation receiving;
    pair.server->receive(receiving, buffer);
    buffer[5] = std::byte{1};
    co_await send_all(*pair.client, std::string_view("text"));
    Timer timer(world);
    co_await timer.after(1s);
}

Task<void> change_a_send_buffer(World& world) {
    Pair pair = co_await make_pair(world);
    std::string text = "text";
    const ConstBuffer buffer{std::string_view(text)};
    RawOperation sending;
    pair.server->send(sending, {&buffer, 1});
    text[3] = 'T';
    Timer timer(world);
    co_await timer.after(1s);
}

Task<void> destroy_a_socket_in_flight(World& world) {
    Pair pair = co_await make_pair(world);
    std::array<std::byte, 8> buffer;
    RawOperation receiving;
    pair.server->receive(receiving, buffer);
    pair.server.reset();
}

Task<void> leak_a_socket(World& world) {
    Pair pair = co_await make_pair(world);
    leak(std::move(pair.server));
}

Task<void> destroy_a_listener_in_flight(World& world) {
    ListenResult listening = world.listen(Endpoint::loopback(7), {});
    RawSocketOperation accepting;
    listening.listener->accept(accepting);
    listening.listener.reset();
    co_return;
}

Task<void> leak_a_listener(World& world) {
    ListenResult listening = world.listen(Endpoint::loopback(7), {});
    leak(std::move(listening.listener));
    co_return;
}

Task<void> leave_a_group_behind(World& world) {
    const auto sleeper = [](World& its_world) -> Task<void> {
        Timer timer(its_world);
        co_await timer.after(1s);
    };
    {
        TaskGroup group(world);
        group.spawn(sleeper(world));
    }
    co_return;
}

Task<void> wait_inside_a_monitor(World& world) {
    Monitor<int> monitor;
    const auto sleeper = [](World& its_world, Monitor<int>& its_monitor) -> Task<void> {
        const auto entry = co_await its_monitor.enter();
        Timer timer(its_world);
        co_await timer.after(1s);
    };
    TaskGroup group(world);
    group.spawn(sleeper(world, monitor));
    group.spawn(sleeper(world, monitor));
    co_await group.join();
}

struct Breach {
    const char* test_name;
    Rule rule;
    Task<void> (*program)(World&);
    const char* detail;  // what follows the rule's sentence
};

const std::vector<Breach> breaches = {
    {"AnOperationReusedInFlight", Rule::operation_reused_in_flight, &reuse_an_operation,
     "(the post was started at tests/sim/rules_test.cpp:"},
    {"AnOperationDestroyedInFlight", Rule::operation_destroyed_in_flight, &destroy_an_operation,
     "(the timer was started at tests/sim/rules_test.cpp:"},
    {"ASecondReceive", Rule::second_receive, &receive_twice,
     "(the receive was started at tests/sim/rules_test.cpp:"},
    {"ASecondSend", Rule::second_send, &send_twice,
     "(the send was started at tests/sim/rules_test.cpp:"},
    {"ASendAfterTheHalfClose", Rule::send_after_shutdown, &send_after_the_half_close,
     "(the send was started at tests/sim/rules_test.cpp:"},
    {"AHalfCloseUnderASend", Rule::send_after_shutdown, &half_close_under_a_send,
     "(the send was started at tests/sim/rules_test.cpp:"},
    {"AShortSendIgnored_CmplRouEchoServ4", Rule::short_send_ignored, &forget_the_rest_of_a_send,
     "(the send was started at tests/sim/rules_test.cpp:"},
    {"ReceivesPastTheEnd_StableEchoClnt2", Rule::receive_past_end, &receive_on_and_on,
     "(the receive was started at tests/sim/rules_test.cpp:"},
    {"AReceiveBufferTouched", Rule::receive_buffer_touched, &write_into_a_receive_buffer,
     "(the receive was started at tests/sim/rules_test.cpp:"},
    {"ASendBufferChanged", Rule::send_buffer_changed, &change_a_send_buffer,
     "(the send was started at tests/sim/rules_test.cpp:"},
    {"ASocketDestroyedInFlight_IOCPEchoServ2", Rule::socket_destroyed_in_flight,
     &destroy_a_socket_in_flight, "(the receive was started at tests/sim/rules_test.cpp:"},
    {"ASocketLeaked_IOCPEchoServ5", Rule::socket_leaked, &leak_a_socket,
     "(connection 1 (accepted side))"},
    {"AListenerDestroyedInFlight", Rule::listener_destroyed_in_flight,
     &destroy_a_listener_in_flight, "(the accept was started at tests/sim/rules_test.cpp:"},
    {"AListenerLeaked", Rule::listener_leaked, &leak_a_listener, ""},
    {"ATaskGroupNotJoined", Rule::task_group_not_joined, &leave_a_group_behind,
     "(tests/sim/rules_test.cpp:"},
    {"AMonitorHeldAcrossAnAwait", Rule::monitor_held_across_await, &wait_inside_a_monitor,
     "(tests/sim/rules_test.cpp:"},
};

void PrintTo(const Breach& breach, std::ostream* out) { *out << breach.test_name; }

class Rules : public testing::TestWithParam<Breach> {};

TEST_P(Rules, EndTheRunWithTheirSentence) {
    const Breach& breach = GetParam();
    const Report report = simulate(breach.program);
    EXPECT_FALSE(report.passed) << "the program breaks a rule";
    EXPECT_EQ(report.property, name(breach.rule));
    EXPECT_THAT(report.sentence, StartsWith(std::string(sentence(breach.rule))));
    EXPECT_THAT(report.sentence, HasSubstr(breach.detail))
        << "the sentence should say where it started";
}

INSTANTIATE_TEST_SUITE_P(Broken, Rules, testing::ValuesIn(breaches),
                         [](const auto& test) { return test.param.test_name; });

TEST(Rules, AreAllTested) {
    std::map<Rule, int> tested;
    for (const Breach& breach : breaches) ++tested[breach.rule];
    EXPECT_EQ(tested.size(), static_cast<std::size_t>(rule_count))
        << "each rule needs a program that breaks it";
}

// --- programs that do nothing wrong --------------------------------------------------------------

Task<void> keep_all_rules(World& world) {
    Pair pair = co_await make_pair(world);
    std::array<std::byte, 64> buffer;
    RawOperation receiving;
    pair.server->receive(receiving, buffer);
    co_await send_all(*pair.client, std::string_view("text"));
    pair.client->shutdown_send();
    Timer timer(world);
    co_await timer.after(1s);
    // The end repeats, and looking at it again a few times is allowed.
    for (int i = 0; i < 5; ++i) co_await receive(*pair.server, buffer);
    Monitor<int> monitor;
    { const auto entry = co_await monitor.enter(); }
    co_await send_all(*pair.server, std::string_view("answer"));
}

TEST(Rules, AreKeptByAProgramThatDoesNothingWrong) {
    const Report report = simulate(&keep_all_rules);
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
}

// --- a run that cannot end -----------------------------------------------------------------------

TEST(StuckRun, NamesWhatItWaitsForAndWhereThatWasStarted) {
    unsigned line = 0;
    const Report report = simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        std::array<std::byte, 8> buffer;
        line = __LINE__ + 1;
        co_await receive(*pair.server, buffer);
    });
    EXPECT_EQ(report.property, "stuck");
    EXPECT_EQ(report.sentence,
              "nothing can happen any more and the run has not ended; it waits for: receive on "
              "connection 1 (accepted side) started at tests/sim/rules_test.cpp:" +
                  std::to_string(line));
}

TEST(StuckRun, SaysSoWhenItWaitsForNothingThatWasStarted) {
    const Report report = simulate([](World& world) -> Task<void> {
        AsyncEvent event(world);
        co_await event.wait();
    });
    EXPECT_EQ(report.property, "stuck");
    EXPECT_THAT(report.sentence, HasSubstr("it waits for nothing that was started"));
}

TEST(StuckRun, IsAlsoOneThatGoesOnForEverInACalmWorld) {
    RunOptions options;
    options.calm_after = 10;
    options.calm_bound = 100;
    const Report report = simulate(
        [](World& world) -> Task<void> {
            Timer timer(world);
            for (;;) co_await timer.after(1ms);
        },
        options);
    EXPECT_EQ(report.property, "stuck");
    EXPECT_THAT(
        report.sentence,
        StartsWith("the run did not end within 100 completions after the world had become "
                   "calm; the last of them was: timer started at tests/sim/rules_test.cpp:"))
        << "of what goes round and round, it should name what went round last";
    EXPECT_EQ(report.completions, 111U) << "10 until calm, 100 allowed, and the one too many";
}

TEST(Run, FailsWhenSomethingIsInFlightAtItsEnd) {
    RawOperation operation;
    const Report report = simulate([&](World& world) -> Task<void> {
        world.start_timer(operation, never);
        co_return;
    });
    operation.complete(Result::success());  // or its end would be reported to a world that is gone
    EXPECT_EQ(report.property, "nothing-pending");
    EXPECT_THAT(report.sentence, HasSubstr("timer started at tests/sim/rules_test.cpp:"));
}

TEST(Run, IsFailedByItsFirstFailure) {
    const Report report = simulate([](World& world) -> Task<void> {
        world.fail("first", "the first sentence");
        world.fail("second", "the second sentence");
        co_return;
    });
    EXPECT_FALSE(report.passed);
    EXPECT_EQ(report.property, "first");
    EXPECT_EQ(report.sentence, "the first sentence");
}

}  // namespace
}  // namespace drydock::sim

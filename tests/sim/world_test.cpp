// What a world says of a run: hints at a likely cause, wrong use by the scenario, and bounds.
#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/monitor.hpp>
#include <drydock/sim/schedule.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/scenarios/scenarios.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::LabelChoices;
using test::make_pair;
using test::Pair;
using test::simulate;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

Task<void> send_and_forget(AsyncSocket& socket, std::string text) {
    co_await send_all(socket, std::string_view(text));
}

// The bound strikes anywhere, also between the completion of a short send and the next send.
TEST(StuckRun, AtTheBoundOfTheCalmDoesNotAccuseASoundServer) {
    int stuck = 0;
    for (std::uint64_t bound = 30; bound < 80; bound += 7) {
        RunOptions options;
        options.calm_after = 20;
        options.calm_bound = bound;
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            const Report report = run(*find_scenario("echo"), seed, options);
            if (report.passed) continue;
            ++stuck;
            EXPECT_EQ(report.property, "stuck") << report.sentence;
            EXPECT_THAT(report.sentence, Not(HasSubstr("never gone on with"))) << "seed " << seed;
        }
    }
    EXPECT_GT(stuck, 100) << "the bounds are too wide to show anything";
}

TEST(StuckRun, NamesTheOperationsThatHadFailed) {
    LabelChoices choices;
    choices.next("send: no buffers", {1});
    const Report report = simulate(
        [](World& world) -> Task<void> {
            Pair pair = co_await make_pair(world);
            const Result sent = co_await send_all(*pair.server, std::string_view("lost"));
            EXPECT_EQ(sent.error, Error::no_buffers);
            std::array<std::byte, 8> buffer;
            co_await receive(*pair.client, buffer);
        },
        FaultSet().with(Fault::no_buffers), choices);
    EXPECT_EQ(report.property, "stuck");
    EXPECT_THAT(report.sentence,
                EndsWith("; a send on connection 1 (accepted side) had failed with no_buffers"));
}

TEST(Suspicion, NamesASendThatTheOtherSideDidNotFinish) {
    std::string suspicion;
    RunOptions options;
    LabelChoices choices;
    choices.next("swarm: pipe capacity", {1});
    simulate(
        [&](World& world) -> Task<void> {
            Pair pair = co_await make_pair(world);
            const std::string much(20, 'x');
            TaskGroup sending(world);
            sending.spawn(send_and_forget(*pair.server, much));
            Timer timer(world);
            co_await timer.after(1ms);
            pair.server->cancel();
            co_await sending.join();
            pair.server.reset();
            suspicion = world.suspicion(*pair.client);
        },
        FaultSet().with(Fault::small_pipe).with(Fault::whole_send), choices, options);
    EXPECT_EQ(suspicion,
              "the other side closed with a send unfinished: 4 bytes of it were not sent (the "
              "operation was canceled)");
}

TEST(Suspicion, KnowsNoProtocol) {
    std::string suspicion = "not asked";
    const Report report = simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("a request that gets no answer"));
        std::array<std::byte, 64> buffer;
        co_await receive(*pair.server, buffer);
        pair.server.reset();
        suspicion = world.suspicion(*pair.client);
        EXPECT_EQ(world.other_end(*pair.client).received, 29U);
        EXPECT_EQ(world.other_end(*pair.client).sent, 0U);
        EXPECT_TRUE(world.other_end(*pair.client).closed);
    });
    EXPECT_EQ(suspicion, "");
    EXPECT_TRUE(report.passed) << report.sentence;
}

TEST(Monitors, HeldWhileTheirCoroutineWaitsAreFoundAlsoIfNobodyElseComes) {
    unsigned line = 0;
    const Report report = simulate([&](World& world) -> Task<void> {
        Monitor<int> monitor;
        Timer timer(world);
        line = __LINE__ + 1;
        const auto entry = co_await monitor.enter();
        co_await timer.after(1ms);
    });
    EXPECT_EQ(report.property, "monitor-held-across-await");
    EXPECT_THAT(report.sentence, HasSubstr("world_test.cpp:" + std::to_string(line)));
    EXPECT_EQ(report.monitor_entries, 1U);
}

TEST(Run, IsFailedAlsoByAPropertyThatIsNoName) {
    for (const char* name : {"", "two words", "a/b", "..", "line\nbreak", "\xff"}) {
        const Report report = simulate([&](World& world) -> Task<void> {
            world.fail(name, "what happened");
            co_return;
        });
        EXPECT_FALSE(report.passed) << name;
        EXPECT_EQ(report.property, "scenario");
        EXPECT_THAT(report.sentence, StartsWith("fail() was called with the property '"));
        EXPECT_THAT(report.sentence, EndsWith("; its sentence: what happened"));
    }
    const Report named = simulate([](World& world) -> Task<void> {
        world.fail("my.own-Property_2", "what happened");
        co_return;
    });
    EXPECT_EQ(named.property, "my.own-Property_2");
}

TEST(Spans, ThatWereNotBegunCannotBeEnded) {
    const Report report = simulate([](World& world) -> Task<void> {
        world.end_span();
        co_return;
    });
    EXPECT_EQ(report.property, "scenario");
    EXPECT_EQ(report.sentence, "end_span() was called and no span is open");
}

TEST(Spans, MustBeEnded) {
    for (const bool recorded : {false, true}) {
        RunOptions options;
        options.record = recorded;
        const Report report = simulate(
            [](World& world) -> Task<void> {
                world.begin_span("client");
                co_return;
            },
            options);
        EXPECT_EQ(report.property, "scenario");
        EXPECT_THAT(report.sentence, StartsWith("the span 'client' was begun and never ended"));
    }
}

TEST(Run, RefusesSettingsThatTheScenarioDoesNotHave) {
    LabelChoices choices;
    const auto refusal = [&](const Settings& settings) -> std::string {
        try {
            run(*find_scenario("echo"), settings, choices);
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "it ran";
    };
    EXPECT_EQ(refusal({{"nope", 1}}), "the scenario 'echo' has no parameter 'nope'");
    EXPECT_EQ(refusal({{"clients", 2}, {"bytes", 65}}),
              "'bytes' of the scenario 'echo' must be from 0 to 64");
}

TEST(Schedule, IsNotWrittenOfARunThatWasNotRecorded) {
    const Report report = run(*find_scenario("echo"), 7);
    EXPECT_FALSE(report.recorded);
    EXPECT_THROW(write_schedule({"echo", {}, {}}, report), std::invalid_argument);
}

}  // namespace
}  // namespace drydock::sim

// Each rule of the contract, broken in a run: the sentence that the run ends with.
#include <array>
#include <map>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/event.hpp>
#include <drydock/monitor.hpp>
#include <drydock/timer.hpp>

#include "tests/sim/breaches.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::make_pair;
using test::Pair;
using test::RawOperation;
using test::simulate;
using testing::HasSubstr;
using testing::StartsWith;

/// What follows the rule's sentence, up to the number of the line.
std::string detail(const Breach& breach) {
    std::string text = " (" + std::string(breach.whose);
    if (breach.kind != OperationKind::none) {
        text += "the " + std::string(name(breach.kind)) + " was started at ";
    }
    return text + breach.file + ":";
}

class Rules : public testing::TestWithParam<Breach> {};

TEST_P(Rules, EndTheRunWithTheirSentence) {
    const Breach& breach = GetParam();
    const Report report = simulate([&](World& world) { return breach.program(world); });
    EXPECT_FALSE(report.passed) << "the program breaks a rule";
    EXPECT_EQ(report.property, name(breach.rule));
    const std::string expected = std::string(sentence(breach.rule)) + detail(breach);
    ASSERT_THAT(report.sentence, StartsWith(expected)) << "it should say where it started";
    const std::string line = report.sentence.substr(expected.size());
    EXPECT_GT(std::stoi("0" + line), 0) << "no number of a line: " << report.sentence;
    // Of two operations, the place of the other one follows.
    const char after =
        breach.rule == Rule::second_receive || breach.rule == Rule::second_send ? ';' : ')';
    EXPECT_EQ(line[line.find_first_not_of("0123456789")], after) << report.sentence;
}

INSTANTIATE_TEST_SUITE_P(Broken, Rules, testing::ValuesIn(breaches()),
                         [](const auto& test) { return test.param.test_name; });

TEST(Rules, AreAllTested) {
    std::map<Rule, int> tested;
    for (const Breach& breach : breaches()) ++tested[breach.rule];
    // The face of Asio has this one: tests/e2e_programs/asio_defects_test.cpp.
    ++tested[Rule::object_used_after_end];
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

TEST(Rules, ForbidTryingOnAndOnAfterTheEndOfTheStream) {
    int tries = 0;
    const Report report = simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        pair.client.reset();
        std::array<std::byte, 8> buffer;
        for (; tries < 100 && !world.failed(); ++tries) pair.server->try_receive(buffer);
    });
    EXPECT_EQ(report.property, "receive-past-end");
    EXPECT_THAT(report.sentence, HasSubstr("the last of them is a try_receive()"));
    EXPECT_EQ(tries, 9) << "eight may report the end";
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
              "nothing more can happen, and the run has not ended; it waits for: receive on "
              "connection 1 (accepted side) started at tests/sim/rules_test.cpp:" +
                  std::to_string(line));
}

TEST(StuckRun, NamesTheCoroutinesThatWaitForOthers) {
    unsigned line = 0;
    const Report report = simulate([&](World& world) -> Task<void> {
        AsyncEvent event(world);
        line = __LINE__ + 1;
        co_await event.wait();
    });
    EXPECT_EQ(report.property, "stuck");
    EXPECT_EQ(report.sentence,
              "nothing more can happen, and the run has not ended; it waits for: another "
              "coroutine at tests/sim/rules_test.cpp:" +
                  std::to_string(line));
}

TEST(StuckRun, SaysSoWhenItWaitsForNothingThatIsKnown) {
    const Report report = simulate([](World&) -> Task<void> { co_await std::suspend_always(); });
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
    EXPECT_EQ(report.completions, 110U) << "10 until calm, and 100 allowed";
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

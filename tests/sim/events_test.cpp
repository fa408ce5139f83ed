// The stream of events of a run: what a listener gets, and that it changes nothing.
#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/events.hpp>
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
using testing::Contains;
using testing::ElementsAre;
using testing::SizeIs;

/// Keeps events; those whose views end with the call are kept without them.
class Recorder final : public RunListener {
public:
    void happened(const RunEvent& event) noexcept override {
        events.push_back(event);
        if (event.kind != RunEventKind::verdict) return;
        property = event.name;
        verdict = event.text;
    }

    std::vector<RunEvent> of(RunEventKind kind) const {
        std::vector<RunEvent> found;
        for (const RunEvent& event : events) {
            if (event.kind == kind) found.push_back(event);
        }
        return found;
    }
    /// Of one connection, in their order: "client sent 5, server arrived 5".
    std::vector<std::string> on_the_wire() const;

    std::vector<RunEvent> events;
    std::string property;
    std::string verdict;
};

std::vector<std::string> Recorder::on_the_wire() const {
    std::vector<std::string> lines;
    for (const RunEvent& event : events) {
        const std::string end = event.accepted ? "server " : "client ";
        switch (event.kind) {
            case RunEventKind::bytes_sent:
            case RunEventKind::bytes_arrived:
                lines.push_back(end + std::string(name(event.kind)) + " " +
                                std::to_string(event.size) + " to " +
                                std::to_string(event.position));
                break;
            case RunEventKind::end_sent:
            case RunEventKind::end_arrived:
            case RunEventKind::reset_sent:
            case RunEventKind::reset_arrived:
            case RunEventKind::socket_opened:
            case RunEventKind::socket_closed:
                lines.push_back(end + std::string(name(event.kind)));
                break;
            default:
                break;
        }
    }
    return lines;
}

Task<void> talk_and_reset(World& world) {
    Pair pair = co_await make_pair(world);
    world.identify(*pair.client, "client", 7);
    co_await send_all(*pair.client, std::string_view("hello"));
    std::array<std::byte, 3> part;
    co_await receive(*pair.server, part);
    pair.client->shutdown_send();
    pair.server->set_abortive_close();
    pair.server.reset();
}

TEST(Events, TellWhatGoesOverAConnection) {
    Recorder recorder;
    RunOptions options;
    options.listener = &recorder;
    const Report report = simulate(&talk_and_reset, options);
    EXPECT_TRUE(report.passed) << report.sentence;
    EXPECT_THAT(recorder.on_the_wire(),
                ElementsAre("client socket_opened", "server socket_opened",
                            "client bytes_sent 5 to 5", "server bytes_arrived 5 to 5",
                            "client end_sent", "server end_arrived", "server socket_closed",
                            "server reset_sent", "client reset_arrived", "client socket_closed"));
    const std::vector<RunEvent> identified = recorder.of(RunEventKind::identified);
    ASSERT_THAT(identified, SizeIs(1));
    EXPECT_EQ(identified.front().name, "client");
    EXPECT_EQ(identified.front().number, 7U);
}

/// Keeps the bytes of events, by kind and end: "client bytes_sent".
class Bytes final : public RunListener {
public:
    void happened(const RunEvent& event) noexcept override {
        if (event.data.empty()) return;
        bytes[(event.accepted ? "server " : "client ") + std::string(name(event.kind))] +=
            as_text(event.data);
    }
    std::map<std::string, std::string> bytes;
};

TEST(Events, HaveTheBytesThatMove) {
    Bytes listener;
    RunOptions options;
    options.listener = &listener;
    simulate(&talk_and_reset, options);
    EXPECT_THAT(listener.bytes, ElementsAre(testing::Pair("client bytes_sent", "hello"),
                                            testing::Pair("server bytes_arrived", "hello"),
                                            testing::Pair("server completed", "hel")));
}

/// Two receives at once.
Task<void> start_two_receives(World& world) {
    Pair pair = co_await make_pair(world);
    std::array<std::byte, 3> part;
    test::RawOperation first;
    test::RawOperation second;
    pair.server->receive(first, part);
    pair.server->receive(second, part);
}

TEST(Events, SayWhichOperationBreaksARule) {
    Recorder recorder;
    RunOptions options;
    options.listener = &recorder;
    EXPECT_EQ(simulate(&start_two_receives, options).property, "second-receive");
    const std::vector<RunEvent> verdicts = recorder.of(RunEventKind::verdict);
    ASSERT_THAT(verdicts, SizeIs(1));
    std::vector<RunEvent> receives;
    for (const RunEvent& event : recorder.of(RunEventKind::started)) {
        if (event.operation == OperationKind::receive) receives.push_back(event);
    }
    ASSERT_THAT(receives, SizeIs(2)) << "the start that breaks the rule is an event, too";
    EXPECT_EQ(verdicts[0].start, receives[1].start);
    EXPECT_EQ(verdicts[0].operation, OperationKind::receive);
    EXPECT_EQ(verdicts[0].where.line(), receives[1].where.line());
    EXPECT_EQ(verdicts[0].connection, 1U);
    EXPECT_TRUE(verdicts[0].accepted);
}

TEST(Events, HaveACompletionForEachStart) {
    for (const char* scenario : {"echo", "chat"}) {
        for (std::uint64_t seed = 1; seed <= 20; ++seed) {
            Recorder recorder;
            RunOptions options;
            options.listener = &recorder;
            const Report report = run(*find_scenario(scenario), seed, options);
            std::map<std::uint64_t, RunEvent> in_flight;
            for (const RunEvent& event : recorder.of(RunEventKind::started)) {
                EXPECT_TRUE(in_flight.emplace(event.start, event).second);
            }
            EXPECT_EQ(in_flight.size(), report.completions);
            for (const RunEvent& event : recorder.of(RunEventKind::completed)) {
                const auto start = in_flight.find(event.start);
                ASSERT_NE(start, in_flight.end()) << "it was never started, or completed twice";
                EXPECT_EQ(start->second.operation, event.operation);
                EXPECT_EQ(start->second.where.line(), event.where.line());
                in_flight.erase(start);
            }
        }
    }
}

/// A try before the bytes, and one after them.
Task<void> try_twice(World& world, std::string_view text) {
    Pair pair = co_await make_pair(world);
    std::array<std::byte, 8> buffer;
    pair.server->try_receive(buffer);
    co_await send_all(*pair.client, text);
    pair.server->try_receive(buffer);
}

TEST(Events, TellWhatATryToReceiveHasGiven) {
    Recorder recorder;
    RunOptions options;
    options.listener = &recorder;
    simulate([](World& world) { return try_twice(world, "abc"); }, options);
    const std::vector<RunEvent> tried = recorder.of(RunEventKind::tried_receive);
    ASSERT_THAT(tried, SizeIs(2));
    EXPECT_EQ(tried[0].result.error, Error::would_block);
    EXPECT_TRUE(tried[1].result.ok());
    EXPECT_EQ(tried[1].result.bytes, 3U);
    EXPECT_EQ(tried[1].size, 8U);
    EXPECT_EQ(tried[1].connection, 1U);
    EXPECT_TRUE(tried[1].accepted);
}

TEST(Events, OfATryToReceiveAreInTheDigest) {
    const auto digest_of = [](std::string_view text) {
        return simulate([=](World& world) { return try_twice(world, text); }).digest;
    };
    EXPECT_EQ(digest_of("abc"), digest_of("abc"));
    EXPECT_NE(digest_of("abc"), digest_of("abd")) << "no completion brings these bytes";
}

TEST(Events, OfATryToReceiveThatFailsAreInTheDigest) {
    // The peer's close or its reset arrives: no completion tells of either.
    const auto digest_of = [](bool abortive) {
        return simulate([=](World& world) -> Task<void> {
                   Pair pair = co_await make_pair(world);
                   if (abortive) pair.client->set_abortive_close();
                   pair.client.reset();
                   std::array<std::byte, 8> buffer;
                   pair.server->try_receive(buffer);
               })
            .digest;
    };
    EXPECT_NE(digest_of(false), digest_of(true));
}

TEST(Events, LeaveTheRunAsItIs) {
    for (const char* scenario : {"echo", "chat"}) {
        for (std::uint64_t seed = 1; seed <= 50; ++seed) {
            Recorder recorder;
            RunOptions options;
            options.listener = &recorder;
            const Report heard = run(*find_scenario(scenario), seed, options);
            const Report plain = run(*find_scenario(scenario), seed);
            EXPECT_EQ(heard.digest, plain.digest) << scenario << " " << seed;
            EXPECT_EQ(recorder.events.back().digest, plain.digest);
            EXPECT_THAT(recorder.of(RunEventKind::choice), SizeIs(plain.choices));
            std::uint64_t probes = 0;
            for (const ProbeHits& hits : plain.probes) {
                probes += hits.name.starts_with("fault.") ? 0 : hits.hits;
            }
            EXPECT_THAT(recorder.of(RunEventKind::probe), SizeIs(probes));
        }
    }
}

TEST(Events, TellTheVerdictAfterTheStepThatItIsAbout) {
    Recorder recorder;
    RunOptions options;
    options.listener = &recorder;
    const Report report = simulate(
        [](World& world) -> Task<void> {
            Timer timer(world);
            co_await timer.after(1ms);
            world.fail("own", "the sentence");
        },
        options);
    const std::vector<RunEvent> verdicts = recorder.of(RunEventKind::verdict);
    ASSERT_THAT(verdicts, SizeIs(1));
    EXPECT_EQ(recorder.property, "own");
    EXPECT_EQ(recorder.verdict, "the sentence");
    EXPECT_TRUE(verdicts.front().in_step);
    EXPECT_EQ(verdicts.front().step, report.completions);
}

TEST(Events, TellTheVerdictOnADeliveryAfterItsCompletion) {
    Recorder recorder;
    RunOptions options;
    options.listener = &recorder;
    std::string bytes = "changed in flight";
    simulate(
        [&](World& world) -> Task<void> {
            Pair pair = co_await make_pair(world);
            test::RawOperation sending;
            const ConstBuffer buffer{std::string_view(bytes)};
            pair.client->send(sending, {&buffer, 1});
            bytes.front() = 'C';
            Timer timer(world);
            co_await timer.after(1ms);
        },
        options);
    ASSERT_EQ(recorder.of(RunEventKind::verdict).size(), 1U);
    EXPECT_EQ(recorder.property, "send-buffer-changed");
    const auto verdict =
        std::find_if(recorder.events.begin(), recorder.events.end(),
                     [](const RunEvent& event) { return event.kind == RunEventKind::verdict; });
    ASSERT_NE(verdict, recorder.events.begin());
    EXPECT_EQ(std::prev(verdict)->kind, RunEventKind::completed);
    EXPECT_EQ(std::prev(verdict)->operation, OperationKind::send) << "what the verdict is about";
}

Task<void> nothing() { co_return; }

TEST(Events, TellWhichTasksJoinAndLeave) {
    Recorder recorder;
    RunOptions options;
    options.listener = &recorder;
    simulate(
        [](World& world) -> Task<void> {
            TaskGroup group(world);
            group.spawn(nothing());
            group.spawn(nothing());
            co_await group.join();
        },
        options);
    // The first one is the scenario's main task.
    EXPECT_THAT(recorder.of(RunEventKind::task_joined), SizeIs(3));
    const std::vector<RunEvent> left = recorder.of(RunEventKind::task_left);
    ASSERT_THAT(left, SizeIs(3));
    EXPECT_EQ(left[0].number, 2U);
    EXPECT_EQ(left[1].number, 3U);
    EXPECT_EQ(left[2].number, 1U);
}

TEST(Events, HaveNames) {
    std::map<std::string_view, int> names;
    for (int i = 0; i < run_event_kind_count; ++i) ++names[name(static_cast<RunEventKind>(i))];
    EXPECT_THAT(names, SizeIs(run_event_kind_count));
    EXPECT_EQ(name(RunEventKind::verdict), "verdict");
}

}  // namespace
}  // namespace drydock::sim

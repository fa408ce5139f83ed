// The network model: what TCP does as a program can see it, and each fault at the place where it
// strikes.
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "sim/connection.hpp"
#include "sim/socket.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::LabelChoices;
using test::make_pair;
using test::Pair;
using test::RawOperation;
using test::simulate;
using testing::ElementsAre;

void expect_passed(const Report& report) {
    EXPECT_TRUE(report.passed) << report.property << ": " << report.sentence;
}

/// A world with that one fault.
Report simulate_with(Fault fault, LabelChoices& choices, test::FunctionScenario::Body body) {
    Report report = simulate(std::move(body), FaultSet().with(fault), choices);
    expect_passed(report);
    return report;
}

/// One receive, told as "3 abc", "end", or the error's name.
Task<std::string> receive_told(AsyncSocket& socket, std::size_t size = 64) {
    std::vector<std::byte> buffer(size);
    const Result result = co_await receive(socket, buffer);
    if (!result.ok()) co_return std::string(name(result.error));
    if (result.bytes == 0) co_return "end";
    const std::string text(as_text(std::span(buffer).first(result.bytes)));
    co_return std::to_string(result.bytes) + " " + text;
}

/// One send, told as its number of bytes or the error's name.
Task<std::string> send_told(AsyncSocket& socket, std::string text) {
    const Result result = co_await send_some(socket, std::string_view(text));
    co_return result.ok() ? std::to_string(result.bytes) : std::string(name(result.error));
}

/// An operation that nobody awaits and whose result is kept.
struct KeptOperation final : Operation {
    KeptOperation() noexcept
        : Operation([](Operation& operation, const Result& told) noexcept {
              static_cast<KeptOperation&>(operation).result = told;
          }) {}
    Result result;
};

std::uint32_t slot_of(const AsyncSocket& socket) {
    return static_cast<const SimSocket&>(socket).connection().slot();
}

// --- ends ----------------------------------------------------------------------------------------

TEST(Network, DeliversTheEndAfterTheDataAndRepeatsIt) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        pair.client.reset();
        for (int i = 0; i < 3; ++i) told.push_back(co_await receive_told(*pair.server));
    }));
    EXPECT_THAT(told, ElementsAre("3 abc", "end", "end"));
}

TEST(Network, LetsTheOtherDirectionGoOnAfterAHalfClose) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        pair.client->shutdown_send();
        pair.client->shutdown_send();  // repeating it does nothing
        told.push_back(co_await receive_told(*pair.server));
        co_await send_all(*pair.server, std::string_view("answer"));
        told.push_back(co_await receive_told(*pair.client));
        pair.server.reset();
        told.push_back(co_await receive_told(*pair.client));
    }));
    EXPECT_THAT(told, ElementsAre("end", "6 answer", "end"));
}

TEST(Network, DeliversDataThatArrivedBeforeAReset) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        pair.client->set_abortive_close();
        pair.client.reset();
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await receive_told(*pair.server));
    }));
    EXPECT_THAT(told, ElementsAre("3 abc", "reset")) << "as Linux does it";
}

TEST(Network, LosesDataThatArrivedBeforeAResetWhereResetsDiscard) {
    std::vector<std::string> told;
    LabelChoices choices;
    simulate_with(Fault::reset_discards, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        pair.client->set_abortive_close();
        pair.client.reset();
        told.push_back(co_await receive_told(*pair.server));
    });
    EXPECT_THAT(told, ElementsAre("reset")) << "as Winsock may do it";
}

TEST(Network, LosesWhatIsUnderwayWhenAResetIsSentWhereResetsDiscard) {
    for (const bool discards : {false, true}) {
        std::vector<std::string> told;
        LabelChoices choices;
        choices.next("network: latency", {0, 0, 1}).next("network: how late", {2});
        FaultSet faults = FaultSet().with(Fault::latency);
        if (discards) faults = faults.with(Fault::reset_discards);
        expect_passed(simulate(
            [&](World& world) -> Task<void> {
                Pair pair = co_await make_pair(world);
                co_await send_all(*pair.client, std::string_view("abc"));
                told.push_back(co_await receive_told(*pair.server));
                co_await send_all(*pair.client, std::string_view("def"));
                pair.client->set_abortive_close();
                pair.client.reset();
                told.push_back(co_await receive_told(*pair.server));
            },
            faults, choices));
        EXPECT_THAT(told, ElementsAre("3 abc", discards ? "reset" : "3 def"));
    }
}

TEST(Network, TurnsACloseWithUnreadBytesIntoAReset) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("never read"));
        pair.server.reset();
        told.push_back(co_await receive_told(*pair.client));
    }));
    EXPECT_THAT(told, ElementsAre("reset"));
}

TEST(Network, AnswersBytesToAClosedEndWithAReset) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        pair.client.reset();
        for (int i = 0; i < 3; ++i) told.push_back(co_await send_told(*pair.server, "abc"));
        told.push_back(co_await receive_told(*pair.server));
    }));
    EXPECT_THAT(told, ElementsAre("3", "broken", "broken", "end"))
        << "the system takes the first bytes; their reset comes after the end, as Linux has it";
}

TEST(Network, AnswersBytesToAClosedEndWithAResetForAllWhereResetsDiscard) {
    std::vector<std::string> told;
    LabelChoices choices;
    simulate_with(Fault::reset_discards, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        pair.client.reset();
        for (int i = 0; i < 3; ++i) told.push_back(co_await send_told(*pair.server, "abc"));
        for (int i = 0; i < 2; ++i) told.push_back(co_await receive_told(*pair.server));
    });
    EXPECT_THAT(told, ElementsAre("3", "reset", "reset", "reset", "reset"))
        << "as Winsock does it, where the end that had arrived is lost, too";
}

TEST(Network, RepeatsAResetToBothDirections) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        pair.client->set_abortive_close();
        pair.client.reset();
        for (int i = 0; i < 2; ++i) {
            told.push_back(co_await send_told(*pair.server, "abc"));
            told.push_back(co_await receive_told(*pair.server));
        }
        told.push_back(co_await send_told(*pair.server, ""));
    }));
    EXPECT_THAT(told, ElementsAre("reset", "reset", "reset", "reset", "0"))
        << "a send of nothing asks nothing of the connection";
}

TEST(Network, DoesNotTakeBackAnEndThatWasTold) {
    std::vector<std::string> told;
    LabelChoices choices;
    simulate_with(Fault::reset_discards, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        pair.client->shutdown_send();
        told.push_back(co_await receive_told(*pair.server));
        pair.client->set_abortive_close();
        pair.client.reset();
        told.push_back(co_await receive_told(*pair.server));
    });
    EXPECT_THAT(told, ElementsAre("end", "end"));
}

TEST(Network, CanAbortAConnectionAtAnyByte) {
    std::vector<std::string> told;
    bool damaged = false;
    LabelChoices choices;
    choices.next("network: reset", {0, 1});
    simulate_with(Fault::network_reset, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        co_await send_all(*pair.client, std::string_view("def"));
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await receive_told(*pair.client));
        damaged = world.damaged(*pair.client) && world.damaged(*pair.server);
    });
    EXPECT_THAT(told, ElementsAre("6 abcdef", "reset", "reset"));
    EXPECT_TRUE(damaged) << "scenarios should be told that the connection owes nothing any more";
}

// --- back-pressure and short transfers -----------------------------------------------------------

TEST(Network, TakesNoMoreThanThePipeHoldsWhileNobodyReads) {
    std::size_t taken = 0;
    bool waited = false;
    std::string received;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const std::string large(10'000, 'x');
        const Result first = co_await send_some(*pair.server, std::string_view(large));
        taken = first.bytes;
        RawOperation second;
        const ConstBuffer rest(std::string_view(large).substr(first.bytes));
        pair.server->send(second, {&rest, 1});
        Timer timer(world);
        co_await timer.after(1h);
        waited = second.in_flight();
        received = co_await receive_told(*pair.client, 100);
        co_await timer.after(1s);
        waited = waited && !second.in_flight();
    }));
    EXPECT_EQ(taken, 256U) << "the capacity of a pipe";
    EXPECT_TRUE(waited) << "a send waits while there is no room, and goes on when there is";
    EXPECT_EQ(received, "100 " + std::string(100, 'x'));
}

TEST(Network, HoldsVeryLittleWherePipesAreSmall) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("swarm: pipe capacity", {2});
    simulate_with(Fault::small_pipe, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        told.push_back(co_await send_told(*pair.server, "abcdef"));
    });
    EXPECT_THAT(told, ElementsAre("3"));
}

TEST(Network, CanReceiveLessThanHasArrived) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("receive: partial", {1}).next("receive: bytes held back", {4});
    simulate_with(Fault::partial_receive, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abcdef"));
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await receive_told(*pair.server));
    });
    EXPECT_THAT(told, ElementsAre("1 a", "5 bcdef"));
}

TEST(Network, CanSendLessThanThereIsRoomFor) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("send: short", {1}).next("send: bytes left out", {3});
    simulate_with(Fault::short_send, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        told.push_back(co_await send_told(*pair.server, "abcdef"));
        told.push_back(co_await receive_told(*pair.client));
    });
    EXPECT_THAT(told, ElementsAre("2", "2 ab"));
}

TEST(Network, CanCompleteSendsOnlyWholeAndTellsWhatACanceledOneSent) {
    Result sent;
    LabelChoices choices;
    simulate_with(Fault::whole_send, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const auto cancel_later = [](World& its_world, AsyncSocket& socket) -> Task<void> {
            Timer timer(its_world);
            co_await timer.after(1s);
            socket.cancel();
        };
        TaskGroup group(world);
        group.spawn(cancel_later(world, *pair.server));
        const std::string large(1000, 'x');
        sent = co_await send_some(*pair.server, std::string_view(large));
        co_await group.join();
    });
    EXPECT_EQ(sent.error, Error::canceled);
    EXPECT_EQ(sent.bytes, 256U) << "what the pipe had taken was sent";
}

TEST(Network, DeliversJustWhatACanceledSendTells) {
    std::uint64_t told = 0;
    std::uint64_t came = 0;
    LabelChoices choices;
    simulate_with(Fault::whole_send, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const std::string large(1000, 'x');
        const ConstBuffer all{std::string_view(large)};
        KeptOperation sending;
        pair.server->send(sending, {&all, 1});
        std::vector<std::byte> buffer(100);
        came += (co_await receive(*pair.client, buffer)).bytes;  // makes room for more
        pair.server->cancel();
        Timer timer(world);
        co_await timer.after(1s);
        EXPECT_EQ(sending.result.error, Error::canceled);
        told = sending.result.bytes;
        pair.server.reset();
        for (;;) {
            const Result received = co_await receive(*pair.client, buffer);
            EXPECT_TRUE(received.ok());
            if (received.bytes == 0) break;
            came += received.bytes;
        }
    });
    EXPECT_EQ(told, 356U) << "the pipe's 256, and the 100 that were read";
    EXPECT_EQ(came, told);
}

TEST(Network, ReceivesNothingIntoAnEmptyBufferOnceSomethingIsThere) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        const Result nothing = co_await receive(*pair.server, MutableBuffer());
        told.push_back(std::to_string(nothing.bytes) + std::string(name(nothing.error)));
        told.push_back(co_await receive_told(*pair.server));
    }));
    EXPECT_THAT(told, ElementsAre("0ok", "3 abc"));
}

// --- time ----------------------------------------------------------------------------------------

TEST(Network, LetsBytesTakeTimeButNeverOvertakeEachOther) {
    std::vector<std::string> told;
    Duration arrival{};
    LabelChoices choices;
    // The connect is quick; the first bytes take 40 ms, the second none, and the end none.
    choices.next("network: latency", {0, 1, 0, 0}).next("network: how late", {2});
    simulate_with(Fault::latency, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const Time start = world.now();
        co_await send_all(*pair.client, std::string_view("abc"));
        co_await send_all(*pair.client, std::string_view("def"));
        pair.client.reset();
        told.push_back(co_await receive_told(*pair.server));
        arrival = world.now() - start;
        told.push_back(co_await receive_told(*pair.server));
        if (told.back() != "end") told.push_back(co_await receive_told(*pair.server));
    });
    EXPECT_EQ(arrival, 40ms) << "virtual time should have passed";
    std::string all;
    for (const std::string& text : told) all += text + ";";
    EXPECT_TRUE(all == "3 abc;3 def;end;" || all == "6 abcdef;end;") << all;
}

TEST(Network, CanHandOutCompletionsLateAndInAnotherOrder) {
    std::vector<int> order;
    LabelChoices choices;
    choices.next("completion: overtakes", {2});
    simulate_with(Fault::reorder, choices, [&](World& world) -> Task<void> {
        const auto note = [](std::vector<int>& its_order, int value) -> Task<void> {
            its_order.push_back(value);
            co_return;
        };
        TaskGroup group(world);
        for (int i = 1; i <= 3; ++i) group.spawn(note(order, i));
        co_await group.join();
    });
    EXPECT_THAT(order, ElementsAre(3, 1, 2)) << "the third overtakes the two before it";
}

TEST(Network, CanHandOutACompletionLate) {
    Duration waited{};
    LabelChoices choices;
    choices.always("completion: late", 1).always("completion: how late", 1);
    simulate_with(Fault::delay, choices, [&](World& world) -> Task<void> {
        Timer timer(world);
        const Time start = world.now();
        co_await timer.after(1ms);
        waited = world.now() - start;
    });
    EXPECT_EQ(waited, 1900us) << "1 ms of sleep and 0.9 ms of delay";
}

// --- cancel --------------------------------------------------------------------------------------

TEST(Network, CancelEndsWhatIsInFlightAndAllThatIsStartedLater) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const auto cancel_later = [](World& its_world, AsyncSocket& socket) -> Task<void> {
            Timer timer(its_world);
            co_await timer.after(1s);
            socket.cancel();
        };
        TaskGroup group(world);
        group.spawn(cancel_later(world, *pair.server));
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await send_told(*pair.server, "abc"));
        co_await group.join();
    }));
    EXPECT_THAT(told, ElementsAre("canceled", "canceled", "canceled"));
}

TEST(Network, InterruptEndsOneReceiveOnly) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        pair.server->interrupt_receive();  // none is in flight: meant for the next
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await send_told(*pair.server, "abc"));
    }));
    EXPECT_THAT(told, ElementsAre("canceled", "3 abc", "3"));
}

TEST(Network, CanLetAReceiveWinAgainstItsCancel) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("network: latency", {0, 1}).next("network: how late", {2});
    choices.always("cancel: receive wins", 1);
    const FaultSet faults = FaultSet().with(Fault::latency).with(Fault::cancel_loses);
    expect_passed(simulate(
        [&](World& world) -> Task<void> {
            Pair pair = co_await make_pair(world);
            co_await send_all(*pair.client, std::string_view("underway"));
            const auto cancel_now = [](AsyncSocket& socket) -> Task<void> {
                socket.cancel();
                co_return;
            };
            TaskGroup group(world);
            group.spawn(cancel_now(*pair.server));
            told.push_back(co_await receive_told(*pair.server));
            told.push_back(co_await receive_told(*pair.server));
            co_await group.join();
        },
        faults, choices));
    EXPECT_THAT(told, ElementsAre("8 underway", "canceled"));
}

TEST(Network, InterruptEndsOneSendOnlyAndTellsWhatItSent) {
    std::vector<std::string> told;
    Result interrupted;
    LabelChoices choices;
    simulate_with(Fault::whole_send, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const auto interrupt_later = [](World& its_world, AsyncSocket& socket) -> Task<void> {
            Timer timer(its_world);
            co_await timer.after(1s);
            socket.interrupt_send();
        };
        TaskGroup group(world);
        group.spawn(interrupt_later(world, *pair.server));
        const std::string large(1000, 'x');
        interrupted = co_await send_some(*pair.server, std::string_view(large));
        co_await group.join();
        told.push_back(co_await receive_told(*pair.client, 300));
        told.push_back(co_await send_told(*pair.server, "abc"));
        told.push_back(co_await receive_told(*pair.client));
    });
    EXPECT_EQ(interrupted.error, Error::canceled);
    EXPECT_EQ(interrupted.bytes, 256U) << "what the pipe had taken was sent";
    EXPECT_THAT(told, ElementsAre("256 " + std::string(256, 'x'), "3", "3 abc"));
}

// --- receiving without waiting -------------------------------------------------------------------

/// One try, told like a receive.
std::string try_told(AsyncSocket& socket, std::size_t size = 64) {
    std::vector<std::byte> buffer(size);
    const Result result = socket.try_receive(buffer);
    if (!result.ok()) return std::string(name(result.error));
    const std::string text(as_text(std::span(buffer).first(result.bytes)));
    return std::to_string(result.bytes) + " " + text;
}

TEST(Network, CanTryToReceiveLessThanHasArrived) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("try_receive: partial", {1}).next("try_receive: bytes held back", {3});
    simulate_with(Fault::partial_receive, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abcdef"));
        told.push_back(try_told(*pair.server));
        told.push_back(try_told(*pair.server));
        told.push_back(try_told(*pair.server));
    });
    EXPECT_THAT(told, ElementsAre("2 ab", "4 cdef", "would_block"));
}

TEST(Network, CanHaveBytesArriveJustAfterATryUnlessItHasToldOfThem) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.always("try_receive: nothing yet", 1);
    simulate_with(Fault::partial_receive, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abcdef"));
        told.push_back(try_told(*pair.server));
        told.push_back(co_await receive_told(*pair.server, 3));
        told.push_back(try_told(*pair.server));
        co_await receive_told(*pair.server, 0);
        told.push_back(try_told(*pair.server, 1));  // the receive has told of them
        told.push_back(try_told(*pair.server));
        told.push_back(try_told(*pair.server, 0));
        told.push_back(try_told(*pair.server));  // the look has told of them
    });
    EXPECT_THAT(told, ElementsAre("would_block", "3 abc", "would_block", "1 d", "would_block", "0 ",
                                  "2 ef"));
}

TEST(Network, CanBeShortOfBuffersForATry) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("try_receive: no buffers", {1});
    simulate_with(Fault::no_buffers, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view("abc"));
        told.push_back(try_told(*pair.server));
        told.push_back(try_told(*pair.server));
        EXPECT_TRUE(world.damaged(*pair.server));
    });
    EXPECT_THAT(told, ElementsAre("no_buffers", "3 abc"));
}

TEST(Network, OverwritesTheWholeBufferOfATry) {
    std::array<std::byte, 8> nothing{};
    std::array<std::byte, 8> part{};
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        EXPECT_EQ(pair.server->try_receive(nothing).error, Error::would_block);
        co_await send_all(*pair.client, std::string_view("abc"));
        EXPECT_EQ(pair.server->try_receive(part).bytes, 3U);
    }));
    EXPECT_NE(nothing[0], std::byte{0}) << "a program must not count on what was in the buffer";
    EXPECT_EQ(as_text(std::span(part).first(3)), "abc");
    EXPECT_NE(part[3], std::byte{0});
}

TEST(Network, MakesRoomByATryForASendThatWaits) {
    std::size_t taken = 0;
    expect_passed(simulate([&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        const std::string large(300, 'x');
        co_await send_all(*pair.client, std::string_view(large).substr(0, 256));
        const auto take_later = [&](AsyncSocket& socket) -> Task<void> {
            Timer timer(world);
            co_await timer.after(1s);
            std::array<std::byte, 100> buffer;
            taken = socket.try_receive(buffer).bytes;
        };
        TaskGroup group(world);
        group.spawn(take_later(*pair.server));
        co_await send_all(*pair.client, std::string_view(large).substr(256));
        co_await group.join();
    }));
    EXPECT_EQ(taken, 100U);
}

// --- shortages -----------------------------------------------------------------------------------

TEST(Network, CanBeShortOfBuffers) {
    std::vector<std::string> told;
    bool damaged = false;
    LabelChoices choices;
    choices.next("receive: no buffers", {1}).next("send: no buffers", {1});
    simulate_with(Fault::no_buffers, choices, [&](World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        told.push_back(co_await receive_told(*pair.server));
        told.push_back(co_await send_told(*pair.server, "abc"));
        damaged = world.damaged(*pair.server);
    });
    EXPECT_THAT(told, ElementsAre("no_buffers", "no_buffers"));
    EXPECT_TRUE(damaged);
}

// --- listening, connecting, accepting ------------------------------------------------------------

Task<std::string> connect_told(World& world, Endpoint endpoint,
                               std::vector<std::unique_ptr<AsyncSocket>>& kept) {
    SocketResult connected = co_await connect(world, endpoint);
    if (connected.ok()) kept.push_back(std::move(connected.socket));
    co_return std::string(name(connected.error));
}

Task<std::string> accept_told(AsyncListener& listener,
                              std::vector<std::unique_ptr<AsyncSocket>>& kept) {
    SocketResult accepted = co_await accept(listener);
    if (accepted.ok()) kept.push_back(std::move(accepted.socket));
    co_return std::string(name(accepted.error));
}

TEST(Network, RefusesAConnectWhereNobodyListens) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        told.push_back(co_await connect_told(world, Endpoint::loopback(8), kept));
        listening.listener.reset();
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
    }));
    EXPECT_THAT(told, ElementsAre("refused", "ok", "refused", "refused"));
}

TEST(Network, TakesConnectionsForACanceledListenerUntilItCloses) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        listening.listener->cancel();
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        told.push_back(co_await accept_told(*listening.listener, kept));
        listening.listener.reset();
        told.push_back(co_await receive_told(*kept.front()));
    }));
    EXPECT_THAT(told, ElementsAre("ok", "canceled", "reset")) << "as Linux and Windows do it";
}

TEST(Network, RefusesWhatIsOverTheBacklog) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        const ListenResult listening = world.listen(Endpoint::loopback(7), {.backlog = 2});
        for (int i = 0; i < 3; ++i) {
            told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        }
        told.push_back(co_await accept_told(*listening.listener, kept));
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
    }));
    EXPECT_THAT(told, ElementsAre("ok", "ok", "refused", "ok", "ok"));
}

TEST(Network, ResetsConnectionsThatNobodyAcceptedWhenTheListenerCloses) {
    std::vector<std::string> told;
    expect_passed(simulate([&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        ListenResult listening = world.listen(Endpoint::loopback(7), {});
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        listening.listener.reset();
        told.push_back(co_await receive_told(*kept.front()));
    }));
    EXPECT_THAT(told, ElementsAre("ok", "reset"));
}

TEST(Network, ListensWhereItCan) {
    expect_passed(simulate([](World& world) -> Task<void> {
        const ListenResult first = world.listen(Endpoint::loopback(7), {});
        EXPECT_EQ(first.error, Error::ok);
        EXPECT_EQ(world.listen(Endpoint::loopback(7), {}).error, Error::address_in_use);
        EXPECT_EQ(world.listen(Endpoint::ipv4({192, 0, 2, 1}, 7), {}).error,
                  Error::address_not_available);
        const ListenResult any = world.listen(Endpoint::loopback(0), {});
        const ListenResult other = world.listen(Endpoint::loopback(0), {});
        EXPECT_NE(any.listener->local_endpoint().port(), 0) << "port 0 picks a free one";
        EXPECT_NE(any.listener->local_endpoint(), other.listener->local_endpoint());
        co_return;
    }));
}

TEST(Network, KnowsTheEndpointsOfBothEnds) {
    expect_passed(simulate([](World& world) -> Task<void> {
        const Pair pair = co_await make_pair(world);
        EXPECT_EQ(pair.client->peer_endpoint(), pair.listener->local_endpoint());
        EXPECT_EQ(pair.client->local_endpoint(), pair.server->peer_endpoint());
        EXPECT_EQ(pair.client->peer_endpoint(), pair.server->local_endpoint());
    }));
}

// IOCPchatserv_win 6: whoever uses a closed handle meets the next connection on it.
TEST(Network, ReusesTheHandleOfAClosedConnectionAtOnce) {
    std::vector<std::uint32_t> slots;
    expect_passed(simulate([&](World& world) -> Task<void> {
        for (int i = 0; i < 3; ++i) {
            const Pair pair = co_await make_pair(world);
            slots.push_back(slot_of(*pair.server));
        }
        const Pair first = co_await make_pair(world);
        const Pair second = co_await make_pair(world);
        slots.push_back(slot_of(*first.server));
        slots.push_back(slot_of(*second.server));
    }));
    EXPECT_THAT(slots, ElementsAre(0, 0, 0, 0, 1));
}

TEST(Network, CanRefuseAConnect) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("connect: refused", {1, 0});
    simulate_with(Fault::connect_refused, choices, [&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        const ListenResult listening = world.listen(Endpoint::loopback(7), {});
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
    });
    EXPECT_THAT(told, ElementsAre("refused", "ok"));
}

TEST(Network, CanLeaveAConnectUnanswered) {
    std::vector<std::string> told;
    Duration waited{};
    LabelChoices choices;
    choices.next("connect: never answered", {1});
    simulate_with(Fault::connect_timed_out, choices, [&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        const ListenResult listening = world.listen(Endpoint::loopback(7), {});
        const Time start = world.now();
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        waited = world.now() - start;
    });
    EXPECT_THAT(told, ElementsAre("timed_out"));
    EXPECT_EQ(waited, 21s) << "as long as Windows tries";
}

TEST(Network, CancelEndsAConnectAndIsRememberedForTheNext) {
    expect_passed(simulate([](World& world) -> Task<void> {
        const ListenResult listening = world.listen(Endpoint::loopback(7), {});
        test::RawSocketOperation connecting;
        Timer timer(world);
        world.connect(connecting, Endpoint::loopback(7));
        world.cancel(connecting);
        co_await timer.after(1s);
        EXPECT_FALSE(connecting.in_flight()) << "a canceled connect should complete";
        EXPECT_EQ(connecting.take_socket(), nullptr);
        world.cancel(connecting);
        world.connect(connecting, Endpoint::loopback(7));
        co_await timer.after(1s);
        EXPECT_EQ(connecting.take_socket(), nullptr) << "the cancel should have met the next start";
        world.connect(connecting, Endpoint::loopback(7));
        co_await timer.after(1s);
        EXPECT_NE(connecting.take_socket(), nullptr) << "and only that one";
    }));
}

TEST(Network, CanLoseAConnectionBeforeItIsAccepted) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("accept: connection gone", {1, 0});
    simulate_with(Fault::accept_reset, choices, [&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        const ListenResult listening = world.listen(Endpoint::loopback(7), {});
        for (int i = 0; i < 2; ++i) {
            told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
            told.push_back(co_await accept_told(*listening.listener, kept));
        }
    });
    EXPECT_THAT(told, ElementsAre("ok", "reset", "ok", "ok"))
        << "a connection that goes away early must not end the listener";
}

TEST(Network, KeepsAConnectionThatCouldNotBeAcceptedForWantOfHandles) {
    std::vector<std::string> told;
    LabelChoices choices;
    choices.next("accept: shortage", {1, 1, 0}).next("accept: which shortage", {0, 1});
    simulate_with(Fault::accept_shortage, choices, [&](World& world) -> Task<void> {
        std::vector<std::unique_ptr<AsyncSocket>> kept;
        const ListenResult listening = world.listen(Endpoint::loopback(7), {});
        told.push_back(co_await connect_told(world, Endpoint::loopback(7), kept));
        for (int i = 0; i < 3; ++i) {
            told.push_back(co_await accept_told(*listening.listener, kept));
        }
        told.push_back(co_await send_told(*kept.front(), "abc"));
        told.push_back(co_await receive_told(*kept.back()));
    });
    EXPECT_THAT(told, ElementsAre("ok", "too_many_handles", "no_buffers", "ok", "3", "3 abc"));
}

}  // namespace
}  // namespace drydock::sim

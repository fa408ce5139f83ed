// The simulator's timeline and pipe: order in time, removal, and bytes round and round.
#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/queue.hpp>
#include <drydock/sim/choices.hpp>

#include "sim/pipe.hpp"
#include "sim/timeline.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class Recorded final : public Operation {
public:
    Recorded() : Operation([](Operation&, const Result&) noexcept {}) { emplace_native<Record>(); }
};

Event event_at(Duration at, std::uint64_t upto) {
    Event event;
    event.at = Time{} + at;
    event.upto = upto;
    return event;
}

std::vector<std::uint64_t> take_all(Timeline& timeline) {
    std::vector<std::uint64_t> order;
    while (!timeline.empty()) order.push_back(timeline.take_first().upto);
    return order;
}

TEST(Timeline, GivesEventsInTheOrderOfTheirTimes) {
    Timeline timeline;
    for (const int at : {5, 3, 9, 1, 7, 2}) {
        timeline.add(event_at(std::chrono::seconds(at), static_cast<std::uint64_t>(at)));
    }
    EXPECT_EQ(timeline.next_time(), Time{} + 1s);
    EXPECT_THAT(take_all(timeline), ElementsAre(1, 2, 3, 5, 7, 9));
}

// "Heaps compare by time only" is how other simulators lost their determinism.
TEST(Timeline, BreaksTiesByTheOrderOfScheduling) {
    Timeline timeline;
    for (std::uint64_t i = 0; i < 20; ++i) timeline.add(event_at(1s, i));
    const std::vector<std::uint64_t> order = take_all(timeline);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << "first scheduled, first out";
    EXPECT_EQ(order.size(), 20U);
}

TEST(Timeline, RemovesAnOperationsEventFromAnywhere) {
    for (std::size_t removed = 0; removed < 31; ++removed) {
        std::deque<Recorded> operations(31);
        Timeline timeline;
        SeedChoices choices(removed);
        for (std::size_t i = 0; i < operations.size(); ++i) {
            Event event = event_at(std::chrono::seconds(choices.choose(10, "")), i);
            event.operation = &operations[i];
            timeline.add(event);
        }
        timeline.remove(operations[removed]);
        EXPECT_FALSE(record_of(operations[removed]).in_timeline);
        Time last{};
        std::size_t count = 0;
        for (; !timeline.empty(); ++count) {
            const Event event = timeline.take_first();
            EXPECT_NE(event.upto, removed) << "it was removed";
            EXPECT_GE(event.at, last) << "the rest should still be in order";
            EXPECT_FALSE(record_of(*event.operation).in_timeline);
            last = event.at;
        }
        EXPECT_EQ(count, operations.size() - 1);
    }
}

std::string take_text(Pipe& pipe, std::size_t count) {
    std::vector<std::byte> bytes(count);
    pipe.take(bytes.data(), count);
    std::string text;
    for (const std::byte byte : bytes) text += static_cast<char>(byte);
    return text;
}

void write_text(Pipe& pipe, std::string_view text) {
    pipe.write({reinterpret_cast<const std::byte*>(text.data()), text.size()});
}

TEST(Pipe, HoldsAsMuchAsItsCapacity) {
    Pipe pipe(5);
    EXPECT_EQ(pipe.space(), 5U);
    write_text(pipe, "abc");
    EXPECT_EQ(pipe.space(), 2U);
    EXPECT_EQ(pipe.arrived(), 0U) << "what is written has not arrived by itself";
    EXPECT_EQ(pipe.underway(), 3U);
    pipe.arrive(2);
    EXPECT_EQ(pipe.arrived(), 2U);
    EXPECT_EQ(take_text(pipe, 1), "a");
    EXPECT_EQ(pipe.space(), 3U) << "taking makes room";
    pipe.arrive(1);
    EXPECT_EQ(pipe.arrived(), 1U) << "an arrival that was overtaken should change nothing";
}

TEST(Pipe, GivesBytesInOrderRoundAndRound) {
    Pipe pipe(7);
    std::string in;
    std::string out;
    SeedChoices choices(3);
    for (int i = 0; i < 500; ++i) {
        std::string text;
        const std::uint32_t size = choices.choose(static_cast<std::uint32_t>(pipe.space()) + 1, "");
        for (std::uint32_t j = 0; j < size; ++j) {
            text += static_cast<char>('a' + (in.size() + j) % 26);
        }
        write_text(pipe, text);
        in += text;
        pipe.arrive(pipe.written());
        out += take_text(pipe, choices.choose(static_cast<std::uint32_t>(pipe.arrived()) + 1, ""));
    }
    out += take_text(pipe, pipe.arrived());
    EXPECT_EQ(out, in);
}

}  // namespace
}  // namespace drydock::sim

// The fuzz targets' harnesses fail on what is broken, already on their seed corpora; on the real
// server and the real framer they do not.
#include <gtest/gtest.h>

#include "fuzz/framing_input.hpp"
#include "fuzz/resp_input.hpp"
#include "fuzz/scenario_input.hpp"
#include "tests/zoo/corpus.hpp"
#include "tests/zoo/specimens/chat_specimens.hpp"
#include "tests/zoo/specimens/echo_specimens.hpp"
#include "tests/zoo/specimens/framers.hpp"
#include "tests/zoo/specimens/reply_readers.hpp"

namespace drydock::zoo {
namespace {

template <typename Scenario, typename Make>
int failures(const std::string& target, Make make) {
    int count = 0;
    for (const auto& input : corpus(target)) {
        Scenario scenario(make);
        count += fuzz::run(scenario, input).passed ? 0 : 1;
    }
    return count;
}

int failures(sim::MakeEchoServer make) { return failures<sim::EchoScenario>("echo", make); }

int failures(sim::MakeChatServer make) { return failures<sim::ChatScenario>("broadcast", make); }

template <typename Framer>
int framing_failures() {
    int count = 0;
    for (const auto& input : corpus("framing")) {
        count += fuzz::framing_failure<Framer>(input).empty() ? 0 : 1;
    }
    return count;
}

template <typename Reader>
int resp_failures() {
    int count = 0;
    for (const auto& input : corpus("resp")) {
        count += fuzz::resp_failure<Reader>(input).empty() ? 0 : 1;
    }
    return count;
}

TEST(EchoHarness, PassesTheRealServerOnItsCorpus) {
    EXPECT_GT(corpus("echo").size(), 0U) << "the seed corpus should be there";
    EXPECT_EQ(failures(sim::make_echo_server), 0);
}

TEST(EchoHarness, FailsBrokenServersOnItsCorpus) {
    EXPECT_GT(failures(&make_ignores_short_sends), 0);
    EXPECT_GT(failures(&make_reads_past_the_end), 0);
    EXPECT_GT(failures(&make_frees_with_a_send_in_flight), 0);
    EXPECT_GT(failures(&make_receives_before_it_has_sent), 0);
    EXPECT_GT(failures(&make_closes_before_it_has_sent), 0);
    EXPECT_GT(failures(&make_keeps_the_last_length), 0);
    EXPECT_GT(failures(&make_stops_accepting_after_a_failure), 0);
    EXPECT_GT(failures(&make_forgets_parts_of_a_send), 0);
}

TEST(BroadcastHarness, PassesTheRealServerOnItsCorpus) {
    EXPECT_GT(corpus("broadcast").size(), 0U) << "the seed corpus should be there";
    EXPECT_EQ(failures(sim::make_chat_server), 0);
    EXPECT_EQ(failures(&make_sound_chat), 0) << "so it is their defects that fail the others";
}

TEST(BroadcastHarness, FailsBrokenServersOnItsCorpus) {
    EXPECT_GT(failures(&make_removes_the_neighbour), 0);
    EXPECT_GT(failures(&make_has_room_for_three), 0);
    EXPECT_GT(failures(&make_waits_for_slow_readers), 0);
    EXPECT_GT(failures(&make_lets_two_write_at_once), 0);
    EXPECT_GT(failures(&make_relays_chunks), 0);
    EXPECT_GT(failures(&make_sends_to_reused_handles), 0);
    EXPECT_GT(failures(&make_keeps_everything_for_everybody), 0);
    EXPECT_GT(failures(&make_answers_the_sender_first), 0);
    EXPECT_GT(failures(&make_forgets_the_unfinished_line), 0);
    EXPECT_GT(failures(&make_sets_long_lines_aside), 0);
    EXPECT_GT(failures(&make_stops_at_once), 0);
    EXPECT_GT(failures(&make_lets_one_flood), 0);
    EXPECT_GT(failures(&make_takes_listeners_for_idle), 0);
}

TEST(FramingHarness, PassesTheRealFramerOnItsCorpus) {
    EXPECT_GT(corpus("framing").size(), 0U) << "the seed corpus should be there";
    EXPECT_EQ(framing_failures<chat::LineFramer>(), 0);
    EXPECT_EQ(framing_failures<SoundFramer>(), 0) << "so it is their defects that fail the others";
}

TEST(FramingHarness, FailsBrokenFramersOnItsCorpus) {
    EXPECT_GT(framing_failures<DropsAnEmptyLineAtABorder>(), 0);
    EXPECT_GT(framing_failures<RelaysChunks>(), 0);
    EXPECT_GT(framing_failures<ForgetsTheHead>(), 0);
    EXPECT_GT(framing_failures<MeasuresWholeLinesAlone>(), 0);
    EXPECT_GT(framing_failures<RefusesTheLimitItself>(), 0);
    EXPECT_GT(framing_failures<ThrowsTheGoodOnesAwayToo>(), 0);
}

TEST(RespHarness, PassesTheRealReaderOnItsCorpus) {
    EXPECT_GT(corpus("resp").size(), 0U) << "the seed corpus should be there";
    EXPECT_EQ(resp_failures<relay::ReplyReader>(), 0);
    EXPECT_EQ(resp_failures<SoundReplyReader>(), 0)
        << "so it is their defects that fail the others";
}

TEST(RespHarness, FailsBrokenReadersOnItsCorpus) {
    EXPECT_GT(resp_failures<DropsAReturnAtABorder>(), 0);
    EXPECT_GT(resp_failures<TakesAReturnForAnEnd>(), 0);
    EXPECT_GT(resp_failures<HasNoLimits>(), 0);
    EXPECT_GT(resp_failures<GoesOnAfterARefusal>(), 0);
}

}  // namespace
}  // namespace drydock::zoo

// What a recorded run holds: events with their bytes, within limits, and what follows from them.
#include <array>

#include <drydock/io.hpp>

#include "sim/picture/encoding.hpp"
#include "tests/picture/pictures.hpp"

namespace drydock::test {
namespace {

using sim::RunEventKind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// The client sends this text in two sends; the server receives it in pieces of 3 bytes.
FunctionScenario::Body talk(std::string first, std::string second) {
    return [=](sim::World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        world.identify(*pair.client, "client", 7);
        co_await send_all(*pair.client, std::string_view(first));
        co_await send_all(*pair.client, std::string_view(second));
        for (std::size_t left = first.size() + second.size(); left > 0;) {
            std::array<std::byte, 3> part;
            const Result result = co_await receive(*pair.server, part);
            left -= result.bytes;
        }
    };
}

std::string data_of(const sim::RecordedRun& run, RunEventKind kind, bool accepted) {
    std::string data;
    for (const std::size_t id : ids_of(run, kind)) {
        const sim::RecordedEvent& event = run.event(id);
        const bool is_data =
            kind != RunEventKind::completed || event.operation == OperationKind::receive;
        if (is_data && event.accepted == accepted) data += event.data;
    }
    return data;
}

TEST(Recording, has_the_bytes_that_were_sent_arrived_and_were_received) {
    const std::string text = std::string("a\0</script>\xff\xfe", 13);
    const sim::Picture picture = picture_of(talk(text, "more"));
    ASSERT_TRUE(picture.report.passed) << picture.report.sentence;
    EXPECT_EQ(data_of(picture.run, RunEventKind::bytes_sent, false), text + "more");
    EXPECT_EQ(data_of(picture.run, RunEventKind::bytes_arrived, true), text + "more");
    EXPECT_EQ(data_of(picture.run, RunEventKind::completed, true), text + "more");
}

TEST(Recording, has_the_bytes_of_receives_into_provided_buffers) {
    const sim::Picture picture = picture_of_seed(*sim::find_scenario("echo"), 7);
    std::uint64_t bytes = 0;
    for (const sim::RecordedEvent& event : picture.run.events) {
        if (event.kind != RunEventKind::completed) continue;
        if (event.operation == OperationKind::receive && event.size > 0) bytes += event.bytes;
        EXPECT_TRUE(event.operation != OperationKind::receive || event.size == 0 ||
                    event.data.size() == event.bytes);
    }
    EXPECT_GT(bytes, 0U);
}

TEST(Recording, cuts_bytes_and_events_beyond_its_limits_and_counts_them) {
    sim::RecordingLimits limits;
    limits.data_of_event = 4;
    limits.data_of_run = 10;
    const sim::Picture picture = picture_of(talk("abcdefgh", "ij"), limits);
    const std::vector<std::size_t> sent = ids_of(picture.run, RunEventKind::bytes_sent);
    ASSERT_THAT(sent, SizeIs(2));
    EXPECT_EQ(picture.run.event(sent[0]).data, "abcd");
    EXPECT_EQ(picture.run.event(sent[0]).data_size, 8U);
    std::size_t kept = 0;
    for (const sim::RecordedEvent& event : picture.run.events) kept += event.data.size();
    EXPECT_EQ(kept, 10U);
    const Json json = sim::json_of(picture);
    EXPECT_EQ(json["left_out"]["payload"], 3U * 10U - 10U);

    limits = {};
    limits.events = 5;
    const sim::Picture few = picture_of(talk("abcdefgh", "ij"), limits);
    EXPECT_THAT(few.run.events, SizeIs(5));
    EXPECT_EQ(few.run.left_out, picture.run.events.size() - 5);
}

TEST(Recording, keeps_the_verdict_of_a_run_that_is_too_long) {
    sim::RecordingLimits limits;
    limits.events = 5;
    const auto fail = [](sim::World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        world.fail("wrong", "all is wrong");
    };
    const sim::Picture picture = picture_of(fail, limits);
    ASSERT_THAT(picture.run.events, SizeIs(6));
    EXPECT_EQ(picture.run.events.back().kind, RunEventKind::verdict);
    EXPECT_EQ(picture.run.events.back().text, "all is wrong");
}

TEST(Recording, gives_a_run_that_ended_its_process_the_verdict_of_its_report) {
    sim::Picture picture = picture_of(talk("abc", "d"));
    picture.report.passed = false;
    picture.report.property = "crash";
    picture.report.sentence = "it has crashed";
    sim::complete(picture.run, picture.report);
    sim::complete(picture.run, picture.report);  // once is enough
    ASSERT_THAT(ids_of(picture.run, RunEventKind::verdict), ElementsAre(picture.run.events.size()));
    EXPECT_EQ(picture.run.events.back().name, "crash");
}

TEST(Findings, join_the_bytes_of_a_send_with_the_receives_that_got_them) {
    const sim::Picture picture = picture_of(talk("abcd", "ef"));
    const sim::Findings found = sim::find_in(picture.run);
    const std::vector<std::size_t> sent = ids_of(picture.run, RunEventKind::bytes_sent);
    ASSERT_THAT(sent, SizeIs(2));
    std::vector<std::string> arrows;
    std::vector<std::size_t> receives;
    for (const sim::Transfer& each : found.transfers) {
        arrows.push_back(std::to_string(each.first) + "-" + std::to_string(each.last));
        EXPECT_EQ(each.sent, each.first < 4 ? sent[0] : sent[1]);
        EXPECT_LT(each.sent, each.arrived);
        EXPECT_LT(each.arrived, each.received);
        EXPECT_FALSE(each.from_accepted);
        receives.push_back(each.received);
    }
    // Two sends, of 4 and of 2 bytes; two receives, of 3 bytes each.
    EXPECT_THAT(arrows, ElementsAre("0-3", "3-4", "4-6"));
    EXPECT_EQ(receives[1], receives[2]);
    EXPECT_NE(receives[0], receives[1]);
}

TEST(Findings, know_whose_connections_are_and_when_operations_and_tasks_have_ended) {
    const sim::Picture picture = picture_of_seed(*sim::find_scenario("echo"), 4);
    const sim::Findings found = sim::find_in(picture.run);
    EXPECT_THAT(found.clients, SizeIs(3));
    EXPECT_THAT(found.connections, SizeIs(3));
    EXPECT_EQ(found.operations.size(), picture.report.completions);
    for (const sim::Bar& bar : found.operations) EXPECT_LT(bar.started, bar.completed);
    EXPECT_THAT(found.tasks, testing::Not(IsEmpty()));
    for (const sim::TaskLane& task : found.tasks) EXPECT_LT(task.joined, task.left);
}

TEST(Encoding, of_bytes_is_that_of_rfc_4648) {
    EXPECT_EQ(sim::base64(""), "");
    EXPECT_EQ(sim::base64("f"), "Zg==");
    EXPECT_EQ(sim::base64("fo"), "Zm8=");
    EXPECT_EQ(sim::base64("foo"), "Zm9v");
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    EXPECT_EQ(from_base64(sim::base64(all)), all);
}

TEST(Encoding, escapes_what_a_terminal_would_not_show) {
    EXPECT_EQ(sim::for_terminal("a\x01 \xdd\xc3\xa9\x7f\n"), "a\\x01 \\xDD\xc3\xa9\\x7F\\x0A");
    EXPECT_EQ(sim::for_terminal(""), "");
}

TEST(Encoding, takes_valid_utf_8_alone_as_it_is) {
    for (const char* valid : {"", "plain", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"}) {
        EXPECT_EQ(sim::as_utf8(valid), valid);
    }
    // Overlong, a surrogate, beyond U+10FFFF, cut, a lone continuation.
    for (const char* wrong : {"\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
        EXPECT_FALSE(sim::is_utf8(wrong));
        EXPECT_TRUE(sim::is_utf8(sim::as_utf8(wrong)));
    }
    EXPECT_EQ(sim::as_utf8("a\xff"
                           "b"),
              "a\xef\xbf\xbd"
              "b");
}

}  // namespace
}  // namespace drydock::test

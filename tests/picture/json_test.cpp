// The JSON of runs: its keys, what of it is exact, and the schema that describes it.
#include <drydock/sim/farm.hpp>

#include "sim/picture/comparison.hpp"
#include "sim/picture/encoding.hpp"
#include "tests/picture/pictures.hpp"
#include "tests/support/run_schema.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::vector<std::string> keys_of(const Json& object) {
    std::vector<std::string> keys;
    for (const auto& [key, value] : object.items()) keys.push_back(key);
    return keys;
}

/// The shortest of the first runs of the specimen that fail, as the validator takes its time; of a
/// rare specimen, the first.
sim::Picture short_failing_picture(const zoo::Specimen& specimen) {
    int left = specimen.is_rare() ? 1 : 3;
    std::uint64_t best = 0;
    std::uint64_t least = ~std::uint64_t{0};
    const std::uint64_t end = specimen.from + specimen.budget;
    for (std::uint64_t seed = specimen.from; seed < end && left > 0; ++seed) {
        const sim::Report report = sim::run(specimen.scenario, seed);
        if (report.passed) continue;
        --left;
        if (report.completions >= least) continue;
        least = report.completions;
        best = seed;
    }
    EXPECT_NE(best, 0U) << specimen.scenario.name << " passes";
    return picture_of_seed(specimen.scenario, best);
}

/// The first run of the specimen that fails.
sim::Picture failing_picture(const zoo::Specimen& specimen) {
    const std::uint64_t end = specimen.from + specimen.budget;
    for (std::uint64_t seed = specimen.from; seed < end; ++seed) {
        if (sim::run(specimen.scenario, seed).passed) continue;
        return picture_of_seed(specimen.scenario, seed);
    }
    ADD_FAILURE() << specimen.scenario.name << " passes";
    return picture_of_seed(specimen.scenario, 1);
}

/// The run with the first events of each shape alone, as the validator takes its time. A shape is a
/// list of keys.
Json with_few_events(Json json) {
    constexpr int most_of_a_shape = 5;
    std::map<std::string, int> seen;
    Json events = Json::array();
    for (const Json& event : json["events"]) {
        std::string shape = event["kind"];
        for (const std::string& key : keys_of(event)) shape += " " + key;
        if (++seen[shape] <= most_of_a_shape) events.push_back(event);
    }
    json["events"] = events;
    return json;
}

TEST(RunJson, begins_with_format_scenario_verdict_and_events) {
    const sim::Picture picture = failing_picture(*zoo::find_specimen("zoo/ignores-short-sends"));
    const std::string text = sim::text_of(sim::json_of(picture));
    EXPECT_THAT(text, StartsWith(R"({"format":"drydock-run","version":1,"scenario":)"
                                 R"("zoo/ignores-short-sends","verdict":{"passed":false,)"
                                 R"("property":"short-send-ignored","sentence":"a send was)"));
    EXPECT_THAT(text, HasSubstr(R"("events":[{"id":1,"time_ns":0,"kind":")"));
    const Json json = Json::parse(text);
    std::vector<std::string> keys = keys_of(json);
    keys.resize(5);
    EXPECT_THAT(keys, ElementsAre("format", "version", "scenario", "verdict", "events"));
}

TEST(RunJson, of_each_specimen_matches_the_schema) {
    if (!can_check_schemas) GTEST_SKIP() << "valijson is missing";
    for (const zoo::Specimen& specimen : zoo::specimens()) {
        SCOPED_TRACE(specimen.scenario.name);
        const Json json = sim::json_of(short_failing_picture(specimen));
        EXPECT_EQ(json["verdict"]["passed"], false);
        EXPECT_EQ(objection_of_schema(with_few_events(json)), "");
    }
}

TEST(RunJson, of_echo_and_chat_matches_the_schema) {
    if (!can_check_schemas) GTEST_SKIP() << "valijson is missing";
    for (const char* scenario : {"echo", "chat"}) {
        for (std::uint64_t seed = 1; seed <= 5; ++seed) {
            const sim::Picture picture = picture_of_seed(*sim::find_scenario(scenario), seed);
            const Json json = with_few_events(sim::json_of(picture));
            EXPECT_EQ(objection_of_schema(json), "") << scenario << " " << seed;
        }
    }
}

TEST(RunJson, with_all_that_it_may_have_matches_the_schema) {
    if (!can_check_schemas) GTEST_SKIP() << "valijson is missing";
    sim::Picture picture = picture_of_seed(*sim::find_scenario("echo"), 4);
    picture.seed = 4;
    picture.file = "a.schedule";
    picture.again = "drydock-sim run echo --seed 4";
    picture.sources = {{"a.cpp", 3, {"int a;", "bad \xff"}}};
    picture.inevitability = {{0, 1, 64}, {5, 60, 64}};
    picture.inevitability_sentence = "at choice 5";
    const Json json = sim::json_of(picture);
    EXPECT_EQ(objection_of_schema(json), "");
    EXPECT_EQ(json["inevitability"][1]["share"], 60.0 / 64);
    EXPECT_EQ(objection_of_schema(sim::comparison_of(picture, picture)), "");
    const sim::Picture other = picture_of_seed(*sim::find_scenario("echo"), 5);
    EXPECT_EQ(objection_of_schema(sim::comparison_of(picture, other)), "");
}

TEST(RunSchema, refuses_what_is_not_a_run) {
    if (!can_check_schemas) GTEST_SKIP() << "valijson is missing";
    const Json good = sim::json_of(picture_of_seed(*sim::find_scenario("echo"), 1));
    ASSERT_EQ(objection_of_schema(good), "");
    Json wrong = good;
    wrong["version"] = 2;
    EXPECT_NE(objection_of_schema(wrong), "");
    wrong = good;
    wrong["events"][0]["kind"] = "exploded";
    EXPECT_NE(objection_of_schema(wrong), "");
    wrong = good;
    wrong["events"][3]["surplus"] = 1;
    EXPECT_NE(objection_of_schema(wrong), "");
    wrong = good;
    wrong.erase("digest");
    EXPECT_NE(objection_of_schema(wrong), "");
}

TEST(RunJson, has_as_many_completions_choices_and_faults_as_the_report) {
    const sim::Picture picture = picture_of_seed(*sim::find_scenario("echo"), 7);
    const Json json = sim::json_of(picture);
    std::map<std::string, std::uint64_t> count;
    std::uint64_t not_benign = 0;
    for (const Json& event : json["events"]) {
        ++count[event["kind"]];
        if (event["kind"] != "choice") continue;
        EXPECT_EQ(event["choice"], count["choice"]);
        not_benign += event["value"] == 0 ? 0U : 1U;
    }
    EXPECT_EQ(count["completed"], picture.report.completions);
    EXPECT_EQ(count["started"], picture.report.completions);
    EXPECT_EQ(count["choice"], picture.report.choices);
    EXPECT_EQ(json["choices_not_benign"], not_benign);
    EXPECT_EQ(json["faults"]["active"],
              Json::array({"short_send", "whole_send", "network_reset", "reset_discards"}));
    for (const sim::ProbeHits& hits : picture.report.probes) {
        if (!hits.name.starts_with("fault.")) continue;
        EXPECT_EQ(json["faults"]["struck"][std::string(hits.name.substr(6))], hits.hits);
    }
}

TEST(RunJson, has_the_schedule_that_repeats_the_run) {
    const sim::Picture picture = failing_picture(*zoo::find_specimen("zoo/trusts-a-cancel"));
    const Json json = sim::json_of(picture);
    const sim::Replayed again = sim::replay(*picture.scenario, json["schedule"].get<std::string>());
    EXPECT_EQ(again.property, picture.report.property);
    EXPECT_EQ(again.digest, picture.report.digest);
}

TEST(RunJson, keeps_bytes_and_replaces_what_is_not_utf_8_in_texts) {
    const std::string bytes = std::string("</script>\0\xff\xfe<!--", 16);
    const auto body = [=](sim::World& world) -> Task<void> {
        Pair pair = co_await make_pair(world);
        co_await send_all(*pair.client, std::string_view(bytes));
        world.fail("odd", "it has sent " + bytes);
    };
    const Json json = sim::json_of(picture_of(body));
    EXPECT_EQ(json["verdict"]["sentence"], "it has sent " + sim::as_utf8(bytes));
    std::string sent;
    for (const Json& event : json["events"]) {
        if (event["kind"] == "bytes_sent") sent += from_base64(event["payload"]);
    }
    EXPECT_EQ(sent, bytes);
    EXPECT_EQ(Json::parse(sim::text_of(json)), json);
}

TEST(RunJson, of_lines_that_a_program_printed_has_their_bytes) {
    sim::Picture picture = picture_of_seed(*sim::find_scenario("echo"), 1);
    sim::RecordedEvent line;
    line.kind = sim::RunEventKind::printed;
    line.name = "stdout";
    line.text = "bad \xff";
    line.text_size = 9;
    picture.run.events.push_back(line);
    const Json json = sim::json_of(picture);
    const Json& event = json["events"].back();
    EXPECT_EQ(event["text"], "bad \xef\xbf\xbd");
    EXPECT_EQ(from_base64(event["text_base64"]), "bad \xff");
    EXPECT_EQ(event["text_left_out"], 4);
}

// --- the events of a verdict --------------------------------------------------------------------

/// "completed send ok 16", of the events that the verdict is about, without the verdict itself.
std::vector<std::string> verdict_events(std::string_view specimen) {
    const Json json = sim::json_of(failing_picture(*zoo::find_specimen(specimen)));
    std::vector<std::string> events;
    for (const Json& id : json["verdict"]["events"]) {
        const Json& event = json["events"][id.get<std::size_t>() - 1];
        std::string text = event["kind"];
        if (text == "verdict") continue;
        text += event.contains("operation") ? " " + event["operation"].get<std::string>() : "";
        if (event.contains("place")) {
            const Json& place = json["places"][event["place"].get<std::size_t>()];
            const auto file = place["file"].get<std::string>();
            text += " " + file.substr(file.rfind('/') + 1);
        }
        events.push_back(text);
    }
    return events;
}

TEST(VerdictEvents, of_a_rule_are_the_operations_that_it_names) {
    EXPECT_THAT(verdict_events("zoo/ignores-short-sends"),
                testing::IsSupersetOf({"started send ignores_short_sends.cpp",
                                       "completed send ignores_short_sends.cpp",
                                       "started send ignores_short_sends.cpp"}));
    // The first of two, which is in flight, and the second.
    EXPECT_THAT(verdict_events("zoo/lets-two-write-at-once"),
                testing::IsSupersetOf({"started send lets_two_write_at_once.cpp",
                                       "started send lets_two_write_at_once.cpp"}));
    EXPECT_THAT(verdict_events("zoo/closes-when-time-is-up"),
                testing::Contains("started send sound_echo.cpp"));
    EXPECT_THAT(verdict_events("zoo/wipes-buffers-too-soon"),
                testing::IsSupersetOf({"started receive wipes_buffers_too_soon.cpp",
                                       "completed receive wipes_buffers_too_soon.cpp"}));
}

TEST(VerdictEvents, of_a_property_have_the_delivery_in_whose_step_it_broke) {
    EXPECT_THAT(verdict_events("zoo/keeps-the-last-length"),
                testing::Contains("completed receive peers.cpp"));
    EXPECT_THAT(verdict_events("zoo/relays-chunks"),
                testing::Contains("completed receive peers.cpp"));
}

TEST(VerdictEvents, of_a_stuck_run_are_what_it_waits_for) {
    EXPECT_THAT(verdict_events("zoo/leaks-what-has-failed"),
                testing::Contains("started receive peers.cpp"));
}

TEST(VerdictEvents, of_every_specimen_are_more_than_the_verdict) {
    for (const zoo::Specimen& specimen : zoo::specimens()) {
        EXPECT_THAT(verdict_events(specimen.scenario.name), Not(IsEmpty()))
            << specimen.scenario.name;
    }
}

TEST(VerdictEvents, of_a_run_that_passed_are_none) {
    const Json json = sim::json_of(picture_of_seed(*sim::find_scenario("echo"), 1));
    EXPECT_EQ(json["verdict"]["passed"], true);
    EXPECT_EQ(json["verdict"]["events"], Json::array());
}

}  // namespace
}  // namespace drydock::test

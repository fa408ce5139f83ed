// Pages, trace events, sequence diagrams and comparisons.
#include <regex>
#include <set>

#include "sim/picture/bundle.hpp"
#include "sim/picture/comparison.hpp"
#include "sim/picture/mermaid.hpp"
#include "sim/picture/page.hpp"
#include "sim/picture/perfetto.hpp"
#include "tests/picture/pictures.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

sim::Picture failing(std::string_view specimen) {
    const zoo::Specimen& found = *zoo::find_specimen(specimen);
    for (std::uint64_t seed = 1;; ++seed) {
        sim::Picture picture = picture_of_seed(found.scenario, seed);
        if (!picture.report.passed) return picture;
    }
}

FunctionScenario::Body sends(std::string bytes) {
    return [=](sim::World& world) -> Task<void> {
        test::Pair pair = co_await make_pair(world);
        world.identify(*pair.client, "client", 1);
        co_await send_all(*pair.client, std::string_view(bytes));
        world.fail("odd", "client 1 has sent " + bytes);
    };
}

// --- the page -----------------------------------------------------------------------------------

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
        ++count;
    }
    return count;
}

std::string between(const std::string& text, const std::string& from, const std::string& to) {
    const std::size_t begin = text.find(from) + from.size();
    return text.substr(begin, text.find(to, begin) - begin);
}

TEST(Page, has_the_run_as_json_and_scenario_property_and_sentence_as_text) {
    const Json json = sim::json_of(failing("zoo/ignores-short-sends"));
    const std::string page = sim::page_of(json);
    const std::string part =
        between(page, "<script type=\"application/json\" id=\"drydock-run\">", "</script>");
    EXPECT_EQ(Json::parse(part), json);
    const std::string text = between(page, "<header", "</header>");
    EXPECT_THAT(text, HasSubstr("zoo/ignores-short-sends"));
    EXPECT_THAT(text, HasSubstr(">short-send-ignored<"));
    EXPECT_THAT(text, HasSubstr(json["verdict"]["sentence"].get<std::string>()));
    EXPECT_THAT(page, HasSubstr("<noscript>"));
}

TEST(Page, is_not_ended_by_what_the_run_has_sent) {
    const std::string bytes("</script><script>alert(1)</script><!--\0\xff&\"'", 44);
    const std::string page = sim::page_of(sim::json_of(picture_of(sends(bytes))));
    EXPECT_EQ(count_of(page, "<script"), 2U);
    EXPECT_EQ(count_of(page, "</script>"), 2U);
    EXPECT_EQ(count_of(page, "<!--"), 0U);
    EXPECT_EQ(count_of(page, std::string(1, '\0')), 0U);
    EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)"));
}

TEST(Page, allows_its_own_script_and_style_and_nothing_else) {
    const std::string page = sim::page_of(sim::json_of(picture_of(sends("a"))));
    const std::string policy = between(page, "Content-Security-Policy\" content=\"", "\"");
    EXPECT_THAT(policy, StartsWith("default-src 'none'; script-src 'sha256-"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_THAT(policy, Not(HasSubstr("http")));
    EXPECT_THAT(page, HasSubstr(">" + std::string(sim::viewer_script().text) + "</script>"));
    EXPECT_THAT(page, HasSubstr("<style>" + std::string(sim::viewer_style().text) + "</style>"));
    EXPECT_FALSE(std::regex_search(page, std::regex("<(link|img|iframe)|\\bsrc=|\\bhref=\"http")));
}

TEST(Page, has_a_viewer_that_cannot_end_its_element) {
    EXPECT_THAT(std::string(sim::viewer_script().text), Not(HasSubstr("</script")));
    EXPECT_THAT(std::string(sim::viewer_style().text), Not(HasSubstr("</style")));
    EXPECT_THAT(sim::viewer_script().sha256, SizeIs(64));
}

// --- Perfetto -----------------------------------------------------------------------------------

/// What the Trace Event Format demands of an event of this phase.
void expect_well_formed(const Json& event) {
    SCOPED_TRACE(event.dump());
    ASSERT_TRUE(event["name"].is_string());
    ASSERT_TRUE(event["pid"].is_number_integer());
    ASSERT_TRUE(event["tid"].is_number_integer());
    const auto phase = event["ph"].get<std::string>();
    ASSERT_THAT(phase, testing::AnyOf("M", "X", "b", "e", "s", "f", "i"));
    if (phase == "M") {
        EXPECT_THAT(event["name"], testing::AnyOf("process_name", "thread_name"));
        EXPECT_TRUE(event["args"]["name"].is_string());
        return;
    }
    ASSERT_TRUE(event["ts"].is_number());
    EXPECT_GE(event["ts"].get<double>(), 0);
    ASSERT_TRUE(event["cat"].is_string());
    EXPECT_TRUE(phase != "X" || event["dur"].get<double>() >= 0);
    if (phase == "b" || phase == "e" || phase == "s" || phase == "f") {
        EXPECT_TRUE(event.contains("id"));
    }
    if (phase != "i") return;
    EXPECT_THAT(event["s"], testing::AnyOf("g", "p", "t"));
}

struct Slice {
    double from;
    double to;
};

TEST(TraceEvents, are_well_formed_and_their_slices_do_not_overlap_on_a_thread) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const Json trace = sim::perfetto_of(picture_of_seed(*sim::find_scenario("echo"), seed));
        std::map<std::pair<int, int>, std::vector<Slice>> slices;
        std::set<std::pair<int, int>> named;
        for (const Json& event : trace["traceEvents"]) {
            expect_well_formed(event);
            const std::pair<int, int> thread(event["pid"], event["tid"]);
            if (event["name"] == "thread_name") named.insert(thread);
            if (event["ph"] != "X") continue;
            const double from = event["ts"];
            slices[thread].push_back({from, from + event["dur"].get<double>()});
        }
        for (auto& [thread, of_thread] : slices) {
            EXPECT_TRUE(named.contains(thread));
            for (std::size_t i = 1; i < of_thread.size(); ++i) {
                EXPECT_GE(of_thread[i].from + 1e-6, of_thread[i - 1].to) << seed;
            }
        }
    }
}

TEST(TraceEvents, bind_each_arrow_to_the_slices_of_a_send_and_of_a_receive) {
    const Json trace = sim::perfetto_of(picture_of_seed(*sim::find_scenario("echo"), 7));
    std::map<std::pair<int, int>, std::vector<Slice>> slices;
    for (const Json& event : trace["traceEvents"]) {
        if (event["ph"] != "X") continue;
        const double from = event["ts"];
        slices[{event["pid"], event["tid"]}].push_back({from, from + event["dur"].get<double>()});
    }
    std::map<int, double> begun;
    int arrows = 0;
    for (const Json& event : trace["traceEvents"]) {
        if (event["ph"] != "s" && event["ph"] != "f") continue;
        const double at = event["ts"];
        bool inside = false;
        for (const Slice& slice : slices[{event["pid"], event["tid"]}]) {
            inside = inside || (slice.from <= at + 1e-6 && at <= slice.to + 1e-6);
        }
        EXPECT_TRUE(inside) << event;
        if (event["ph"] == "s") {
            EXPECT_TRUE(begun.emplace(event["id"], at).second);
            continue;
        }
        EXPECT_EQ(event["bp"], "e");
        ASSERT_TRUE(begun.contains(event["id"]));
        EXPECT_LE(begun[event["id"]], at);
        ++arrows;
    }
    EXPECT_GT(arrows, 10);
}

TEST(TraceEvents, have_the_virtual_time_and_name_operations_and_the_verdict) {
    const sim::Picture picture = failing("zoo/ignores-short-sends");
    const Json trace = sim::perfetto_of(picture);
    std::size_t slices = 0;
    std::vector<std::string> verdicts;
    for (const Json& event : trace["traceEvents"]) {
        if (event["ph"] == "X" || event["ph"] == "b") {
            ++slices;
            const sim::RecordedEvent& start = picture.run.event(event["args"]["event"]);
            EXPECT_EQ(event["args"]["time_ns"], start.at.time_since_epoch().count());
            EXPECT_EQ(event["name"], name(start.operation));
            // Later than its virtual time by a nanosecond for each event before it, at most.
            const double late =
                event["ts"].get<double>() * 1000 - event["args"]["time_ns"].get<double>();
            EXPECT_GE(late, -1);
            EXPECT_LE(late, static_cast<double>(picture.run.events.size()));
        }
        if (event["ph"] == "i" && event["s"] == "g") verdicts.push_back(event["name"]);
    }
    EXPECT_EQ(slices, ids_of(picture.run, sim::RunEventKind::started).size());
    EXPECT_THAT(verdicts, ElementsAre("short-send-ignored"));
    EXPECT_EQ(trace["otherData"]["property"], "short-send-ignored");
}

// --- Mermaid ------------------------------------------------------------------------------------

TEST(SequenceDiagram, shows_messages_and_the_verdict_with_signs_escaped) {
    const std::optional<std::string> text = sim::mermaid_of(picture_of(sends("a;b#c<script>")));
    ASSERT_TRUE(text);
    EXPECT_EQ(*text,
              "sequenceDiagram\n"
              "    participant c1 as client 1, connection 1\n"
              "    participant server\n"
              "    c1->>server: connects\n"
              "    Note over server: accepts connection 1\n"
              "    c1->>server: 13 bytes: a#59;b#35;c#60;script#62;\n"
              "    Note over server: fails odd: client 1 has sent a#59;b#35;c#60;script#62;\n");
}

TEST(SequenceDiagram, of_a_long_run_is_refused) {
    EXPECT_FALSE(sim::mermaid_of(picture_of_seed(*sim::find_scenario("echo"), 111)));
}

// --- two runs -----------------------------------------------------------------------------------

TEST(Comparison, of_a_run_with_itself_finds_no_difference) {
    const sim::Picture picture = failing("zoo/ignores-short-sends");
    const sim::Comparison same = sim::compare(picture.run, picture.run);
    EXPECT_FALSE(same.difference);
    EXPECT_THAT(same.aligned, SizeIs(picture.run.events.size()));
    EXPECT_THAT(same.moved, IsEmpty());
}

TEST(Comparison, names_the_first_choice_that_differs) {
    const sim::Picture first = picture_of_seed(*sim::find_scenario("echo"), 7);
    std::vector<sim::Choice> changed = first.report.schedule;
    std::size_t place = changed.size() / 2;
    while (changed[place].value == 0) ++place;
    changed[place].value = 0;
    const sim::Picture second = picture_of(*sim::find_scenario("echo"), changed);
    const sim::Comparison found = sim::compare(first.run, second.run);
    ASSERT_TRUE(found.difference);
    ASSERT_TRUE(found.difference->choice);
    EXPECT_EQ(found.difference->choice->index, place + 1);
    EXPECT_EQ(found.difference->choice->second, 0U);
    const sim::RecordedEvent& event = first.run.event(found.difference->first);
    EXPECT_EQ(event.kind, sim::RunEventKind::choice);
    EXPECT_EQ(event.index, place + 1);
    EXPECT_EQ(found.difference->first, found.difference->second);
    EXPECT_THAT(found.difference->sentence,
                HasSubstr("choice " + std::to_string(place + 1) + ", '" + event.label + "', is "));
    for (std::size_t i = 1; i < found.aligned.size(); ++i) {
        EXPECT_LT(found.aligned[i - 1].first, found.aligned[i].first);
        EXPECT_LT(found.aligned[i - 1].second, found.aligned[i].second);
    }
    ASSERT_GE(found.aligned.size(), found.difference->first - 1);
    for (std::size_t i = 0; i + 1 < found.difference->first; ++i) {
        EXPECT_THAT(found.aligned[i], testing::Pair(i + 1, i + 1));
    }
}

TEST(Comparison, takes_events_that_changed_places_as_moved) {
    sim::RecordedRun first;
    for (const char* name : {"a", "b", "c"}) {
        sim::RecordedEvent event;
        event.kind = sim::RunEventKind::probe;
        event.name = name;
        first.events.push_back(event);
    }
    sim::RecordedRun second = first;
    std::swap(second.events[0], second.events[2]);
    std::swap(second.events[1], second.events[2]);  // c, a, b
    const sim::Comparison found = sim::compare(first, second);
    EXPECT_THAT(found.aligned, ElementsAre(testing::Pair(1, 2), testing::Pair(2, 3)));
    EXPECT_THAT(found.moved, ElementsAre(testing::Pair(3, 1)));
}

}  // namespace
}  // namespace drydock::test

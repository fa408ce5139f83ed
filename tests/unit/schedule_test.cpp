// Schedule files: what is written can be read, and what is damaged is refused with a sentence.
#include <drydock/sim/schedule.hpp>

#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drydock::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

constexpr FaultSet reorder = FaultSet().with(Fault::reorder);

RunSetup example_setup() {
    RunSetup setup;
    setup.scenario = "echo";
    setup.settings = {{"clients", 2}, {"bytes", 18446744073709551615U}};
    setup.options.faults = reorder.with(Fault::short_send);
    setup.options.always = reorder;
    setup.options.calm_after = 1234;
    return setup;
}

/// Spans that are inside each other, side by side, at both ends, and of nothing.
Report example_report() {
    Report report;
    report.property = "echo-complete";
    report.sentence = "client 1 got 3 bytes,\nnot 4\r";
    report.options = "buffer=64 clients: waits(3/1)";
    report.schedule = {{3, 8, "swarm: density"},
                       {0, 2, "client: another"},
                       {4294967294, 4294967295, "big one"},
                       {1, 2, ""},
                       {0, 3, "last"}};
    report.spans = {{"run", 0, 5},     {"client", 1, 4}, {"fault", 1, 2},
                    {"nothing", 2, 2}, {"client", 2, 4}, {"at the end", 5, 5}};
    return report;
}

const std::string example =
    "drydock-schedule 2\n"
    "scenario echo\n"
    "set clients 2\n"
    "set bytes 18446744073709551615\n"
    "faults short_send reorder\n"
    "always reorder\n"
    "calm-after 1234\n"
    "property echo-complete\n"
    "sentence client 1 got 3 bytes, not 4 \n"
    "options buffer=64 clients: waits(3/1)\n"
    "begin run\n"
    "choice 3 8 swarm: density\n"
    "begin client\n"
    "begin fault\n"
    "choice 0 2 client: another\n"
    "end fault\n"
    "begin client\n"
    "choice 4294967294 4294967295 big one\n"
    "choice 1 2 \n"
    "end client\n"
    "end client\n"
    "choice 0 3 last\n"
    "end run\n"
    "end\n";

/// A whole file with these lines from its third one on.
std::string file_with(const std::string& lines, int version = 2) {
    return "drydock-schedule " + std::to_string(version) + "\nscenario echo\n" + lines + "end\n";
}

std::string complaint_of(const std::string& text) { return parse_schedule(text).complaint; }

bool is_plain(char c) { return c >= ' ' && c <= '~'; }

/// One short sentence that can be shown on any terminal.
void expect_sentence(const std::string& text, const std::string& what) {
    const std::string complaint = complaint_of(text);
    EXPECT_FALSE(complaint.empty()) << what << " should be refused";
    EXPECT_LT(complaint.size(), 100U) << what << ": " << complaint;
    EXPECT_TRUE(std::all_of(complaint.begin(), complaint.end(), is_plain)) << what;
}

testing::AssertionResult same(const Choice& a, const Choice& b) {
    if (a.value == b.value && a.options == b.options && std::string(a.label) == b.label) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure()
           << a.value << " of " << a.options << " for '" << a.label << "' and " << b.value << " of "
           << b.options << " for '" << b.label << "'";
}

testing::AssertionResult same(const ChoiceSpan& a, const ChoiceSpan& b) {
    if (a.first == b.first && a.last == b.last && std::string(a.label) == b.label) {
        return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << a.label << " [" << a.first << ", " << a.last << ") and "
                                       << b.label << " [" << b.first << ", " << b.last << ")";
}

template <typename Some, typename Others>
void expect_same(const Some& some, const Others& others) {
    ASSERT_EQ(some.size(), others.size());
    for (std::size_t i = 0; i < some.size(); ++i) EXPECT_TRUE(same(some[i], others[i])) << i;
}

// --- what is written is read --------------------------------------------------------------------

TEST(Schedule, IsWrittenAsReadableLines) {
    EXPECT_EQ(write_schedule(example_setup(), example_report()), example);
}

TEST(Schedule, SaysNothingOfWhatIsAsUsual) {
    Report report;
    report.passed = true;
    RunSetup setup;
    setup.scenario = "echo";
    setup.options.calm_after = 5;
    EXPECT_EQ(write_schedule(setup, report),
              "drydock-schedule 2\nscenario echo\ncalm-after 5\nend\n");
}

TEST(Schedule, HasTheBoundsAndRulesOfARunThatAreNotTheUsualOnes) {
    RunSetup setup;
    setup.scenario = "echo";
    setup.options.calm_after_time = Duration(1500);
    setup.options.calm_bound = 99;
    setup.options.most_resets = 1;
    setup.options.prompt_clients = true;
    Report report;
    report.passed = true;
    const std::string text = write_schedule(setup, report);
    EXPECT_EQ(text,
              "drydock-schedule 2\nscenario echo\ncalm-after 1500\ncalm-after-time 1500\n"
              "calm-bound 99\nmost-resets 1\nprompt-clients\nend\n");
    const ParsedSchedule parsed = parse_schedule(text);
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    const RunOptions& read = parsed.schedule.setup.options;
    EXPECT_EQ(read.calm_after_time, Duration(1500));
    EXPECT_EQ(read.calm_bound, 99U);
    EXPECT_EQ(read.most_resets, 1U);
    EXPECT_TRUE(read.prompt_clients);
}

TEST(Schedule, TellsNoFaultsFromAllFaults) {
    RunSetup setup = example_setup();
    setup.options.faults = FaultSet();
    const std::string text = write_schedule(setup, example_report());
    EXPECT_THAT(text, HasSubstr("\nfaults none\n"));
    const ParsedSchedule parsed = parse_schedule(text);
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.setup.options.faults, FaultSet());
    EXPECT_EQ(parse_schedule(file_with("")).schedule.setup.options.faults, FaultSet::all());
}

TEST(Schedule, IsReadBackAsItWasWritten) {
    const ParsedSchedule parsed = parse_schedule(example);
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    const Schedule& read = parsed.schedule;
    EXPECT_EQ(read.setup.scenario, "echo");
    EXPECT_THAT(read.setup.settings,
                ElementsAre(Pair("clients", 2U), Pair("bytes", 18446744073709551615U)));
    EXPECT_EQ(read.setup.options.faults, example_setup().options.faults);
    EXPECT_EQ(read.setup.options.always, reorder);
    EXPECT_EQ(read.setup.options.calm_after, 1234U);
    EXPECT_EQ(read.property, "echo-complete");
    EXPECT_EQ(read.sentence, "client 1 got 3 bytes, not 4 ");
    expect_same(read.choices, example_report().schedule);
    std::vector<ChoiceSpan> spans = example_report().spans;
    std::erase_if(spans, [](const ChoiceSpan& span) { return span.first == span.last; });
    expect_same(read.spans, spans);
}

TEST(Schedule, KeepsItsLabelsWhenItIsMoved) {
    ParsedSchedule parsed = parse_schedule(example);
    const Schedule moved = std::move(parsed.schedule);
    parsed = {};
    EXPECT_STREQ(moved.choices[0].label, "swarm: density");
    EXPECT_STREQ(moved.spans[1].label, "client");
}

/// A world that makes choices in spans and reaches its end or not, as it is set.
class SpannedScenario final : public Scenario {
public:
    bool set(std::string_view name, std::uint64_t value) override {
        loops_ = value;
        return name == "loops" && value <= 9;
    }
    Task<void> main(World& world) override {
        for (std::uint64_t i = 0; i < loops_; ++i) {
            const Spanned span(world, "loop");
            sum_ += world.choose(6, "a part") + 1;
        }
        if (sum_ % 3 != 0) world.fail("threes", "the sum is no multiple of three");
        co_return;
    }
    std::string options() const override { return "sum=" + std::to_string(sum_); }

private:
    std::uint64_t loops_ = 1;
    std::uint64_t sum_ = 0;
};

TEST(Schedule, OfARecordedRunGivesThatRunAgain) {
    const ScenarioInfo info{
        .name = "spanned",
        .summary = "",
        .make = []() -> std::unique_ptr<Scenario> { return std::make_unique<SpannedScenario>(); },
        .probes = {},
        .parameters = {},
        .explored_faults = {}};
    RunSetup setup;
    setup.scenario = "spanned";
    setup.settings = {{"loops", 5}};
    setup.options.record = true;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeedChoices choices(seed);
        const Report report = run(info, setup.settings, choices, setup.options);
        const std::string text = write_schedule(setup, report);
        EXPECT_THAT(text, HasSubstr("\nbegin loop\nchoice "));
        const ParsedSchedule parsed = parse_schedule(text);
        ASSERT_TRUE(parsed.ok()) << parsed.complaint << "\n" << text;
        expect_same(parsed.schedule.choices, report.schedule);
        expect_same(parsed.schedule.spans, report.spans);
        EXPECT_EQ(parsed.schedule.property, report.property);
        ReplayChoices replayed{std::span<const Choice>(parsed.schedule.choices)};
        RunOptions options = parsed.schedule.setup.options;
        options.record = true;
        const Report again = run(info, parsed.schedule.setup.settings, replayed, options);
        EXPECT_EQ(again.digest, report.digest);
        EXPECT_FALSE(replayed.divergence());
        EXPECT_EQ(write_schedule(setup, again), text);
    }
}

// --- what else is read --------------------------------------------------------------------------

TEST(Schedule, OfVersion1IsStillRead) {
    const ParsedSchedule parsed = parse_schedule(
        "drydock-schedule 1\n"
        "scenario echo\n"
        "property echo-complete\n"
        "calm-after 77\n"
        "choice 3 8 swarm: density\n"
        "choice 0 2 label\n"
        "end\n");
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.setup.scenario, "echo");
    EXPECT_EQ(parsed.schedule.setup.options.calm_after, 77U);
    EXPECT_EQ(parsed.schedule.setup.options.faults, FaultSet::all());
    EXPECT_EQ(parsed.schedule.setup.options.always, FaultSet());
    EXPECT_EQ(parsed.schedule.property, "echo-complete");
    EXPECT_EQ(parsed.schedule.choices.size(), 2U);
    EXPECT_THAT(parsed.schedule.spans, IsEmpty());
}

TEST(Schedule, MayHaveWindowsLineEnds) {
    std::string text;
    for (const char c : example) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const ParsedSchedule parsed = parse_schedule(text);
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.setup.scenario, "echo");
    EXPECT_EQ(parsed.schedule.setup.options.always, reorder);
    expect_same(parsed.schedule.choices, example_report().schedule);
    EXPECT_EQ(parsed.schedule.spans.size(), 4U);
}

TEST(Schedule, MayHaveEmptyOrNoLabels) {
    const ParsedSchedule parsed = parse_schedule(file_with("choice 1 2\nchoice 0 3 \n"));
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    const std::vector<Choice> expected = {{1, 2, ""}, {0, 3, ""}};
    expect_same(parsed.schedule.choices, expected);
}

TEST(Schedule, MayHaveFaultsWithCommas) {
    const ParsedSchedule parsed = parse_schedule(file_with("faults reorder,short_send\n"));
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.setup.options.faults, example_setup().options.faults);
}

// --- what is refused ----------------------------------------------------------------------------

TEST(Schedule, OfANewerVersionIsRefusedByName) {
    for (const char* version : {"3", "999", "2147483647"}) {
        EXPECT_EQ(
            complaint_of("drydock-schedule " + std::string(version) + "\nnonsense\n"),
            "it has version " + std::string(version) + ", and this program knows versions up to 2");
    }
}

TEST(Schedule, OfAnotherKindIsRefused) {
    for (const char* text :
         {"", "\n", "hello\n", "drydock-schedule\n", "drydock-schedule x\n",
          "drydock-schedule 1x\n", "drydock-schedule 0\n", "drydock-schedule -1\n",
          "drydock-schedule 2147483648\n", "drydock-schedule  2\n", "Drydock-schedule 1\n",
          "\xef\xbb\xbf"
          "drydock-schedule 2\n",
          "\x7f"
          "ELF"}) {
        EXPECT_EQ(complaint_of(text), "it does not begin with 'drydock-schedule' and a version")
            << "the text was: " << text;
    }
}

TEST(Schedule, ThatIsCutIsRefusedWhereverTheCutIs) {
    // From example.size() - 1 on, only the last newline is missing.
    for (std::size_t size = 0; size < example.size() - 1; ++size) {
        EXPECT_FALSE(parse_schedule(example.substr(0, size)).ok())
            << "cut after " << size << " bytes";
    }
    EXPECT_TRUE(parse_schedule(example.substr(0, example.size() - 1)).ok());
    EXPECT_EQ(complaint_of(example.substr(0, example.rfind("end"))),
              "it is cut short: the closing 'end' is missing");
    EXPECT_EQ(complaint_of("drydock-schedule 2\n"),
              "it is cut short: the closing 'end' is missing");
}

TEST(Schedule, ThatIsDamagedIsRefusedWithTheLine) {
    for (const char* line : {"choice",
                             "choice 1",
                             "choice 2 2 label",
                             "choice 3 2 label",
                             "choice -1 2 label",
                             "choice 1 0 label",
                             "choice 0 0 label",
                             "choice 1 4294967296 label",
                             "choice 4294967296 4294967295 label",
                             "choice one 2 label",
                             "choice 1  2 label",
                             "choice +1 2 label",
                             "choice 0x1 2 label",
                             "choice 1.0 2 label",
                             "scenario",
                             "scenario ",
                             "calm-after",
                             "calm-after soon",
                             "calm-after -1",
                             "calm-after 18446744073709551616",
                             "calm-after 1 ",
                             "calm-after-time -1",
                             "calm-after-time 9223372036854775808",
                             "calm-bound",
                             "most-resets one",
                             "prompt-clients 1",
                             "set",
                             "set clients",
                             "set clients ",
                             "set  2",
                             "set clients two",
                             "set clients -2",
                             "set clients 2 3",
                             "set clients 18446744073709551616",
                             "faults shortsend",
                             "faults reorder  delay",
                             "faults none reorder",
                             "always everything",
                             "begin",
                             "begin ",
                             "unknown 1",
                             "",
                             " ",
                             "end ",
                             "end client",
                             "End",
                             " choice 0 1 a"}) {
        EXPECT_EQ(complaint_of(file_with(std::string(line) + "\n")),
                  "its line 3 cannot be understood")
            << "the line was: '" << line << "'";
    }
}

TEST(Schedule, WhoseSpansDoNotNestIsRefused) {
    EXPECT_EQ(complaint_of(file_with("begin a\nbegin b\nend a\nend b\n")),
              "its line 5 cannot be understood");
    EXPECT_EQ(complaint_of(file_with("begin a\nend a\nend a\n")),
              "its line 5 cannot be understood");
    EXPECT_EQ(complaint_of(file_with("begin a\nbegin b\nchoice 0 1 c\nend b\n")),
              "it ends inside a span");
}

TEST(Schedule, WithoutAScenarioIsRefused) {
    EXPECT_EQ(complaint_of("drydock-schedule 2\nend\n"), "it names no scenario");
    EXPECT_EQ(complaint_of("drydock-schedule 2\nchoice 0 1 a\nend\n"), "it names no scenario");
}

TEST(Schedule, OfAnyBytesIsReadOrRefusedWithAPlainSentence) {
    const std::string zero(1, '\0');
    const std::string megabyte(1'000'000, 'x');
    const std::string digits(100'000, '9');
    const std::map<std::string, std::string> wrong = {
        {"a zero byte alone", zero},
        {"a zero byte in the header", "drydock-schedule" + zero + " 2\n"},
        {"a zero byte in a number", file_with("choice 1" + zero + " 2 a\n")},
        {"a zero byte as a line", file_with(zero + "\n")},
        {"a zero byte in a fault", file_with("faults reorder" + zero + "\n")},
        {"a long header", megabyte},
        {"a long version", "drydock-schedule " + digits + "\n"},
        {"a long line", file_with(megabyte + "\n")},
        {"a long number", file_with("choice " + digits + " " + digits + " a\n")},
        {"a long setting", file_with("set " + megabyte + " " + digits + "\n")},
        {"a long fault", file_with("always " + megabyte + "\n")},
        {"a long line without an end", "drydock-schedule 2\n" + megabyte},
        {"escape sequences", file_with("\x1b[2J\x07\n")},
        {"the line ends of old", "drydock-schedule 2\rscenario echo\rend\r"},
    };
    for (const auto& [what, text] : wrong) expect_sentence(text, what);

    EXPECT_TRUE(parse_schedule(file_with("choice 0 1 " + megabyte + "\n")).ok());
    EXPECT_TRUE(parse_schedule(file_with("sentence " + megabyte + "\n")).ok());
    std::string deep;
    for (int i = 0; i < 50'000; ++i) deep += "begin a\n";
    expect_sentence(file_with(deep), "deep spans");
}

/// Every damage of one byte is read or refused, and never anything else.
TEST(Schedule, WithAnyByteChangedIsReadOrRefusedWithAPlainSentence) {
    for (std::size_t i = 0; i < example.size(); ++i) {
        for (const char c : {'\0', '\n', '\r', ' ', '9', '-', 'e', '\xff'}) {
            std::string text = example;
            text[i] = c;
            if (!parse_schedule(text).ok()) expect_sentence(text, text);
        }
    }
}

// --- faults by name -----------------------------------------------------------------------------

TEST(FaultNames, AreThoseOfTheFaultsAndNothingElse) {
    EXPECT_EQ(fault_names(FaultSet()), "none");
    EXPECT_EQ(fault_names(reorder), "reorder");
    EXPECT_EQ(fault_names(reorder.with(Fault::connect_timed_out).with(Fault::partial_receive)),
              "partial_receive reorder connect_timed_out");
    EXPECT_THAT(fault_names(FaultSet::all()), Not(HasSubstr("fault.")));
}

TEST(FaultNames, AreReadBack) {
    for (int i = 0; i < fault_count; ++i) {
        const FaultSet one = FaultSet().with(static_cast<Fault>(i));
        EXPECT_EQ(parse_faults(fault_names(one)), one);
        const FaultSet others = FaultSet::all().without(one);
        EXPECT_EQ(parse_faults(fault_names(others)), others);
    }
    EXPECT_EQ(parse_faults(fault_names(FaultSet::all())), FaultSet::all());
    EXPECT_EQ(parse_faults("none"), FaultSet());
    EXPECT_EQ(parse_faults("all"), FaultSet::all());
    EXPECT_EQ(parse_faults("delay,reorder"), reorder.with(Fault::delay));
    EXPECT_EQ(parse_faults("delay delay"), FaultSet().with(Fault::delay));
}

TEST(FaultNames, ThatAreUnknownAreRefused) {
    for (const char* names : {"Reorder", "reorde", "reorderx", "fault.reorder", "reorder all",
                              "none reorder", " reorder", "reorder, delay", ",", "reorder;delay"}) {
        EXPECT_EQ(parse_faults(names), std::nullopt) << "the names were '" << names << "'";
    }
}

}  // namespace
}  // namespace drydock::sim

// The harness must find each canary within its budget of seeds and name the cause, and nothing in a
// sound server. What it takes to find each is printed, and goes into the test report as properties.
#include <cstdio>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/scale.hpp"
#include "tests/zoo/canaries/canaries.hpp"
#include "tests/zoo/canaries/chat_canaries.hpp"

namespace drydock::zoo {
namespace {

constexpr std::uint64_t standard_budget = 1000;  // seeds

/// Under a sanitizer a part of them will do: the defects are found by the first few hundred.
std::uint64_t seeds(std::uint64_t budget) {
    return static_cast<std::uint64_t>(test::scaled(static_cast<int>(budget)));
}

using MakeScenario = std::function<std::unique_ptr<sim::Scenario>()>;

/// What may break first, and a part of the sentence that names the cause.
using Expected = std::map<std::string, std::string>;

struct Cage {
    const char* name;
    MakeScenario scenario;
    MakeScenario demonstration;
    Expected expected;
    std::uint64_t budget = standard_budget;
};

/// The scenario as it is, and as a person would try it: one client that waits for each answer.
Cage echo(const char* name, sim::MakeEchoServer make, Expected expected = {}) {
    sim::EchoWorkload workload;
    workload.clients.push_back({sim::Manner::polite, 64, 16, 64, 0, Duration(0)});
    return {name, [make] { return std::make_unique<sim::EchoScenario>(make); },
            [workload, make] { return std::make_unique<sim::EchoScenario>(workload, make); },
            std::move(expected)};
}

/// The same: two members who talk, each in its turn, and leave.
Cage chat(const char* name, sim::MakeChatServer make, Expected expected = {},
          std::uint64_t budget = standard_budget) {
    sim::ChatWorkload workload;
    sim::MemberPlan member;
    member.lines = 3;
    member.pause = std::chrono::milliseconds(2);
    member.stays = true;
    workload.members.push_back(member);
    member.start_after = std::chrono::milliseconds(1);
    workload.members.push_back(member);
    return {name, [make] { return std::make_unique<sim::ChatScenario>(make); },
            [workload, make] { return std::make_unique<sim::ChatScenario>(workload, make); },
            std::move(expected), budget};
}

const std::vector<Cage>& cages() {
    static const std::vector<Cage> all = {
        echo("IgnoresShortSends", &make_ignores_short_sends,
             {{"short-send-ignored",
               "a send was short, and the next one does not go on with the bytes"},
              {"echo-complete",
               "the last send of the other side was short and was never gone on with"},
              {"echo-prefix",
               "the last send of the other side was short and was never gone on with"},
              {"stuck", "the last send of the other side was short and was never gone on with"}}),
        echo("ReadsPastTheEnd", &make_reads_past_the_end,
             {{"receive-past-end", "receives go on after the end of the stream was delivered"}}),
        echo(
            "FreesWithASendInFlight", &make_frees_with_a_send_in_flight,
            {{"socket-destroyed-in-flight",
              "a socket was destroyed with an operation in flight on it: cancel, drain, then close "
              "(the "
              "send was started at tests/zoo/canaries/frees_with_a_send_in_flight.cpp:"},
             {"operation-destroyed-in-flight", "(the send was started at"}}),
        echo("ReceivesBeforeItHasSent", &make_receives_before_it_has_sent,
             {{"echo-hold", "bytes of one client that it had not sent back; its buffer is "}}),
        echo("ClosesBeforeItHasSent", &make_closes_before_it_has_sent,
             {{"echo-complete", "; the other side closed with "}}),
        echo("KeepsTheLastLength", &make_keeps_the_last_length,
             {{"echo-prefix", "got, at position "},
              {"echo-complete", "bytes received and not sent back"},
              {"echo-hold", "bytes of one client that it had not sent back"},
              {"stuck", "it waits for: "}}),
        echo("StopsAcceptingAfterAFailure", &make_stops_accepting_after_a_failure,
             {{"stuck", " connections wait at 127.0.0.1:7 and no accept is in flight"}}),
        chat("RemovesTheNeighbour", &make_removes_the_neighbour,
             {{"chat-once", " twice"}, {"chat-complete", "never got "}}),
        chat("HasRoomForThree", &make_has_room_for_three,
             {{"chat-complete", "never got its own line "}}),
        chat("WaitsForSlowReaders", &make_waits_for_slow_readers,
             {{"chat-delay", " does not read"}, {"chat-memory", "did not read, and got "}}),
        chat("LetsTwoWriteAtOnce", &make_lets_two_write_at_once,
             {{"second-send", "a second send was started on a socket"},
              {"chat-delay", " does not read"},
              {"chat-memory", "did not read, and got "},
              {"chat-complete", ", which another has heard before it left"}}),
        chat("RelaysChunks", &make_relays_chunks, {{"chat-whole", " line"}}),
        chat("SendsToReusedHandles", &make_sends_to_reused_handles,
             {{"chat-join", ", which was published before it came"},
              {"chat-gap", "another member has heard "},
              {"chat-complete", ", which another has heard before it left"}},
             10'000),
        chat("KeepsEverythingForEverybody", &make_keeps_everything_for_everybody,
             {{"chat-memory", "did not read, and got "}}),
        chat("AnswersTheSenderFirst", &make_answers_the_sender_first,
             {{"chat-order", "another member has heard "},
              {"chat-gap", "another member has heard "},
              {"chat-join", ", which was published before it came"}}),
        chat("ForgetsTheUnfinishedLine", &make_forgets_the_unfinished_line,
             {{"chat-complete", "never got its own line "}}),
        chat("SetsLongLinesAside", &make_sets_long_lines_aside,
             {{"chat-sender-order", " after its line "}}),
        chat("StopsAtOnce", &make_stops_at_once, {{"chat-complete", " was cut off after "}},
             10'000),
    };
    return all;
}

void PrintTo(const Cage& cage, std::ostream* out) { *out << cage.name; }

sim::Report run_seed(const MakeScenario& make, std::uint64_t seed) {
    const std::unique_ptr<sim::Scenario> scenario = make();
    sim::SeedChoices choices(seed);
    sim::RunOptions options;
    options.record = true;
    return sim::run(*scenario, choices, options);
}

class Zoo : public testing::TestWithParam<Cage> {};

/// What was found of one property: how often, and where first.
struct Finding {
    int count = 0;
    std::uint64_t seed = 0;
    std::string sentence;
};

TEST_P(Zoo, TheHarnessFindsTheDefectAndNamesIt) {
    const Cage& cage = GetParam();
    std::uint64_t first = 0;
    int found = 0;
    std::map<std::string, Finding> findings;
    for (std::uint64_t seed = 1; seed <= seeds(cage.budget); ++seed) {
        const sim::Report report = run_seed(cage.scenario, seed);
        if (report.passed) continue;
        if (first == 0) first = seed;
        ++found;
        Finding& finding = findings[report.property];
        if (finding.count++ == 0) finding = {1, seed, report.sentence};
    }
    std::string how;
    for (const auto& [property, finding] : findings) {
        how += " " + property + "=" + std::to_string(finding.count);
        const auto expected = cage.expected.find(property);
        const bool is_expected = expected != cage.expected.end();
        EXPECT_TRUE(is_expected) << "seed " << finding.seed << " found something else: " << property
                                 << ": " << finding.sentence;
        if (!is_expected) continue;
        EXPECT_THAT(finding.sentence, testing::HasSubstr(expected->second))
            << "seed " << finding.seed;
    }
    EXPECT_GT(found, 0) << "the defect should be found within " << cage.budget << " seeds";
    std::printf("zoo: %-28s first seed %3d, found by %4d of %d:%s\n", cage.name,
                static_cast<int>(first), found, static_cast<int>(cage.budget), how.c_str());
    RecordProperty("first_seed", static_cast<int>(first));
    RecordProperty("found", found);
}

TEST_P(Zoo, AFailingRunReplays) {
    for (std::uint64_t seed = 1; seed <= seeds(GetParam().budget); ++seed) {
        const sim::Report report = run_seed(GetParam().scenario, seed);
        if (report.passed) continue;
        std::vector<std::uint32_t> values;
        for (const sim::Choice& choice : report.schedule) values.push_back(choice.value);
        const std::unique_ptr<sim::Scenario> scenario = GetParam().scenario();
        sim::ReplayChoices replay(values);
        const sim::Report replayed = sim::run(*scenario, replay);
        EXPECT_EQ(replayed.property, report.property);
        EXPECT_EQ(replayed.sentence, report.sentence);
        EXPECT_EQ(replayed.digest, report.digest);
        return;
    }
    FAIL() << "the defect should be found within " << GetParam().budget << " seeds";
}

INSTANTIATE_TEST_SUITE_P(All, Zoo, testing::ValuesIn(cages()),
                         [](const auto& test) { return test.param.name; });

class Sound : public testing::TestWithParam<Cage> {};

TEST_P(Sound, TheHarnessFindsNothing) {
    for (std::uint64_t seed = 1; seed <= seeds(standard_budget); ++seed) {
        const sim::Report report = run_seed(GetParam().scenario, seed);
        ASSERT_TRUE(report.passed) << "seed " << seed << ": " << report.property << ": "
                                   << report.sentence << " (" << report.options << ")";
    }
}

INSTANTIATE_TEST_SUITE_P(All, Sound,
                         testing::Values(echo("TheEchoServer", sim::make_echo_server),
                                         echo("AnEchoCanaryWithoutADefect", &make_sound),
                                         chat("TheChatServer", sim::make_chat_server),
                                         chat("AChatCanaryWithoutADefect", &make_sound_chat)),
                         [](const auto& test) { return test.param.name; });

// What a demonstration shows of each canary: nothing. That is why these defects live long.
TEST_P(Zoo, ADemonstrationShowsNothing) {
    const std::unique_ptr<sim::Scenario> scenario = GetParam().demonstration();
    sim::ReplayChoices benign(std::span<const std::uint32_t>{});
    const sim::Report report = sim::run(*scenario, benign);
    // Whoever looks at the processor's load would see this one; the client does not.
    const bool at_once = std::string_view(GetParam().name) == "ReadsPastTheEnd";
    EXPECT_EQ(report.passed, !at_once) << report.property << ": " << report.sentence;
}

}  // namespace
}  // namespace drydock::zoo

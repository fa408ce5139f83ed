// The harness must find each canary within its budget of seeds and name the cause, and nothing in a
// sound server. What it takes to find each is printed, and goes into the test report as properties.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/zoo/canaries/canaries.hpp"

namespace drydock::zoo {
namespace {

constexpr std::uint64_t budget = 1000;  // seeds

struct Cage {
    const char* name;
    sim::MakeEchoServer make;
    /// What may break first, and a part of the sentence that names the cause.
    std::map<std::string, std::string> expected;
};

const std::vector<Cage>& cages() {
    static const std::vector<Cage> all = {
        {"IgnoresShortSends",
         &make_ignores_short_sends,
         {{"short-send-ignored",
           "a send was short, and the next one does not go on with the bytes"},
          {"echo-complete", "the last send of the other side was short and was never gone on with"},
          {"echo-prefix", "the last send of the other side was short and was never gone on with"},
          {"stuck", "the last send of the other side was short and was never gone on with"}}},
        {"ReadsPastTheEnd",
         &make_reads_past_the_end,
         {{"receive-past-end", "receives go on after the end of the stream was delivered"}}},
        {"FreesWithASendInFlight",
         &make_frees_with_a_send_in_flight,
         {{"socket-destroyed-in-flight",
           "a socket was destroyed with an operation in flight on it: cancel, drain, then close "
           "(the "
           "send was started at tests/zoo/canaries/frees_with_a_send_in_flight.cpp:"},
          {"operation-destroyed-in-flight", "(the send was started at"}}},
        {"ReceivesBeforeItHasSent",
         &make_receives_before_it_has_sent,
         {{"echo-hold", "bytes of one client that it had not sent back; its buffer is "}}},
        {"ClosesBeforeItHasSent",
         &make_closes_before_it_has_sent,
         {{"echo-complete", "; the other side closed with "}}},
        {"KeepsTheLastLength",
         &make_keeps_the_last_length,
         {{"echo-prefix", "got, at position "},
          {"echo-complete", "bytes received and not sent back"},
          {"echo-hold", "bytes of one client that it had not sent back"},
          {"stuck", "it waits for: "}}},
        {"StopsAcceptingAfterAFailure",
         &make_stops_accepting_after_a_failure,
         {{"stuck", " connections wait at 127.0.0.1:7 and no accept is in flight"}}},
    };
    return all;
}

void PrintTo(const Cage& cage, std::ostream* out) { *out << cage.name; }

sim::Report run_seed(sim::MakeEchoServer make, std::uint64_t seed) {
    sim::EchoScenario scenario(make);
    sim::SeedChoices choices(seed);
    sim::RunOptions options;
    options.record = true;
    return sim::run(scenario, choices, options);
}

class Zoo : public testing::TestWithParam<Cage> {};

TEST_P(Zoo, TheHarnessFindsTheDefectAndNamesIt) {
    const Cage& cage = GetParam();
    std::uint64_t first = 0;
    int found = 0;
    std::map<std::string, int> properties;
    for (std::uint64_t seed = 1; seed <= budget; ++seed) {
        const sim::Report report = run_seed(cage.make, seed);
        if (report.passed) continue;
        if (first == 0) first = seed;
        ++found;
        ++properties[report.property];
        const auto expected = cage.expected.find(report.property);
        ASSERT_NE(expected, cage.expected.end())
            << "seed " << seed << " found something else: " << report.property << ": "
            << report.sentence;
        EXPECT_THAT(report.sentence, testing::HasSubstr(expected->second)) << "seed " << seed;
    }
    ASSERT_GT(found, 0) << "the defect should be found within " << budget << " seeds";
    std::string how;
    for (const auto& [property, count] : properties) {
        how += " " + property + "=" + std::to_string(count);
    }
    std::printf("zoo: %-28s first seed %3d, found by %4d of %d:%s\n", cage.name,
                static_cast<int>(first), found, static_cast<int>(budget), how.c_str());
    RecordProperty("first_seed", static_cast<int>(first));
    RecordProperty("found", found);
}

TEST_P(Zoo, AFailingRunReplays) {
    for (std::uint64_t seed = 1; seed <= budget; ++seed) {
        const sim::Report report = run_seed(GetParam().make, seed);
        if (report.passed) continue;
        std::vector<std::uint32_t> values;
        for (const sim::Choice& choice : report.schedule) values.push_back(choice.value);
        sim::EchoScenario scenario(GetParam().make);
        sim::ReplayChoices replay(values);
        const sim::Report replayed = sim::run(scenario, replay);
        EXPECT_EQ(replayed.property, report.property);
        EXPECT_EQ(replayed.sentence, report.sentence);
        EXPECT_EQ(replayed.digest, report.digest);
        return;
    }
    FAIL() << "the defect should be found within " << budget << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Echo, Zoo, testing::ValuesIn(cages()),
                         [](const auto& test) { return test.param.name; });

void expect_nothing_found(sim::MakeEchoServer make) {
    for (std::uint64_t seed = 1; seed <= budget; ++seed) {
        const sim::Report report = run_seed(make, seed);
        ASSERT_TRUE(report.passed) << "seed " << seed << ": " << report.property << ": "
                                   << report.sentence << " (" << report.options << ")";
    }
}

TEST(Zoo, TheHarnessFindsNothingInTheRealServer) { expect_nothing_found(&sim::make_echo_server); }

TEST(Zoo, TheHarnessFindsNothingInACanaryWithoutADefect) { expect_nothing_found(&make_sound); }

// What a demonstration shows of each canary: nothing. That is why these defects live long.
TEST_P(Zoo, ADemonstrationShowsNothing) {
    sim::EchoWorkload workload;
    workload.clients.push_back({sim::Manner::polite, 64, 16, 64, 0, Duration(0)});
    sim::EchoScenario scenario(workload, GetParam().make);
    sim::ReplayChoices benign(std::span<const std::uint32_t>{});
    const sim::Report report = sim::run(scenario, benign);
    // Whoever looks at the processor's load would see this one; the client does not.
    const bool at_once = std::string_view(GetParam().name) == "ReadsPastTheEnd";
    EXPECT_EQ(report.passed, !at_once) << report.property << ": " << report.sentence;
}

}  // namespace
}  // namespace drydock::zoo

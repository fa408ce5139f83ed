// Replays: a record gives the same run; it survives what has changed since, and says where it left
// it.
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/timer.hpp>

#include <drydock/sim/schedule.hpp>
#include "tests/scenarios/chat.hpp"
#include "tests/scenarios/echo.hpp"
#include "tests/sim/runs.hpp"
#include "tests/support/scale.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using namespace std::chrono_literals;
using test::scaled;

std::vector<std::uint32_t> values_of(const Report& report) {
    std::vector<std::uint32_t> values;
    for (const Choice& choice : report.schedule) values.push_back(choice.value);
    return values;
}

TEST(Replay, OfARecordIsTheSameRun) {
    RunOptions options;
    options.record = true;
    for (int seed = 1; seed <= scaled(200); ++seed) {
        const Report recorded = run(echo_scenario, static_cast<std::uint64_t>(seed), options);
        ASSERT_EQ(recorded.schedule.size(), recorded.choices);
        const Replayed replayed =
            replay(echo_scenario, write_schedule({"echo", {}, options}, recorded));
        EXPECT_FALSE(replayed.divergence.has_value());
        EXPECT_EQ(hex(replayed.digest), hex(recorded.digest)) << "seed " << seed;
        EXPECT_EQ(replayed.completions, recorded.completions);
    }
}

TEST(Replay, OfAFailureFailsInTheSameWay) {
    const auto body = [](World& world) -> Task<void> {
        Timer timer(world);
        for (int i = 0; i < 10; ++i) {
            co_await timer.after(1ms);
            if (world.choose(8, "test") == 7)
                world.fail("seven", "it came at " + std::to_string(i));
        }
    };
    RunOptions options;
    options.record = true;
    options.faults = FaultSet();
    int failures = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        test::FunctionScenario scenario(body);
        SeedChoices choices(seed);
        const Report recorded = run(scenario, choices, options);
        ReplayChoices replay(std::span<const Choice>(recorded.schedule));
        const Report replayed = run(scenario, replay, options);
        EXPECT_EQ(replayed.property, recorded.property) << "seed " << seed;
        EXPECT_EQ(replayed.sentence, recorded.sentence);
        failures += recorded.passed ? 0 : 1;
    }
    EXPECT_GT(failures, 5) << "this test wants failures";
}

TEST(Replay, PastTheEndOfTheRecordIsBenign) {
    RunOptions options;
    options.record = true;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const std::vector<std::uint32_t> whole = values_of(run(echo_scenario, seed, options));
        for (const std::size_t parts : {0U, 1U, 2U, 3U}) {
            const std::size_t size = whole.size() * parts / 4;
            ReplayChoices cut(std::span<const std::uint32_t>(whole).first(size));
            const Report report = run_echo(cut, options);
            EXPECT_TRUE(report.passed)
                << "seed " << seed << " cut after " << size << " choices: " << report.property
                << ": " << report.sentence;
            for (std::size_t i = size; i < report.schedule.size(); ++i) {
                ASSERT_EQ(report.schedule[i].value, 0U) << "choice " << i << " is past the end";
            }
        }
    }
}

TEST(Replay, SurvivesAChangedParameter) {
    RunOptions options;
    options.record = true;
    for (int seed = 1; seed <= scaled(100); ++seed) {
        const std::vector<std::uint32_t> values =
            values_of(run(echo_scenario, static_cast<std::uint64_t>(seed), options));
        RunOptions changed;
        changed.calm_after = 40;
        ReplayChoices early_calm(values);
        const Report calmer = run_echo(early_calm, changed);
        EXPECT_TRUE(calmer.passed) << "seed " << seed << ": " << calmer.sentence;
        changed = {};
        changed.faults = FaultSet::all().without(Fault::network_reset).without(Fault::delay);
        ReplayChoices fewer_faults(values);
        const Report kinder = run_echo(fewer_faults, changed);
        EXPECT_TRUE(kinder.passed) << "seed " << seed << ": " << kinder.sentence;
    }
}

TEST(Replay, OfAnyNumbersIsARun) {
    for (int i = 0; i < scaled(200); ++i) {
        SeedChoices random(static_cast<std::uint64_t>(i) + 9000);
        std::vector<std::uint32_t> values(500);
        for (std::uint32_t& value : values) value = random.choose(0xffffffff, "");
        ReplayChoices replay(values);
        const Report report = run_echo(replay);
        EXPECT_TRUE(report.passed) << "vector " << i << ": " << report.sentence;
    }
}

// --- labels -------------------------------------------------------------------------------------

std::uint32_t ask(ReplayChoices& choices, std::uint32_t options, const char* label) {
    return choices.choose(options, label);
}

TEST(Replay, AnswersEachLabelFromItsOwnRecord) {
    const std::vector<Choice> record = {{3, 8, "size"}, {1, 2, "fault"}, {5, 8, "size"}};
    ReplayChoices choices{std::span<const Choice>(record)};
    // The fault is not asked for any more: the sizes stay what they were.
    EXPECT_EQ(ask(choices, 8, "size"), 3U);
    EXPECT_EQ(ask(choices, 8, "size"), 5U);
    EXPECT_EQ(ask(choices, 8, "size"), 0U) << "past the end of its record";
    EXPECT_EQ(ask(choices, 4, "new"), 0U) << "never recorded";
    EXPECT_EQ(ask(choices, 2, "fault"), 1U);
}

TEST(Replay, TellsTheFirstQuestionThatWasNotTheRecordedOne) {
    const std::vector<Choice> record = {{3, 8, "size"}, {1, 2, "fault"}, {5, 8, "size"}};
    ReplayChoices choices{std::span<const Choice>(record)};
    ask(choices, 8, "size");
    ask(choices, 9, "size");
    const std::optional<Divergence> divergence = choices.divergence();
    ASSERT_TRUE(divergence.has_value());
    EXPECT_EQ(divergence->position, 1U);
    EXPECT_EQ(divergence->recorded, "1 of 2 for 'fault'");
    EXPECT_EQ(divergence->asked, "one of 9 for 'size'");
}

TEST(Replay, ThatEndsBeforeItsRecordDiverges) {
    const std::vector<Choice> record = {{3, 8, "size"}, {1, 2, "fault"}};
    ReplayChoices choices{std::span<const Choice>(record)};
    ask(choices, 8, "size");
    ASSERT_TRUE(choices.divergence().has_value());
    EXPECT_EQ(choices.divergence()->position, 1U);
    ask(choices, 2, "fault");
    EXPECT_FALSE(choices.divergence().has_value());
    ask(choices, 2, "fault");
    EXPECT_FALSE(choices.divergence().has_value())
        << "what comes after the record is no divergence";
}

TEST(Replay, ReducesWhatDoesNotFit) {
    const std::vector<Choice> record = {{7, 8, "size"}};
    ReplayChoices choices{std::span<const Choice>(record)};
    EXPECT_LT(ask(choices, 3, "size"), 3U);
    EXPECT_TRUE(choices.divergence().has_value());
}

TEST(Replay, FindsALabelByItsText) {
    const std::string text = "size";  // another address
    const std::vector<Choice> record = {{3, 8, text.c_str()}, {4, 8, "size"}};
    ReplayChoices choices{std::span<const Choice>(record)};
    EXPECT_EQ(ask(choices, 8, "size"), 3U);
    EXPECT_EQ(ask(choices, 8, text.c_str()), 4U);
}

/// A client that is gone, or one more, leaves what the others do: their plans are as recorded.
TEST(Replay, KeepsTheOtherClientsWhenOneIsLeftOut) {
    RunOptions options;
    options.record = true;
    options.faults = FaultSet();
    int checked = 0;
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Report whole = run(echo_scenario, seed, options);
        std::vector<ChoiceSpan> clients;
        for (const ChoiceSpan& span : whole.spans) {
            if (std::string_view(span.label) == "client" && span.last - span.first > 1) {
                clients.push_back(span);
            }
        }
        if (clients.size() < 3) continue;
        ++checked;
        std::vector<Choice> rest = whole.schedule;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(clients[1].first),
                   rest.begin() + static_cast<std::ptrdiff_t>(clients[1].last));
        ReplayChoices replay{std::span<const Choice>(rest)};
        const Report fewer = run_echo(replay, options);
        const auto clients_of = [](const Report& report) {
            std::vector<std::string> names;
            std::istringstream words(report.options.substr(report.options.find("clients:") + 8));
            for (std::string word; words >> word;) names.push_back(word);
            return names;
        };
        std::vector<std::string> expected = clients_of(whole);
        expected.erase(expected.begin() + 1);
        EXPECT_EQ(clients_of(fewer), expected) << "seed " << seed;
    }
    EXPECT_GT(checked, 5) << "this test wants runs with three clients";
}

}  // namespace
}  // namespace drydock::sim

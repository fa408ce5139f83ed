// Single runs in child processes: what is known of a run that ended its process, and shrinking it.
#include <csignal>

#include <gmock/gmock.h>

#include <drydock/sim/farming.hpp>
#include <drydock/sim/schedule.hpp>
#include <drydock/sim/shrink.hpp>

#include "tests/fragile/fragile.hpp"
#include "tests/scenarios/echo.hpp"

namespace drydock::sim {
namespace {

using test::Disaster;
using test::fragile;
using test::Fragile;
using testing::HasSubstr;
using namespace std::chrono_literals;

Apart apart(std::chrono::milliseconds timeout = 30s) {
    Apart how;
    how.isolation = Isolation::processes;
    how.timeout = timeout;
    how.quiet = true;
    return how;
}

FarmOptions without_faults() {
    FarmOptions options;
    options.run.faults = {};
    return options;
}

/// The first seed that meets its fate.
std::uint64_t doomed() {
    FarmOptions options = without_faults();
    options.run.record = true;
    for (std::uint64_t seed = 1;; ++seed) {
        const Report report = run_seed(fragile<Disaster::none>, options, seed);
        if (report.schedule.back().value == Fragile::doom) return seed;
    }
}

RunToKeepApart run_of(const ScenarioInfo& scenario, std::span<const Choice> choices) {
    return [&scenario, choices](RunListener* listener) {
        RunOptions options;
        options.faults = {};
        options.listener = listener;
        ReplayChoices source(choices);
        return run(scenario, {}, source, options);
    };
}

constexpr Choice fatal_choice[] = {{Fragile::doom, Fragile::one_in, "fate"}};

TEST(RunApart, GivesTheReportOfARunThatEnds) {
    RunOptions options;
    options.record = true;
    options.trace = 3;
    const Report here = run(echo_scenario, 7, options);
    const Report there =
        run_apart([&](RunListener*) { return run(echo_scenario, 7, options); }, apart());
    EXPECT_TRUE(there.passed);
    EXPECT_EQ(there.digest, here.digest);
    EXPECT_EQ(there.trace, here.trace);
    EXPECT_EQ(there.outcome, here.outcome);
    EXPECT_EQ(there.schedule.size(), here.schedule.size());
}

TEST(RunApart, KnowsTheScheduleAndTheTraceOfARunThatCrashed) {
    Apart how = apart();
    how.trace = 2;
    const Report report = run_apart(run_of(fragile<Disaster::null_write>, fatal_choice), how);
    EXPECT_FALSE(report.passed);
    EXPECT_EQ(report.property, "crash");
    EXPECT_EQ(report.completions, 4U) << "the start of the main task, and three timers";
    EXPECT_EQ(report.virtual_time, 300us);
    EXPECT_TRUE(report.recorded);
    ASSERT_EQ(report.schedule.size(), 4U);
    EXPECT_STREQ(report.schedule.front().label, "task: how long");
    EXPECT_STREQ(report.schedule.back().label, "fate");
    EXPECT_EQ(report.schedule.back().value, Fragile::doom);
    ASSERT_EQ(report.spans.size(), 3U);
    EXPECT_STREQ(report.spans.back().label, "task");
    EXPECT_EQ(report.spans.back().first, 2U);
    EXPECT_EQ(report.spans.back().last, 3U);
    ASSERT_EQ(report.trace.size(), 3U);
    EXPECT_THAT(report.trace[0], HasSubstr("  0.200 ms  timer started at "));
    EXPECT_THAT(report.trace[1], testing::MatchesRegex("> .*0.300 ms  timer .*: ok  <-- crash"));
    EXPECT_THAT(report.trace[2], HasSubstr("  choice fate = 7 (0 to 999)"));
}

TEST(RunApart, EndsASpanThatWasOpenWhereTheRunEnded) {
    const auto body = [](RunListener* listener) {
        RunOptions options;
        options.faults = {};
        options.listener = listener;
        class InSpan final : public Scenario {
            Task<void> main(World& world) override {
                const Spanned outer(world, "outer");
                world.choose(2, "one");
                const Spanned inner(world, "inner");
                world.choose(2, "two");
                std::raise(SIGKILL);
                co_return;
            }
        };
        SeedChoices choices(1);
        InSpan scenario;
        return run(scenario, choices, options);
    };
    const Report report = run_apart(body, apart());
    EXPECT_THAT(report.sentence, HasSubstr("a kill (SIGKILL) from outside"));
    ASSERT_EQ(report.spans.size(), 2U);
    EXPECT_EQ(report.spans[0].first, 0U);
    EXPECT_EQ(report.spans[0].last, 2U);
    EXPECT_EQ(report.spans[1].first, 1U);
    EXPECT_EQ(report.spans[1].last, 2U);
}

TEST(RunApart, LabelsOfAChildsOwnMemoryAreKept) {
    const auto body = [](RunListener* listener) -> Report {
        // Longer than any string that is kept without memory of its own.
        const std::string label = std::string(100, 'l') + " of the child";
        RunEvent event;
        event.kind = RunEventKind::choice;
        event.choice = {1, 3, label.c_str()};
        listener->happened(event);
        std::abort();
    };
    const Report report = run_apart(body, apart());
    ASSERT_EQ(report.schedule.size(), 1U);
    EXPECT_EQ(report.schedule[0].label, std::string(100, 'l') + " of the child");
}

TEST(RunApart, EndsARunThatHangs) {
    const Report report =
        run_apart(run_of(fragile<Disaster::endless_loop>, fatal_choice), apart(300ms));
    EXPECT_EQ(report.property, "hang");
    EXPECT_THAT(report.sentence,
                HasSubstr("the run did not end within 0.3 s; it was ended in step 4, at"));
    EXPECT_EQ(report.schedule.size(), 4U);
}

TEST(RunApart, ReportsAStepThatMakesChoicesForEver) {
    const Report report =
        run_apart(run_of(fragile<Disaster::endless_choices>, fatal_choice), apart(60s));
    EXPECT_EQ(report.property, "endless-step");
    EXPECT_THAT(report.sentence, HasSubstr("one step made more than 1000000 choices"));
    EXPECT_GE(report.schedule.size(), 1'000'000U);
}

// --- shrinking -----------------------------------------------------------------------------------

template <Disaster disaster>
Shrunk shrink_doomed(std::chrono::milliseconds timeout) {
    return shrink_seed_apart(fragile<disaster>, without_faults(), doomed(), {}, apart(timeout));
}

void expect_only_fate_is_left(const Shrunk& shrunk, const std::string& property) {
    EXPECT_EQ(shrunk.report.property, property);
    EXPECT_TRUE(shrunk.finished);
    EXPECT_EQ(not_benign(shrunk.report.schedule), 1U);
    ASSERT_FALSE(shrunk.report.schedule.empty());
    EXPECT_STREQ(shrunk.report.schedule.back().label, "fate");
    EXPECT_EQ(shrunk.report.schedule.back().value, Fragile::doom);
}

TEST(ShrinkApart, LeavesOfACrashTheChoiceThatMatters) {
    const Shrunk shrunk = shrink_doomed<Disaster::null_write>(30s);
    expect_only_fate_is_left(shrunk, "crash");
    const std::string text = write_schedule({"fragile", {}, without_faults().run}, shrunk.report);
    const ParsedSchedule parsed = parse_schedule(text);
    ASSERT_TRUE(parsed.ok()) << parsed.complaint;
    EXPECT_EQ(parsed.schedule.property, "crash");
    const Report again =
        run_apart(run_of(fragile<Disaster::null_write>, parsed.schedule.choices), apart());
    EXPECT_EQ(again.property, "crash");
    EXPECT_EQ(again.sentence, shrunk.report.sentence);
}

TEST(ShrinkApart, LeavesOfAnExitTheChoiceThatMatters) {
    expect_only_fate_is_left(shrink_doomed<Disaster::exit>(30s), "crash");
}

TEST(ShrinkApart, LeavesOfAHangTheChoiceThatMatters) {
    const Shrunk shrunk = shrink_doomed<Disaster::endless_loop>(3s);
    expect_only_fate_is_left(shrunk, "hang");
}

TEST(ShrinkApart, LeavesOfAnEndlessStepTheChoiceThatMatters) {
    expect_only_fate_is_left(shrink_doomed<Disaster::endless_choices>(60s), "endless-step");
}

/// Fails a property of its own with many schedules, and crashes with some that shrinking tries.
class FailsOrCrashes final : public Scenario {
public:
    Task<void> main(World& world) override {
        const std::uint32_t first = world.choose(10, "first");
        const std::uint32_t second = world.choose(10, "second");
        if (first > 0 && second == 0) std::abort();
        if (first > 0 && second > 0) world.fail("both", "both are above 0");
        co_return;
    }
};

TEST(ShrinkApart, OfAnOrdinaryFailureSurvivesExperimentsThatCrash) {
    static constexpr ScenarioInfo info =
        scenario_info<FailsOrCrashes>("fails-or-crashes", "fails, and crashes while shrinking");
    std::uint64_t seed = 1;
    FarmOptions options = without_faults();
    const auto property_of = [&] {
        return run_apart([&](RunListener*) { return run_seed(info, options, seed); }, apart())
            .property;
    };
    while (property_of() != "both") ++seed;
    const Shrunk shrunk = shrink_seed_apart(info, options, seed, {}, apart());
    EXPECT_EQ(shrunk.report.property, "both");
    EXPECT_TRUE(shrunk.finished);
    ASSERT_EQ(shrunk.report.schedule.size(), 2U);
    EXPECT_EQ(shrunk.report.schedule[0].value, 1U);
    EXPECT_EQ(shrunk.report.schedule[1].value, 1U);
}

}  // namespace
}  // namespace drydock::sim

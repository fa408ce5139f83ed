// DRYDOCK_EXPECT_HOLDS: its message about planted failures, how the environment scales it, and its
// message about wrong use.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>
#include "sim/harness/schedule_file.hpp"
#include "tests/sim/planted.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ExpectHolds : public InAFolder {};

/// The seeds from 1 to `count` whose number is this one.
std::vector<std::uint64_t> seeds_that_draw(const std::string& number, std::uint64_t count) {
    RunOptions options;
    options.record = true;
    std::vector<std::uint64_t> found;
    for (std::uint64_t seed = 1; seed <= count; ++seed) {
        if (run(numbers, seed, options).outcome == number) found.push_back(seed);
    }
    return found;
}

TEST_F(ExpectHolds, PassesAndGivesTheSummaryWhereAllHolds) {
    const FarmSummary summary =
        DRYDOCK_EXPECT_HOLDS(numbers, seeds(11, 300), {{"most", 7}}, RunOptions{});
    EXPECT_EQ(summary.seeds, 300U);
    EXPECT_EQ(summary.first, 11U);
    EXPECT_EQ(summary.failures, 0U);
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path())) << "no failure, no file";
}

TEST_F(ExpectHolds, PrintsAllThatItTakesToSeeAFailureAgain) {
    const std::vector<std::uint64_t> failing = seeds_that_draw("7", 200);
    ASSERT_FALSE(failing.empty());
    const std::string first = std::to_string(failing.front());
    const std::string path = folder_.path() + "/planted-numbers-no-seven-" + first + ".schedule";
    const std::string text = failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 200)); });
    const std::string of_seven = text.substr(text.find("planted/numbers: no-seven"));
    EXPECT_EQ(of_seven,
              "planted/numbers: no-seven does not hold in " + std::to_string(failing.size()) +
                  " of 200 seeds, first in seed " + first +
                  "\n  the number is 7\n  expected: the number is not 7\n"
                  "  options: number=7; no faults\n"
                  "  shrunk to 1 choice that is not benign:\n    number: 7 of 19\n"
                  "  schedule: " +
                  path + "\n  replay it in a test: DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, \"" + path +
                  "\");\n  replay it with a tool of your scenarios: TOOL replay " + path +
                  " --trace 40\n");
    EXPECT_THAT(failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(numbers, path); }),
                HasSubstr("no-seven does not hold"));
}

TEST_F(ExpectHolds, FailsOnceForEachPropertyAtItsLineAndGoesOn) {
    bool went_on = false;
    const int line = __LINE__ + 2;
    const std::vector<PlantedFailure> failures = failures_of([&] {
        DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 500));
        went_on = true;
    });
    EXPECT_TRUE(went_on);
    ASSERT_THAT(failures, SizeIs(2));
    for (const PlantedFailure& failure : failures) {
        EXPECT_EQ(failure.line, line);
        EXPECT_FALSE(failure.fatal);
    }
    EXPECT_THAT(failures[0].text, HasSubstr("no-nineteen does not hold"));
    EXPECT_THAT(failures[1].text, HasSubstr("no-seven does not hold"));
}

TEST_F(ExpectHolds, SaysTheSameOnOneThreadAndOnFour) {
    const auto told = [](const char* jobs) {
        const test::ScopedVariable variable("DRYDOCK_JOBS", jobs);
        return failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 2000)); });
    };
    const std::string text = told("1");
    EXPECT_THAT(text, HasSubstr("does not hold in "));
    EXPECT_EQ(told("4"), text);
}

TEST_F(ExpectHolds, TakesTheOptionsOfAFarm) {
    FarmOptions options;
    options.count = 10'000;
    options.until_failure = true;
    FarmSummary summary;
    const std::string text = failure_of([&] { summary = DRYDOCK_EXPECT_HOLDS(numbers, options); });
    EXPECT_EQ(summary.failures, 1U);
    EXPECT_LT(summary.seeds, 10'000U);
    EXPECT_THAT(text, HasSubstr("does not hold in 1 of "));
}

// --- programs that decide by more than their choices ---------------------------------------------

/// Fails in its first `failing` runs: of this process, so the tests run it here.
template <int failing>
std::unique_ptr<Scenario> make_scenario_that_fails_at_first() {
    return std::make_unique<test::FunctionScenario>([](World& world) -> Task<void> {
        static int runs = 0;
        if (++runs <= failing) world.fail("first-run", "it was among the first runs");
        co_return;
    });
}

TEST_F(ExpectHolds, SaysThatNoScheduleShowsAFailureThatDoesNotComeAgain) {
    const test::ScopedVariable in_process("DRYDOCK_IN_PROCESS", "1");
    ScenarioInfo scenario;
    scenario.name = "once";
    scenario.make = &make_scenario_that_fails_at_first<1>;
    const std::string text = failure_of([&] { DRYDOCK_EXPECT_HOLDS(scenario, seeds(5, 1)); });
    EXPECT_THAT(text, HasSubstr("once: first-run does not hold in 1 of 1 seeds, first in seed 5\n"
                                "  it was among the first runs\n"));
    EXPECT_THAT(text, EndsWith("  no schedule shows it: seed 5 alone does not fail in this way\n"));
}

TEST_F(ExpectHolds, SaysThatAReplayDoesNotFail) {
    const test::ScopedVariable in_process("DRYDOCK_IN_PROCESS", "1");
    ScenarioInfo scenario;
    scenario.name = "thrice";  // in the farm, recorded, and before shrinking
    scenario.make = &make_scenario_that_fails_at_first<3>;
    const std::string text = failure_of([&] { DRYDOCK_EXPECT_HOLDS(scenario, seeds(5, 1)); });
    EXPECT_THAT(text, HasSubstr("/thrice-first-run-5.schedule\n  (a replay of it does not fail"));
    EXPECT_THAT(text, ::testing::Not(HasSubstr("DRYDOCK_EXPECT_REPLAY_HOLDS")));
}

// --- probes -------------------------------------------------------------------------------------

class ProbeScenario final : public Scenario {
public:
    static constexpr Parameter parameters[] = {{"size", "nothing", 0, 1, 0}};
    static constexpr std::string_view probes[] = {"reached", "missed"};
    Task<void> main(World& world) override {
        world.probe("reached");
        co_return;
    }
    bool set(std::string_view name, std::uint64_t value) override {
        return in_range(parameters, name, value);
    }
};

constexpr ScenarioInfo probed = scenario_info<ProbeScenario>("probed", "two probes");

TEST_F(ExpectHolds, DemandsAllProbesOfAPlainFarmOfTheStandardSize) {
    EXPECT_EQ(failure_of([] { DRYDOCK_EXPECT_HOLDS(probed, seeds(1, standard_farm)); }),
              "probed: none of 20000 seeds reached these probes, so nothing is known of these "
              "places: missed\n");
    DRYDOCK_EXPECT_HOLDS(probed, seeds(1, standard_farm - 1));
    DRYDOCK_EXPECT_HOLDS(probed, seeds(1, standard_farm), {{"size", 1}});
}

// --- the environment -----------------------------------------------------------------------------

TEST_F(ExpectHolds, RunsAsManySeedsAsTheEnvironmentSays) {
    const test::ScopedVariable count("DRYDOCK_SEEDS", "321");
    FarmSummary summary = DRYDOCK_EXPECT_HOLDS(numbers, seeds(5, 10), {{"most", 5}});
    EXPECT_EQ(summary.seeds, 321U);
    EXPECT_EQ(summary.first, 5U);
    const test::ScopedVariable first("DRYDOCK_FIRST_SEED", "1000");
    summary = DRYDOCK_EXPECT_HOLDS(numbers, seeds(5, 10), {{"most", 5}});
    EXPECT_EQ(summary.seeds, 321U);
    EXPECT_EQ(summary.first, 1000U);
}

TEST_F(ExpectHolds, FailsWithOneSentenceWhereTheEnvironmentHasNoNumber) {
    for (const char* value : {"0", "-1", "1e3", "12 ", " 12", "many", "18446744073709551616"}) {
        const test::ScopedVariable count("DRYDOCK_SEEDS", value);
        EXPECT_EQ(failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 10)); }),
                  "the environment variable DRYDOCK_SEEDS is '" + std::string(value) +
                      "', not a whole number from 1 to 18446744073709551615");
    }
    const test::ScopedVariable first("DRYDOCK_FIRST_SEED", "first");
    EXPECT_THAT(failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 10)); }),
                HasSubstr("DRYDOCK_FIRST_SEED is 'first', not a whole number from 0 to 1844"));
    const test::ScopedVariable jobs("DRYDOCK_JOBS", "0");
    EXPECT_EQ(failure_of([] { DRYDOCK_EXPECT_EXPLORED(numbers, {}); }),
              "the environment variable DRYDOCK_JOBS is '0', not a whole number from 1 to 1024");
}

// --- wrong use -----------------------------------------------------------------------------------

TEST_F(ExpectHolds, FailsWithOneSentenceForWrongUse) {
    EXPECT_EQ(failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 0)); }),
              "no seeds are to be run: the count is 0");
    EXPECT_EQ(failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(~std::uint64_t{0}, 2)); }),
              "there are fewer than 2 seeds from 18446744073709551615 on");
    EXPECT_EQ(failure_of([] {
                  DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 1), {{"least", 1}});
              }),
              "the scenario 'planted/numbers' has no parameter 'least'");
    EXPECT_EQ(failure_of([] {
                  DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 1), {{"most", 101}});
              }),
              "'most' of the scenario 'planted/numbers' must be from 1 to 100");
}

TEST_F(ExpectHolds, FailsWithOneSentenceForAScenarioThatCannotBe) {
    ScenarioInfo scenario = numbers;
    scenario.name = "two words";
    const std::string spaced =
        "the name of the scenario 'two words' has a space or a control character; command lines "
        "and schedules cannot have it";
    EXPECT_EQ(failure_of([&] { DRYDOCK_EXPECT_HOLDS(scenario, seeds(1, 1)); }), spaced);
    EXPECT_EQ(failure_of([&] { DRYDOCK_EXPECT_EXPLORED(scenario, {}); }), spaced);
    EXPECT_EQ(failure_of([&] { DRYDOCK_EXPECT_REPLAY_HOLDS(scenario, "x"); }), spaced);
    scenario.name = "";
    EXPECT_EQ(failure_of([&] { DRYDOCK_EXPECT_HOLDS(scenario, seeds(1, 1)); }),
              "the scenario has no name");
    scenario = numbers;
    scenario.make = nullptr;
    EXPECT_EQ(failure_of([&] { DRYDOCK_EXPECT_HOLDS(scenario, seeds(1, 1)); }),
              "the scenario 'planted/numbers' has no function that makes it");
}

// --- files ---------------------------------------------------------------------------------------

TEST_F(ExpectHolds, SaysThatAScheduleCannotBeWritten) {
    const std::string file = folder_.path() + "/file";
    std::ofstream(file) << "a file where a folder should be";
    const test::ScopedVariable schedules("DRYDOCK_SCHEDULES", file);
    EXPECT_THAT(
        failure_of([] { DRYDOCK_EXPECT_HOLDS(numbers, seeds(1, 200)); }),
        EndsWith("\n  the schedule cannot be written to '" + file + "/planted-numbers-" +
                 "no-seven-" + std::to_string(seeds_that_draw("7", 200).front()) + ".schedule'\n"));
}

TEST(ScheduleName, TellsScenarioPropertySeedAndAnySetupThatIsNotTheUsualOne) {
    const RunSetup usual{"zoo/leaks", {}, {}};
    EXPECT_EQ(harness::schedule_name(usual, "stuck", "17"), "zoo-leaks-stuck-17.schedule");
    RunSetup one = usual;
    one.settings = {{"clients", 1}};
    RunSetup two = usual;
    two.settings = {{"clients", 2}};
    RunSetup calm = usual;
    calm.options.calm_bound = 99;
    std::set<std::string> names;
    for (const RunSetup& setup : {usual, one, two, calm}) {
        names.insert(harness::schedule_name(setup, "stuck", "17"));
    }
    EXPECT_THAT(names, SizeIs(4));
    for (const std::string& name : names) EXPECT_THAT(name, EndsWith(".schedule"));
}

TEST_F(ExpectHolds, NeverShowsAPartOfAFileToAnotherTest) {
    const std::string path = folder_.path() + "/one.schedule";
    const auto write = [&](char letter) {
        for (int i = 0; i < 50; ++i) {
            const auto written =
                harness::write_file(folder_.path(), "one.schedule", std::string(200'000, letter));
            EXPECT_EQ(written.complaint, "");
            EXPECT_EQ(written.path, path);
        }
    };
    write('a');
    {
        const std::jthread one([&] { write('b'); });
        const std::jthread two([&] { write('c'); });
        int seen = 0;
        for (int i = 0; i < 50 || seen == 0; ++i) {
            const std::optional<std::string> text = harness::read_file(path);
            if (!text) continue;  // Windows lets nobody read it while it is being replaced
            ++seen;
            ASSERT_EQ(*text, std::string(200'000, text->front()));
        }
    }
    const std::filesystem::directory_iterator files(folder_.path());
    EXPECT_EQ(std::distance(files, {}), 1) << "temporary files should be gone";
}

}  // namespace
}  // namespace drydock::sim

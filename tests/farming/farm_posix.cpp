// Farms in child processes: a seed that crashes, exits or hangs is one failure among the others.
#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include <drydock/sim/farming.hpp>
#include <drydock/sim/schedule.hpp>

#include "tests/fragile/fragile.hpp"
#include "tests/scenarios/echo.hpp"

namespace drydock::sim {
namespace {

using test::Disaster;
using test::fragile;
using test::Fragile;
using testing::ContainsRegex;
using testing::HasSubstr;
using namespace std::chrono_literals;

FarmRun in_processes(unsigned jobs) {
    FarmRun how;
    how.jobs = jobs;
    how.isolation = Isolation::processes;
    how.seed_timeout = 30s;
    return how;
}

FarmOptions seeds(std::uint64_t first, std::uint64_t count) {
    FarmOptions options;
    options.first = first;
    options.count = count;
    options.run.faults = {};
    return options;
}

/// The seeds that meet their fate, found out with a scenario that survives it.
std::vector<std::uint64_t> doomed(const FarmOptions& options) {
    std::vector<std::uint64_t> found;
    FarmOptions recorded = options;
    recorded.run.record = true;
    for (std::uint64_t seed = options.first; seed < options.first + options.count; ++seed) {
        const Report report = run_seed(fragile<Disaster::none>, recorded, seed);
        if (report.schedule.back().value == Fragile::doom) found.push_back(seed);
    }
    return found;
}

void expect_same(const FarmSummary& one, const FarmSummary& other) {
    EXPECT_EQ(one.first, other.first);
    EXPECT_EQ(one.seeds, other.seeds);
    EXPECT_EQ(one.failures, other.failures);
    EXPECT_EQ(one.completions, other.completions);
    EXPECT_EQ(one.digest, other.digest);
    EXPECT_EQ(one.probes, other.probes);
    EXPECT_EQ(one.digests, other.digests);
    ASSERT_EQ(one.failed.size(), other.failed.size());
    for (const auto& [property, group] : one.failed) {
        ASSERT_TRUE(other.failed.contains(property)) << property;
        EXPECT_EQ(group.count, other.failed.at(property).count);
        EXPECT_EQ(group.first, other.failed.at(property).first);
        EXPECT_EQ(group.sentence, other.failed.at(property).sentence);
    }
}

TEST(ProcessFarm, HasTheSummaryOfThreadsWhateverTheJobs) {
    FarmOptions options;
    options.first = 500;
    options.count = 700;
    options.keep_digests = true;
    FarmRun threads = in_processes(2);
    threads.isolation = Isolation::threads;
    const FarmSummary expected = run_farm(echo_scenario, options, threads);
    EXPECT_EQ(expected.seeds, 700U);
    for (const unsigned jobs : {1U, 2U, 5U}) {
        expect_same(expected, run_farm(echo_scenario, options, in_processes(jobs)));
    }
}

/// The disaster's farm has what the farm of the survivor has, without the doomed seeds.
template <Disaster disaster>
void expect_others_unharmed(const char* property, const std::string& sentence) {
    FarmOptions options = seeds(1, 3000);
    options.keep_digests = true;
    const std::vector<std::uint64_t> expected = doomed(options);
    ASSERT_GE(expected.size(), 1U);
    const FarmSummary whole = run_farm(fragile<Disaster::none>, options, in_processes(1));
    FarmSummary summaries[2];
    for (const unsigned jobs : {1U, 3U}) {
        const FarmSummary summary = run_farm(fragile<disaster>, options, in_processes(jobs));
        EXPECT_EQ(summary.seeds, options.count);
        EXPECT_EQ(summary.failures, expected.size());
        EXPECT_EQ(summary.probes.at("fragile.survived"), options.count - expected.size());
        ASSERT_TRUE(summary.failed.contains(property));
        EXPECT_EQ(summary.failed.at(property).count, expected.size());
        EXPECT_EQ(summary.failed.at(property).first, expected.front());
        EXPECT_THAT(summary.failed.at(property).sentence, ContainsRegex(sentence));
        std::vector<std::uint64_t> digests = whole.digests;
        for (const std::uint64_t seed : expected) digests[seed - options.first] = 0;
        EXPECT_EQ(summary.digests, digests);
        summaries[jobs / 2] = summary;
    }
    expect_same(summaries[0], summaries[1]);
}

TEST(ProcessFarm, GoesOnAfterASegmentationFaultAndNamesSeedAndStep) {
    expect_others_unharmed<Disaster::null_write>(
        "crash",
        "(segmentation fault \\(SIGSEGV\\) ended the process|ended with exit status 1) in step 4, "
        "at 0.0003[0-9]* virtual seconds, which began with the completion of a timer started at "
        ".*fragile.cpp:[0-9]+");
}

TEST(ProcessFarm, GoesOnAfterAnExceptionThatNobodyCatches) {
    expect_others_unharmed<Disaster::exception>("crash",
                                                "an abort \\(SIGABRT\\) ended the process in step");
}

TEST(ProcessFarm, GoesOnAfterAnExit) {
    expect_others_unharmed<Disaster::exit>("crash",
                                           "the process ended with exit status 3 in step 4");
}

TEST(ProcessFarm, GoesOnAfterAStepThatMakesChoicesForEver) {
    expect_others_unharmed<Disaster::endless_choices>(
        "endless-step", "one step made more than 1000000 choices after completion 4");
}

TEST(ProcessFarm, EndsASeedThatHangsAndGoesOn) {
    const FarmOptions options = seeds(1, doomed(seeds(1, 5000)).front() + 100);
    const std::vector<std::uint64_t> expected = doomed(options);
    FarmRun how = in_processes(2);
    how.seed_timeout = 700ms;
    const FarmSummary summary = run_farm(fragile<Disaster::endless_loop>, options, how);
    EXPECT_EQ(summary.seeds, options.count);
    ASSERT_TRUE(summary.failed.contains("hang"));
    EXPECT_EQ(summary.failed.at("hang").count, expected.size());
    EXPECT_EQ(summary.failed.at("hang").first, expected.front());
    EXPECT_THAT(summary.failed.at("hang").sentence,
                HasSubstr("the run did not end within 0.7 s; it was ended in step 4, at 0.0003"));
}

TEST(ProcessFarm, UntilFailureEndsWithTheSeedThatCrashes) {
    FarmOptions options = seeds(1, 100'000);
    const std::uint64_t first = doomed(seeds(1, 5000)).front();
    options.until_failure = true;
    for (const unsigned jobs : {1U, 3U}) {
        const FarmSummary summary =
            run_farm(fragile<Disaster::null_write>, options, in_processes(jobs));
        EXPECT_EQ(summary.seeds, first);
        EXPECT_EQ(summary.failures, 1U);
        EXPECT_EQ(summary.failed.at("crash").first, first);
    }
}

TEST(ProcessFarm, OfWhichEverySeedCrashesEndsAfterSoMany) {
    static constexpr ScenarioInfo always = [] {
        ScenarioInfo info = fragile<Disaster::null_write>;
        info.make = []() -> std::unique_ptr<Scenario> {
            class AtOnce final : public Scenario {
                Task<void> main(World&) override {
                    throw 1;
                    co_return;
                }
            };
            return std::make_unique<AtOnce>();
        };
        return info;
    }();
    FarmRun alone = in_processes(1);
    alone.most_crashes = 12;
    EXPECT_EQ(run_farm(always, seeds(1, 1'000'000), alone).failures, 12U);
    FarmRun how = in_processes(2);
    how.most_crashes = 12;
    const FarmSummary summary = run_farm(always, seeds(1, 1'000'000), how);
    // Seeds count up to the first that is missing, and one process may be far behind the other.
    EXPECT_GE(summary.failures, 1U);
    EXPECT_LE(summary.failures, 14U);
    EXPECT_EQ(summary.seeds, summary.failures);
    EXPECT_EQ(summary.failed.at("crash").first, 1U);
    EXPECT_THAT(summary.failed.at("crash").sentence,
                HasSubstr("an abort (SIGABRT) ended the process in step 1, at 0.000000"));
}

TEST(ProcessFarm, ThatIsStoppedWhileASeedHangsNamesIt) {
    const std::uint64_t first = doomed(seeds(1, 5000)).front();
    FarmRun how = in_processes(1);
    how.seed_timeout = 1h;
    const auto start = std::chrono::steady_clock::now();
    how.stop = [&] { return std::chrono::steady_clock::now() - start > 1s; };
    const FarmSummary summary =
        run_farm(fragile<Disaster::endless_loop>, seeds(1, first + 1000), how);
    EXPECT_EQ(summary.seeds, first) << "those up to the seed that hung";
    EXPECT_EQ(summary.failed.at("hang").first, first);
    EXPECT_THAT(summary.failed.at("hang").sentence, HasSubstr("did not end within 2 s"));
}

TEST(ProcessFarm, ThatIsStoppedHasTheSeedsUpToSomeLastOne) {
    int asked = 0;
    FarmRun how = in_processes(2);
    how.stop = [&] { return ++asked > 3; };
    std::uint64_t seen = 0;
    how.progress = [&](std::uint64_t done, std::uint64_t) { seen = done; };
    const FarmSummary early = run_farm(echo_scenario, seeds(1, 10'000'000), how);
    ASSERT_GT(early.seeds, 0U);
    ASSERT_LT(early.seeds, 10'000'000U);
    EXPECT_GT(seen, 0U);
    expect_same(early, run_farm(echo_scenario, seeds(1, early.seeds), in_processes(2)));
}

TEST(ProcessFarm, AutomaticIsolationDependsOnTheThreadsOfTheProcess) {
    EXPECT_TRUE(uses_processes(Isolation::processes));
    EXPECT_FALSE(uses_processes(Isolation::threads));
    std::atomic<bool> done = false;
    std::jthread other([&] { done.wait(false); });
    EXPECT_FALSE(uses_processes(Isolation::automatic));
    done = true;
    done.notify_one();
}

}  // namespace
}  // namespace drydock::sim

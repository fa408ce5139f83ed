// The harness must find each specimen within its budget of seeds and name the cause, and nothing in
// a sound server. What it takes to find each is printed, and goes into the test report as
// properties.
#include <algorithm>
#include <cstdio>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>
#include <drydock/sim/schedule.hpp>
#include "sim/properties.hpp"
#include "tests/support/scale.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::zoo {
namespace {

/// Under a sanitizer a part of them will do: the defects are found by the first few hundred.
std::uint64_t seeds(std::uint64_t budget) {
    return static_cast<std::uint64_t>(test::scaled(static_cast<int>(budget)));
}

/// "zoo/ignores-short-sends" as "IgnoresShortSends": tests' names have letters alone.
std::string test_name(std::string_view name) {
    std::string result;
    bool begins = true;
    for (const char c : name.substr(name.find('/') + 1)) {
        const bool letter = c != '-';
        if (letter) result += begins && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        begins = !letter;
    }
    return result;
}

/// The seeds in which the defect is looked for.
std::vector<std::uint64_t> hunted(const Specimen& specimen) {
    std::vector<std::uint64_t> all(seeds(specimen.budget));
    std::iota(all.begin(), all.end(), specimen.from);
    return all;
}

sim::Report run_seed(const sim::ScenarioInfo& scenario, std::uint64_t seed) {
    sim::RunOptions options;
    options.record = true;
    return sim::run(scenario, seed, options);
}

bool names_the_cause(const Specimen& specimen, const sim::Report& report) {
    return std::any_of(specimen.expected.begin(), specimen.expected.end(),
                       [&](const Expected& expected) {
                           return report.property == expected.property &&
                                  report.sentence.find(expected.cause) != std::string::npos;
                       });
}

class Zoo : public testing::TestWithParam<const Specimen*> {};

/// What a whole budget of seeds has found.
struct Findings {
    std::uint64_t first = 0;
    int found = 0;
    std::map<std::string, int> by_property;
    std::string unexplained;  // the first failure that does not name the cause
};

Findings search(const Specimen& specimen) {
    Findings findings;
    for (const std::uint64_t seed : hunted(specimen)) {
        const sim::Report report = run_seed(specimen.scenario, seed);
        if (report.passed) continue;
        if (findings.found++ == 0) findings.first = seed;
        ++findings.by_property[report.property];
        if (names_the_cause(specimen, report) || !findings.unexplained.empty()) continue;
        findings.unexplained =
            "seed " + std::to_string(seed) + ": " + report.property + ": " + report.sentence;
    }
    return findings;
}

TEST_P(Zoo, TheHarnessFindsTheDefectAndNamesIt) {
    const Specimen& specimen = *GetParam();
    const Findings findings = search(specimen);
    EXPECT_GT(findings.found, 0) << "the defect should be found within " << specimen.budget
                                 << " seeds";
    EXPECT_EQ(findings.unexplained, "") << "what is found should name the cause";
    std::string how;
    for (const auto& [property, count] : findings.by_property) {
        how += " " + property + "=" + std::to_string(count);
    }
    std::printf("%-36s first seed %4d, found by %4d of %d:%s\n",
                std::string(specimen.scenario.name).c_str(), static_cast<int>(findings.first),
                findings.found, static_cast<int>(seeds(specimen.budget)), how.c_str());
    RecordProperty("first_seed", static_cast<int>(findings.first));
    RecordProperty("found", findings.found);
}

TEST_P(Zoo, AFailingRunReplays) {
    const Specimen& specimen = *GetParam();
    for (const std::uint64_t seed : hunted(specimen)) {
        const sim::Report report = run_seed(specimen.scenario, seed);
        if (report.passed) continue;
        const sim::Replayed replayed =
            sim::replay(specimen.scenario,
                        sim::write_schedule({std::string(specimen.scenario.name), {}, {}}, report));
        EXPECT_FALSE(replayed.divergence.has_value());
        EXPECT_EQ(replayed.property, report.property);
        EXPECT_EQ(replayed.sentence, report.sentence);
        EXPECT_EQ(replayed.digest, report.digest);
        return;
    }
    FAIL() << "the defect should be found within " << specimen.budget << " seeds";
}

class ZooOfFaults : public Zoo {};

TEST_P(ZooOfFaults, WithoutThoseThatItNeedsNothingIsFound) {
    const Specimen& specimen = *GetParam();
    sim::RunOptions options;
    options.faults = sim::FaultSet::all().without(specimen.needs);
    DRYDOCK_EXPECT_HOLDS(specimen.scenario, sim::seeds(specimen.from, seeds(specimen.budget)), {},
                         options);
}

// What a demonstration shows of each specimen: nothing. That is why these defects live long.
TEST_P(Zoo, ADemonstrationShowsNothing) {
    const std::unique_ptr<sim::Scenario> scenario = GetParam()->demonstration();
    sim::ReplayChoices benign(std::span<const std::uint32_t>{});
    const sim::Report report = sim::run(*scenario, benign);
    // Whoever looks beyond the clients would see some of them.
    EXPECT_EQ(report.passed, !GetParam()->shows_at_once)
        << report.property << ": " << report.sentence;
}

TEST_P(Zoo, WhatItBreaksSaysWhatWasExpected) {
    for (const Expected& expected : GetParam()->expected) {
        EXPECT_NE(sim::explain(GetParam()->scenario, expected.property).expected, "")
            << expected.property;
    }
}

class RareZoo : public Zoo {};

/// What a person would call "tested well", and finds nothing.
TEST_P(RareZoo, ShortFarmsFindNothing) {
    ASSERT_GT(GetParam()->from, rare_beyond);
    DRYDOCK_EXPECT_HOLDS(GetParam()->scenario, sim::seeds(1, seeds(rare_beyond)));
}

std::vector<const Specimen*> all_specimens() {
    std::vector<const Specimen*> all;
    for (const Specimen& specimen : specimens()) all.push_back(&specimen);
    return all;
}

std::vector<const Specimen*> specimens_with_needs() {
    std::vector<const Specimen*> all = all_specimens();
    std::erase_if(all, [](const Specimen* each) { return each->needs == sim::FaultSet(); });
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, ZooOfFaults, testing::ValuesIn(specimens_with_needs()),
                         [](const auto& test) { return test_name(test.param->scenario.name); });

std::vector<const Specimen*> rare_specimens() {
    std::vector<const Specimen*> all = all_specimens();
    std::erase_if(all, [](const Specimen* each) { return !each->is_rare(); });
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, RareZoo, testing::ValuesIn(rare_specimens()),
                         [](const auto& test) { return test_name(test.param->scenario.name); });

INSTANTIATE_TEST_SUITE_P(All, Zoo, testing::ValuesIn(all_specimens()),
                         [](const auto& test) { return test_name(test.param->scenario.name); });

TEST_P(Zoo, WhatIsFoundShrinksToAFewChoices) {
    const Specimen& specimen = *GetParam();
    for (const std::uint64_t seed : hunted(specimen)) {
        const sim::Report found = run_seed(specimen.scenario, seed);
        if (found.passed) continue;
        const sim::Shrunk shrunk = sim::shrink_seed(specimen.scenario, {}, seed);
        EXPECT_EQ(shrunk.report.property, found.property);
        EXPECT_TRUE(shrunk.finished || specimen.long_runs);
        EXPECT_LE(sim::not_benign(shrunk.report.schedule), specimen.most_choices());
        RecordProperty("shrunk", static_cast<int>(sim::not_benign(shrunk.report.schedule)));
        return;
    }
    FAIL() << "the defect should be found within " << specimen.budget << " seeds";
}

class Sound : public testing::TestWithParam<const sim::ScenarioInfo*> {};

TEST_P(Sound, TheHarnessFindsNothing) {
    DRYDOCK_EXPECT_HOLDS(*GetParam(), sim::seeds(1, seeds(1000)));
}

std::vector<const sim::ScenarioInfo*> all_sound() {
    std::vector<const sim::ScenarioInfo*> all;
    for (const sim::ScenarioInfo& server : sound_servers()) all.push_back(&server);
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, Sound, testing::ValuesIn(all_sound()),
                         [](const auto& test) { return test_name(test.param->name); });

// --- the list itself -----------------------------------------------------------------------------

TEST(ZooList, FindsEachSpecimenByItsName) {
    std::set<std::string_view> names;
    for (const Specimen& specimen : specimens()) {
        EXPECT_EQ(find_specimen(specimen.scenario.name), &specimen) << specimen.scenario.name;
        EXPECT_THAT(std::string(specimen.scenario.name), testing::StartsWith("zoo/"));
        EXPECT_TRUE(names.insert(specimen.scenario.name).second)
            << specimen.scenario.name << " is there twice";
    }
    EXPECT_EQ(find_specimen("zoo/unicorn"), nullptr);
}

TEST(ZooList, SaysOfEachWhatItIsAndWhereItWasMet) {
    for (const Specimen& specimen : specimens()) {
        EXPECT_FALSE(specimen.scenario.summary.empty()) << specimen.scenario.name;
        EXPECT_FALSE(specimen.origin.empty()) << specimen.scenario.name;
        EXPECT_FALSE(specimen.expected.empty()) << specimen.scenario.name;
    }
    for (const ImpossibleDefect& defect : impossible_defects()) {
        EXPECT_FALSE(defect.origin.empty()) << defect.defect;
        EXPECT_FALSE(defect.reason.empty()) << defect.defect;
    }
}

}  // namespace
}  // namespace drydock::zoo

// Shrinking with several clients: whichever seed has found a defect, what is left is as short.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <drydock/sim/shrink.hpp>

#include "tests/sim/line_scenario.hpp"
#include "tests/support/scale.hpp"

namespace drydock::sim {
namespace {

using test::LineScenario;
using test::Planted;

Report run_lines(Planted defect, ChoiceSource& choices) {
    LineScenario scenario(defect);
    RunOptions options;
    options.record = true;
    return run(scenario, choices, options);
}

/// The first seeds that fail, all with the property of the first of them.
std::vector<Report> failures(Planted defect, std::size_t count) {
    std::vector<Report> found;
    for (std::uint64_t seed = 1; found.size() < count && seed < 20'000; ++seed) {
        SeedChoices choices(seed);
        Report report = run_lines(defect, choices);
        const bool same = found.empty() || report.property == found.front().property;
        if (!report.passed && same) found.push_back(std::move(report));
    }
    return found;
}

TEST(LineScenario, PassesWithoutAPlantedDefect) {
    for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
        SeedChoices choices(seed);
        const Report report = run_lines(Planted::nothing, choices);
        ASSERT_TRUE(report.passed) << "seed " << seed << ": " << report.sentence;
    }
}

struct PlantedLength {
    Planted defect;
    std::size_t most;                          ///< choices that are left; one less is possible
    std::uint64_t most_completions = 400'000;  ///< to save time, less than the default
};

class ShrinkClients : public testing::TestWithParam<PlantedLength> {};

TEST_P(ShrinkClients, FifteenSeedsShrinkToTheSameLength) {
    const auto seeds = static_cast<std::size_t>(std::max(test::scaled(15), 4));
    const auto [defect, most, most_completions] = GetParam();
    const std::vector<Report> found = failures(defect, seeds);
    ASSERT_EQ(found.size(), seeds);
    const Experiment experiment = [planted = defect](ChoiceSource& choices) {
        return run_lines(planted, choices);
    };
    ShrinkOptions options;
    options.most_completions = most_completions;
    std::vector<std::size_t> lengths;
    for (const Report& failing : found) {
        const Shrunk shrunk = shrink(experiment, failing, options);
        EXPECT_EQ(shrunk.report.property, failing.property);
        lengths.push_back(not_benign(shrunk.report.schedule));
    }
    const auto [least, longest] = std::minmax_element(lengths.begin(), lengths.end());
    EXPECT_LE(*longest, *least + 1) << testing::PrintToString(lengths);
    EXPECT_LE(*longest, most) << testing::PrintToString(lengths);
}

INSTANTIATE_TEST_SUITE_P(Lines, ShrinkClients,
                         testing::Values(PlantedLength{Planted::answers_out_of_order, 6},
                                         PlantedLength{Planted::place_kept, 7},
                                         PlantedLength{Planted::stop_without_drain, 6, 1'000'000},
                                         PlantedLength{Planted::number_taken_twice, 8},
                                         PlantedLength{Planted::unfinished_line_shared, 5},
                                         PlantedLength{Planted::slot_reused, 5, 1'000'000}),
                         [](const auto& test) { return std::string(name(test.param.defect)); });

}  // namespace
}  // namespace drydock::sim

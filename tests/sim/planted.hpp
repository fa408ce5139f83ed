// Planted failures for the tests of <drydock/sim/gtest.hpp>: scenarios that fail by one choice, and
// the failures of a test as texts.
#pragma once

#include <string>
#include <vector>

#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <drydock/sim/gtest.hpp>

#include "tests/support/environment.hpp"

namespace drydock::sim {

/// Draws a number below `most`; 7 and 19 are failures.
class NumberScenario final : public Scenario {
public:
    static constexpr Parameter parameters[] = {{"most", "the numbers are below it", 1, 100, 5}};
    static constexpr Expectation properties[] = {{"no-seven", "the number is not 7"},
                                                 {"no-nineteen", "the number is not 19"}};

    Task<void> main(World& world) override {
        number_ = world.choose(most_, "number");
        if (number_ == 7) world.fail("no-seven", "the number is 7");
        if (number_ == 19) world.fail("no-nineteen", "the number is 19");
        co_return;
    }
    bool set(std::string_view name, std::uint64_t value) override {
        if (!in_range(parameters, name, value)) return false;
        most_ = static_cast<std::uint32_t>(value);
        return true;
    }
    std::string options() const override { return "number=" + std::to_string(number_); }
    std::string outcome() const override { return std::to_string(number_); }

private:
    std::uint32_t most_ = 20;
    std::uint32_t number_ = 0;
};

inline constexpr ScenarioInfo numbers =
    scenario_info<NumberScenario>("planted/numbers", "a number that is drawn");

/// What a statement of a test would report as failures, one text each.
struct PlantedFailure {
    std::string text;
    int line = 0;
    bool fatal = false;
};

template <typename Statement>
std::vector<PlantedFailure> failures_of(const Statement& statement) {
    ::testing::TestPartResultArray results;
    {
        const ::testing::ScopedFakeTestPartResultReporter reporter(
            ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
        statement();
    }
    std::vector<PlantedFailure> failures;
    for (int i = 0; i < results.size(); ++i) {
        const ::testing::TestPartResult& result = results.GetTestPartResult(i);
        if (!result.failed()) continue;
        std::string text = result.message();
        if (text.starts_with("Failed\n")) text.erase(0, 7);  // GoogleTest's own line
        failures.push_back({text, result.line_number(), result.fatally_failed()});
    }
    return failures;
}

/// The same, joined: for statements that fail once or not at all.
template <typename Statement>
std::string failure_of(const Statement& statement) {
    std::string text;
    for (const PlantedFailure& failure : failures_of(statement)) text += failure.text;
    return text;
}

/// Tests whose schedules go into a folder of their own, and that know no variables from outside.
class InAFolder : public ::testing::Test {
protected:
    test::ScopedFolder folder_;
    test::ScopedVariable schedules_{"DRYDOCK_SCHEDULES", folder_.path()};
    test::ScopedVariable seeds_{"DRYDOCK_SEEDS", std::nullopt};
    test::ScopedVariable first_seed_{"DRYDOCK_FIRST_SEED", std::nullopt};
    test::ScopedVariable jobs_{"DRYDOCK_JOBS", std::nullopt};
};

}  // namespace drydock::sim

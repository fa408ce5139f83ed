// Scenarios without a server, whose runs end after a few choices, and the tool's answers to command
// lines.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include <drydock/sim/run.hpp>

namespace drydock::test {

/// Throws dice, and fails "dice-sum" if most of them show a six: about one seed in fourteen.
class Dice final : public sim::Scenario {
public:
    static constexpr sim::Parameter parameters[] = {
        {"dice", "number of dice", 1, 4, 2},
        {"sides", "sides of each die", 2, 6, 3},
    };
    static constexpr sim::Expectation properties[] = {{"dice-sum", "the dice show few sixes"}};

    bool set(std::string_view name, std::uint64_t value) override;
    Task<void> main(sim::World& world) override;
    std::string options() const override;
    std::string outcome() const override { return "sum " + std::to_string(sum_); }

private:
    std::uint32_t dice_ = 3;
    std::uint32_t sides_ = 6;
    std::uint32_t sum_ = 0;
};

inline constexpr sim::ScenarioInfo dice = sim::scenario_info<Dice>("dice", "three dice");

using Scenarios = std::vector<const sim::ScenarioInfo*>;
using Words = std::vector<std::string>;

struct Answer {
    int status = 0;
    std::string output;
    std::string errors;
};

/// What the program "dice-sim" of these scenarios prints, and its exit status.
Answer run_tool(const Scenarios& scenarios, Words words,
                const std::string& program = "bin/dice-sim");

/// Status 2, no output, and one sentence that begins with the program's name and holds `says`.
void expect_refusal(const Answer& answer, const std::string& says);

}  // namespace drydock::test

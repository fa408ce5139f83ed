// The tool in this process, with its standard streams captured.
#include "tests/tool/tools.hpp"

#include <algorithm>

#include <drydock/sim/tool.hpp>

namespace drydock::test {

bool Dice::set(std::string_view name, std::uint64_t value) {
    if (!sim::in_range(parameters, name, value)) return false;
    (name == "dice" ? dice_ : sides_) = static_cast<std::uint32_t>(value);
    return true;
}

Task<void> Dice::main(sim::World& world) {
    std::uint32_t sixes = 0;
    for (std::uint32_t i = 0; i < dice_; ++i) {
        const std::uint32_t shows = world.choose(sides_, "die") + 1;
        sum_ += shows;
        if (shows == 6) ++sixes;
    }
    if (2 * sixes > dice_) world.fail("dice-sum", "the dice show too many sixes");
    co_return;
}

std::string Dice::options() const { return "dice=" + std::to_string(dice_); }

Answer run_tool(const Scenarios& scenarios, Words words, const std::string& program) {
    words.insert(words.begin(), program);
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    Answer answer;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    answer.status = sim::tool_main(static_cast<int>(words.size()), arguments.data(), scenarios);
    answer.errors = testing::internal::GetCapturedStderr();
    answer.output = testing::internal::GetCapturedStdout();
    return answer;
}

void expect_refusal(const Answer& answer, const std::string& says) {
    EXPECT_EQ(answer.status, 2);
    EXPECT_EQ(answer.output, "");
    EXPECT_EQ(std::count(answer.errors.begin(), answer.errors.end(), '\n'), 1) << answer.errors;
    EXPECT_THAT(answer.errors, testing::StartsWith("dice-sim: "));
    EXPECT_THAT(answer.errors, testing::HasSubstr(says));
}

}  // namespace drydock::test

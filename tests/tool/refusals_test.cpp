// Wrong use of tool_main(), by the author of the list of scenarios and by the user of the program.
#include "tests/support/process.hpp"
#include "tests/tool/tools.hpp"

namespace drydock::test {
namespace {

sim::ScenarioInfo named(std::string_view name) {
    sim::ScenarioInfo info = dice;
    info.name = name;
    return info;
}

// --- the list ----------------------------------------------------------------------------------

TEST(ToolRefusesAList, that_is_empty) {
    expect_refusal(run_tool({}, {"run", "dice"}), "the list of scenarios is empty");
    expect_refusal(run_tool({}, {"--help"}), "the list of scenarios is empty");
}

TEST(ToolRefusesAList, with_a_null_pointer) {
    expect_refusal(run_tool({&dice, nullptr}, {"run", "dice"}),
                   "entry 2 of the list of 2 scenarios is a null pointer");
}

TEST(ToolRefusesAList, with_two_scenarios_of_one_name) {
    const sim::ScenarioInfo other = named("other");
    expect_refusal(run_tool({&dice, &other, &dice}, {"run", "other"}),
                   "two scenarios have the name 'dice'");
}

TEST(ToolRefusesAList, with_a_name_that_command_lines_and_schedules_cannot_hold) {
    const std::string_view names[] = {"",      "two dice",      "dice\n",  "--dice", "-d",
                                      "dice'", "w\xc3\xbcrfel", "../dice", "a\tb",   "a\\b"};
    for (const std::string_view name : names) {
        SCOPED_TRACE(name);
        const sim::ScenarioInfo wrong = named(name);
        expect_refusal(run_tool({&dice, &wrong}, {"list"}), "cannot be the name of a scenario");
    }
    for (const std::string_view name : {"dice", "zoo/dice", "v1.2+dice_a-b", "3dice"}) {
        const sim::ScenarioInfo right = named(name);
        EXPECT_EQ(run_tool({&right}, {"list"}).status, 0) << name;
    }
}

TEST(ToolRefusesAList, with_a_scenario_that_nothing_makes) {
    sim::ScenarioInfo unmade = dice;
    unmade.make = nullptr;
    expect_refusal(run_tool({&unmade}, {"list"}), "the scenario 'dice' has no function 'make'");
    unmade.make = [] { return std::unique_ptr<sim::Scenario>(); };
    expect_refusal(run_tool({&unmade}, {"run", "dice"}), "'make' of the scenario 'dice' gives a");
}

void expect_refused_parameters(std::span<const sim::Parameter> parameters,
                               const std::string& says) {
    sim::ScenarioInfo wrong = dice;
    wrong.parameters = parameters;
    expect_refusal(run_tool({&wrong}, {"list"}), says);
}

TEST(ToolRefusesAParameter, with_the_name_of_an_option_of_any_command) {
    for (const std::string_view name : {"seed", "json", "faults", "calm-after", "no-shrink",
                                        "reduction", "help", "version", "trace", "out"}) {
        SCOPED_TRACE(name);
        const sim::Parameter parameters[] = {{"dice", "", 1, 4, 2}, {name, "", 1, 4, 2}};
        expect_refused_parameters(parameters, "the parameter '" + std::string(name) +
                                                  "' of the scenario 'dice' needs another name");
    }
}

TEST(ToolRefusesAParameter, with_a_name_that_is_none_of_an_option) {
    for (const std::string_view name : {"", "two words", "-n", "--n", "a=b", "1st", "n,m"}) {
        SCOPED_TRACE(name);
        const sim::Parameter parameters[] = {{name, "", 1, 4, 2}};
        expect_refused_parameters(parameters, "cannot be the name of a parameter");
    }
}

TEST(ToolRefusesAParameter, that_is_there_twice_or_has_no_value) {
    const sim::Parameter twice[] = {{"n", "", 1, 4, 2}, {"n", "", 1, 4, 2}};
    expect_refused_parameters(twice, "has two parameters of the name 'n'");
    const sim::Parameter empty[] = {{"n", "", 4, 1, 2}};
    expect_refused_parameters(empty, "its range is from 4 to 1");
}

// --- the command line --------------------------------------------------------------------------

TEST(ToolRefusesACommandLine, with_a_parameter_out_of_range_or_of_another_scenario) {
    constexpr sim::Parameter coins[] = {{"coins", "", 1, 9, 1}};
    sim::ScenarioInfo other = named("coins");
    other.parameters = coins;
    const Scenarios both = {&dice, &other};
    for (const char* command : {"run", "farm", "explore"}) {
        SCOPED_TRACE(command);
        expect_refusal(run_tool(both, {command, "dice", "--dice", "5"}),
                       "'dice' of the scenario 'dice' must be from 1 to 4");
        expect_refusal(run_tool(both, {command, "dice", "--coins", "2"}),
                       "the scenario 'dice' has no parameter 'coins'");
    }
}

/// Lists a parameter, and has no set() of its own.
class Deaf final : public sim::Scenario {
public:
    static constexpr sim::Parameter parameters[] = {{"size", "a size", 1, 4, 2}};
    Task<void> main(sim::World&) override { co_return; }
};

TEST(ToolRefusesACommandLine, with_a_parameter_that_the_scenario_does_not_take) {
    constexpr sim::ScenarioInfo deaf = sim::scenario_info<Deaf>("deaf", "");
    const std::string says = "the scenario 'deaf' lists a parameter 'size' and does not take 2";
    expect_refusal(run_tool({&deaf}, {"run", "deaf", "--size", "2"}), says);
    expect_refusal(run_tool({&deaf}, {"explore", "deaf"}), says);
    EXPECT_EQ(run_tool({&deaf}, {"run", "deaf"}).status, 0);
}

/// Takes every value of every parameter.
class Greedy final : public sim::Scenario {
public:
    static constexpr sim::Parameter parameters[] = {{"size", "a size", 1, 4, 0}};
    bool set(std::string_view, std::uint64_t) override { return true; }
    Task<void> main(sim::World&) override { co_return; }
};

TEST(ToolRefusesACommandLine, with_a_value_out_of_range_that_the_scenario_would_take) {
    constexpr sim::ScenarioInfo greedy = sim::scenario_info<Greedy>("greedy", "");
    const std::string says = "'size' of the scenario 'greedy' must be from 1 to 4";
    expect_refusal(run_tool({&greedy}, {"run", "greedy", "--size", "5"}), says);
    expect_refusal(run_tool({&greedy}, {"explore", "greedy"}), says);  // explored: 0
}

TEST(ToolRefusesACommandLine, to_explore_a_scenario_without_parameters) {
    sim::ScenarioInfo plain = dice;
    plain.parameters = {};
    expect_refusal(run_tool({&plain}, {"explore", "dice"}), "cannot be explored");
}

TEST(ToolRefusesACommandLine, with_a_scenario_that_is_not_in_the_list) {
    const sim::ScenarioInfo other = named("other");
    expect_refusal(run_tool({&dice, &other}, {"run", "echo"}),
                   "there is no scenario 'echo'; the scenarios are dice, other\n");
}

TEST(ToolRefusesASchedule, of_a_scenario_that_is_not_in_the_list) {
    const TemporaryFolder folder;
    const std::string file =
        folder.write("echo.schedule", "drydock-schedule 2\nscenario echo\nend\n");
    for (const char* command : {"replay", "shrink"}) {
        expect_refusal(run_tool({&dice}, {command, file}),
                       "there is no scenario 'echo'; the scenarios are dice\n");
    }
}

TEST(ToolRefusesASchedule, with_settings_that_its_scenario_does_not_take) {
    const TemporaryFolder folder;
    const std::string file =
        folder.write("dice.schedule", "drydock-schedule 2\nscenario dice\nset coins 1\nend\n");
    expect_refusal(run_tool({&dice}, {"replay", file}), "has no parameter 'coins'");
}

TEST(ToolRefusesASummary, of_a_scenario_that_is_not_in_the_list) {
    const TemporaryFolder folder;
    const Answer farm =
        run_tool({&dice}, {"farm", "dice", "--seeds", "5", "--no-shrink", "--json"});
    const std::string file = folder.write("dice.json", farm.output);
    const sim::ScenarioInfo other = named("other");
    expect_refusal(run_tool({&other}, {"merge", file}), "there is no scenario 'dice'");
}

}  // namespace
}  // namespace drydock::test

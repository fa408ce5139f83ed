// The commands of a tool for scenarios that drydock does not know.
#include <regex>

#include <nlohmann/json.hpp>

#include "tests/support/process.hpp"
#include "tests/tool/tools.hpp"

namespace drydock::test {
namespace {

using testing::HasSubstr;
using testing::Not;

const Scenarios only_dice = {&dice};

/// The first seed whose run fails.
std::string failing_seed() {
    const Answer farm = run_tool(
        only_dice, {"farm", "dice", "--seeds", "1000", "--no-shrink", "--until-failure", "--json"});
    return std::to_string(nlohmann::json::parse(farm.output)["failed"][0]["seed"].get<int>());
}

TEST(ToolCommands, run_a_seed_and_say_how_to_run_it_again) {
    const std::string seed = failing_seed();
    const Answer run = run_tool(only_dice, {"run", "dice", "--seed", seed});
    EXPECT_EQ(run.status, 1) << run.errors;
    EXPECT_THAT(run.output, HasSubstr("dice: seed " + seed + " FAILED: dice-sum\n"));
    EXPECT_THAT(run.output, HasSubstr("  expected: the dice show few sixes\n"));
    EXPECT_THAT(run.output,
                HasSubstr("  again: bin/dice-sim run dice --seed " + seed + " --trace 40\n"));
}

TEST(ToolCommands, print_command_lines_that_a_shell_takes_as_the_program_was_started) {
    const std::string seed = failing_seed();
    const auto printed = [&](const std::string& program) {
        return run_tool(only_dice, {"run", "dice", "--seed", seed}, program).output;
    };
    EXPECT_THAT(printed("./dice-sim"), HasSubstr("again: ./dice-sim run"));
    EXPECT_THAT(printed("my tools/it's"), HasSubstr("again: 'my tools/it'\\''s' run"));
}

TEST(ToolCommands, call_the_program_by_its_name_without_folder_and_ending) {
    for (const char* program :
         {"dice-sim", "./dice-sim", "/usr/bin/dice-sim", "out/dice-sim.exe"}) {
        const Answer help = run_tool(only_dice, {"--help"}, program);
        EXPECT_EQ(help.status, 0);
        EXPECT_THAT(help.output, HasSubstr("\nUsage: dice-sim COMMAND "));
        EXPECT_THAT(run_tool(only_dice, {"walk"}, program).errors,
                    testing::StartsWith("dice-sim: there is no command 'walk'"));
    }
}

/// Reports bytes that it was sent, as a scenario does whose server sends back nonsense.
class Nonsense final : public sim::Scenario {
public:
    Task<void> main(sim::World& world) override {
        world.fail("nonsense", "the server answered '\xff\xfe'\nand closed");
        co_return;
    }
};

TEST(ToolCommands, print_json_also_of_an_error_message_that_is_not_utf_8) {
    static constexpr sim::ScenarioInfo nonsense =
        sim::scenario_info<Nonsense>("nonsense", "answers with bytes that are no text");
    const TemporaryFolder folder;
    const Answer farm = run_tool(
        {&nonsense}, {"farm", "nonsense", "--seeds", "2", "--json", "--out", folder.path()});
    EXPECT_EQ(farm.status, 1) << farm.errors;
    const auto object = nlohmann::json::parse(farm.output);
    EXPECT_EQ(object["failed"][0]["sentence"],
              "the server answered '\xef\xbf\xbd\xef\xbf\xbd'\nand closed");
}

TEST(ToolCommands, farm_shrink_and_replay_a_failure) {
    const TemporaryFolder folder;
    const Answer farm =
        run_tool(only_dice, {"farm", "dice", "--seeds", "500", "--out", folder.path()});
    EXPECT_EQ(farm.status, 1) << farm.errors;
    EXPECT_THAT(farm.output, HasSubstr("  again: bin/dice-sim run dice --seed "));
    std::smatch found;
    ASSERT_TRUE(std::regex_search(
        farm.output, found,
        std::regex("shrunk to 2 choices that are not benign: bin/dice-sim replay (.*) --trace 40")))
        << farm.output;
    const std::string file = found[1];
    EXPECT_EQ(run_tool(only_dice, {"replay", file}).status, 1);
    const Answer shrunk =
        run_tool(only_dice, {"shrink", file, "--out", folder.path() + "/small.schedule"});
    EXPECT_EQ(shrunk.status, 1) << shrunk.errors;
    EXPECT_THAT(shrunk.output, HasSubstr("again: bin/dice-sim replay " + folder.path()));
    EXPECT_THAT(folder.read("small.schedule"), HasSubstr("\nscenario dice\n"));
}

TEST(ToolCommands, explore_with_the_values_that_the_parameters_have_for_it) {
    const Answer explored = run_tool(only_dice, {"explore", "dice"});
    EXPECT_EQ(explored.status, 0) << explored.errors;
    EXPECT_THAT(explored.output, HasSubstr("dice: dice=2 sides=3; every order"));
    EXPECT_THAT(explored.output, HasSubstr("5 outcomes, in 9 runs to the end"));
    const Answer given = run_tool(only_dice, {"explore", "dice", "--sides", "6"});
    EXPECT_EQ(given.status, 1) << given.errors;
}

TEST(ToolCommands, merge_the_parts_of_a_farm_to_the_whole) {
    const TemporaryFolder folder;
    const auto farm = [&](const char* shard) {
        return run_tool(only_dice, {"farm", "dice", "--seeds", "100", "--no-shrink", "--json",
                                    "--shard", shard})
            .output;
    };
    const Answer merged = run_tool(only_dice, {"merge", folder.write("a", farm("1/2")),
                                               folder.write("b", farm("2/2")), "--json"});
    const auto sum = nlohmann::json::parse(merged.output);
    const auto whole = nlohmann::json::parse(farm("1/1"));
    for (const char* member : {"scenario", "run", "seeds", "failures", "digest", "probes"}) {
        EXPECT_EQ(sum[member], whole[member]) << member;
    }
}

TEST(ToolCommands, list_the_scenarios_and_their_parameters_alone) {
    const Answer list = run_tool(only_dice, {"list"});
    EXPECT_EQ(list.status, 0);
    EXPECT_TRUE(std::regex_match(list.output,
                                 std::regex("dice +three dice\n    --dice 1..4: number of dice\n"
                                            "    --sides 2..6: sides of each die\n")))
        << list.output;
    const auto json = nlohmann::json::parse(run_tool(only_dice, {"list", "--json"}).output);
    ASSERT_EQ(json.size(), 1U);
    EXPECT_EQ(json[0]["name"], "dice");
    EXPECT_EQ(json[0]["parameters"].size(), 2U);
}

TEST(ToolHelp, speaks_of_this_program_alone) {
    std::string texts = run_tool(only_dice, {"--man-page"}).output;
    for (const char* command : {"run", "farm", "merge", "explore", "replay", "shrink", "list"}) {
        const Answer help = run_tool(only_dice, {command, "--help"});
        EXPECT_EQ(help.status, 0);
        EXPECT_THAT(help.output, HasSubstr(std::string("\n      dice-sim ") + command + " "));
        texts += help.output;
    }
    for (const char* other : {"drydock-sim", "drydock\\-sim", "zoo", "echo", "chat"}) {
        EXPECT_THAT(texts, Not(HasSubstr(other)));
    }
}

TEST(ToolHelp, tells_scenarios_that_share_the_name_of_a_parameter_apart) {
    constexpr sim::Parameter others[] = {{"dice", "number of red dice", 1, 9, 5}};
    sim::ScenarioInfo other = dice;
    other.name = "red-dice";
    other.parameters = others;
    const std::string help = run_tool({&dice, &other}, {"explore", "--help"}).output;
    const std::string entry = std::regex_replace(
        help.substr(help.find("\nSize of a small world, for dice and red-dice:\n")),
        std::regex("\\s+"), " ");
    EXPECT_THAT(entry,
                HasSubstr("--dice N Number of dice, 1 to 4 (for dice); number of red dice, 1 "
                          "to 9 (for red-dice). Default: 2 (for dice); 5 (for red-dice)."));
    EXPECT_THAT(entry, HasSubstr(" Size of a small world, for dice: --sides N Sides of each die, 2 "
                                 "to 6. Default: 3."));
}

}  // namespace
}  // namespace drydock::test

// drydock-sim: the simulator's commands for drydock's own servers and for those of the zoo.
#include <CLI/CLI.hpp>

#include "src/apps/drydock-sim/zoo.hpp"
#include "tests/scenarios/scenarios.hpp"

namespace drydock::app {
namespace {

CLI::App* add_zoo(CLI::App& app, ZooArguments& arguments) {
    CLI::App* command = app.add_subcommand(
        "zoo", "Run the broken servers of the zoo until each fails, and the sound ones");
    command->add_option("NAME", arguments.names,
                        "Only these, as zoo/trusts-a-cancel or trusts-a-cancel");
    command->add_flag("--json", arguments.json, "Print the result as one line of JSON");
    return command;
}

int run(int count, char** words) {
    Tool tool = {"drydock-sim", "drydock-sim", sim::scenarios()};
    ZooArguments zoo_arguments;
    zoo_arguments.tool = &tool;
    tool.extras.collection = "the zoo";
    tool.extras.scenarios = zoo_scenarios();
    tool.extras.commands = {{[&](CLI::App& app) { return add_zoo(app, zoo_arguments); },
                             [&] { return run_zoo(zoo_arguments); }}};
    tool.extras.amend = &amend_manual;
    return run_tool(tool, count, words);
}

}  // namespace
}  // namespace drydock::app

int main(int count, char** words) { return drydock::app::run(count, words); }

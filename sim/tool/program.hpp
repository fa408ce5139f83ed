// A program with the simulator's commands, and the place where drydock-sim adds its own to those of
// every tool: scenarios in collections, commands, texts.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/run.hpp>

#include "src/cli/manual.hpp"

namespace CLI {
class App;
}

namespace drydock::app {

/// A scenario outside the main list. Commands know it by its name, and `list` prints it without its
/// parameters; help texts do not mention it.
struct OtherScenario {
    const sim::ScenarioInfo* scenario = nullptr;
    std::string_view kind;  ///< as `list --json` has it
};

/// A command beside those of every tool.
struct OtherCommand {
    std::function<CLI::App*(CLI::App& app)> add;
    /// Runs it, once the command line is parsed. The exit status.
    std::function<int()> run;
};

/// What a program has beyond the commands for its scenarios.
struct Extras {
    std::string_view collection;  ///< what texts call the other scenarios: "the zoo"
    std::vector<OtherScenario> scenarios;
    std::vector<OtherCommand> commands;
    /// Gives the manual what only this program can say. May be empty.
    std::function<void(Manual&)> amend;
};

struct Tool {
    std::string name;   ///< in help texts and error messages
    std::string start;  ///< begins each command line that is printed to be run again
    std::span<const sim::ScenarioInfo* const> scenarios;
    Extras extras = {};
};

/// The scenario of that name. Null: there is none.
const sim::ScenarioInfo* look_up(const Tool& tool, std::string_view name);

/// Why the tool's scenarios cannot be used as they are, in a sentence. Empty: they can.
std::string objection_to_scenarios(const Tool& tool);

/// The whole program: parses the command line and runs the command. The exit status.
int run_tool(const Tool& tool, int count, char** words) noexcept;

}  // namespace drydock::app

// The texts of a tool's --help and manual page, beside its commands and options.
#include <algorithm>

#include <fmt/format.h>

#include "sim/tool/commands.hpp"
#include "sim/tool/program.hpp"

namespace drydock::app {
namespace {

const Manual::Status refused = {
    "2",
    "The command line is wrong or what it asks for cannot be done, as the error message says; or a "
    "file or a part of the output could not be written."};

/// What the examples are about: a scenario of the tool.
struct Names {
    std::string tool;
    std::string scenario;
    std::string small_world;  ///< options that make it small
};

Names names_of(const Tool& tool) {
    // One that can be explored, if there is one.
    const auto found = std::find_if(tool.scenarios.begin(), tool.scenarios.end(),
                                    [](const auto* each) { return !each->parameters.empty(); });
    const sim::ScenarioInfo& scenario =
        found == tool.scenarios.end() ? *tool.scenarios.front() : **found;
    std::string small_world;
    for (const sim::Parameter& parameter : scenario.parameters) {
        small_world += fmt::format(" --{} {}", parameter.name, parameter.explored);
    }
    return {tool.name, std::string(scenario.name), small_world};
}

std::string line(const Names& names, std::string_view command, std::string_view rest) {
    return fmt::format("{} {} {}{}", names.tool, command, names.scenario, rest);
}

std::vector<Manual::Command> commands_that_run(const Names& names) {
    return {
        {.name = "run",
         .statuses = {{"0", "The run passed."}, {"1", "The run failed."}, refused},
         .examples = {{"Seed 7, with the last 40 completions:",
                       line(names, "run", " --seed 7 --trace 40")},
                      {"Record a run, and run it again:",
                       line(names, "run", " --record run.schedule\n") + names.tool +
                           " replay run.schedule"}}},
        {.name = "farm",
         .statuses = {{"0", "All runs passed."},
                      {"1",
                       "A run failed. Or the farm had 20,000 seeds or more of a plain scenario "
                       "(one with no option that changes its runs), and no run reached one of "
                       "the scenario's probes."},
                      refused},
         .examples = {{"A hundred thousand runs:", line(names, "farm", " --seeds 100000")},
                      {"Ten minutes, or until the first failure:",
                       line(names, "farm", " --seeds 1000000000 --time 600 --until-failure")}}},
        {.name = "merge",
         .statuses = {{"0", "All runs passed."},
                      {"1", "As for farm, over all shards together."},
                      refused},
         .examples = {{"A farm in two parts, which may run on two machines:",
                       line(names, "farm", " --seeds 1000 --shard 1/2 --json > a.json\n") +
                           line(names, "farm", " --seeds 1000 --shard 2/2 --json > b.json\n") +
                           names.tool + " merge a.json b.json"},
                      {"One in a thousand parts, of a Slurm array of as many tasks; and the sum:",
                       line(names, "farm",
                            " --seeds 1000000000 --shard auto --summary results/\n") +
                           names.tool + " merge results"}}},
    };
}

std::vector<Manual::Command> commands_about_schedules(const Names& names) {
    return {
        {.name = "explore",
         .statuses = {{"0",
                       "No schedule that was run failed. The last line says \"explored "
                       "completely\", which may be within the bounds that were given, or \"NOT "
                       "complete\" if the time was up or Ctrl-C was pressed."},
                      {"1", "A schedule failed."},
                      refused},
         .examples = {{"All schedules of a small world:",
                       line(names, "explore", names.small_world)},
                      {"A larger world, with 0, 1, 2, ... overtakings for a minute:",
                       line(names, "explore", " --grow overtakings --time 60")}}},
        {.name = "replay",
         .statuses = {{"0", "The run passed."}, {"1", "The run failed."}, refused},
         .examples = {{"A schedule from a file, with the last 40 completions:",
                       names.tool + " replay run.schedule --trace 40"}}},
        {.name = "shrink",
         .statuses = {{"1", "The schedule fails, and so does the shrunk one that was written."},
                      {"2",
                       "As for other commands; also if the schedule passes, so that there is "
                       "nothing to shrink."}},
         .examples = {{"Write run.shrunk.schedule:", names.tool + " shrink run.schedule"}}},
        {.name = "view",
         .statuses = {{"0", "The picture was written, of a failing run as well."}, refused},
         .examples = {{"A page of a run, and a failing run beside the nearest one that passes:",
                       names.tool + " view run.schedule --out run.html\n" + names.tool +
                           " view bad.schedule --beside-benign"}}},
        {.name = "explain",
         .statuses = {{"0", "The choice was looked for."},
                      {"2", "As for other commands; also if the schedule passes."}},
         .examples = {{"For at most a minute:", names.tool + " explain bad.schedule --time 60"}}},
        {.name = "list",
         .statuses = {{"0", "The list was printed."}, refused},
         .examples = {{"All scenarios, for a program to read:", names.tool + " list --json"}}},
    };
}

std::vector<Manual::Command> commands(const Names& names) {
    std::vector<Manual::Command> all = commands_that_run(names);
    for (Manual::Command& command : commands_about_schedules(names)) {
        all.push_back(std::move(command));
    }
    return all;
}

}  // namespace

Manual manual_of(const Tool& tool) {
    const Names names = names_of(tool);
    Manual manual = {
        .summary = "runs completion-based servers in a simulated world",
        .description =
            R"(Runs a scenario, which is a server, its clients and the properties that must hold,
against a simulated completion queue and network. All that a world may do differently is a choice,
and the choices of a run are its schedule. They are drawn from a seed, read from a file, or all
tried in turn. A run is the same on every system.

If a property or a rule does not hold, the run has failed. A farm shrinks the failing schedule to
the few choices that matter, and writes it to a file that can be replayed.)",
        .sections = {{"STANDARD STREAMS",
                      R"(A standard stream that is closed when the program starts is the null
device. If output cannot be written, the program prints one error message on standard error, and the
exit status is 2, whatever the runs have shown.)"}},
        .statuses = {{"0", "No run failed."},
                     {"1", "A run failed, or a farm did not reach a probe that it must reach."},
                     refused},
        .examples = {{"A hundred thousand runs:", line(names, "farm", " --seeds 100000")},
                     {"One run again, with its last 40 completions:",
                      line(names, "run", " --seed 7 --trace 40")},
                     {"All schedules of a small world:",
                      line(names, "explore", names.small_world)}},
        .commands = commands(names),
        .see_also = {}};
    if (tool.extras.amend) tool.extras.amend(manual);
    return manual;
}

}  // namespace drydock::app

// drydock-sim: runs, farms, explores, replays and shrinks simulated worlds. Parses the command line
// and hands over.
#include <string>

#include <CLI/CLI.hpp>

#include "sim/scenarios/scenarios.hpp"
#include "src/apps/command_line.hpp"
#include "src/apps/drydock-sim/commands.hpp"
#include "src/apps/output.hpp"

namespace drydock::app {
namespace {

using Settings = std::vector<std::pair<std::string, std::uint64_t>>;

/// One option for each parameter of any scenario: whether the one that was named has it is seen
/// when it is known.
void add_setting_options(CLI::App& command, Settings& settings) {
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) {
        for (const sim::Parameter& parameter : scenario->parameters) {
            const std::string name(parameter.name);
            if (command.get_option_no_throw("--" + name) != nullptr) continue;
            const auto take = [&settings, name](const std::uint64_t& value) {
                settings.emplace_back(name, value);
            };
            const std::string what =
                "A small world: " + name + " " + std::string(parameter.summary);
            command.add_option_function<std::uint64_t>("--" + name, take, what)
                ->check(whole_number(0));
        }
    }
}

void add_json_option(CLI::App& command, CommonArguments& arguments) {
    command.add_flag("--json", arguments.json, "Print one JSON object");
}

void add_scenario_options(CLI::App& command, ScenarioArguments& arguments) {
    command.add_option("SCENARIO", arguments.scenario, "See list")->required();
    add_setting_options(command, arguments.settings);
    command.add_option("--faults", arguments.faults,
                       "The kinds of faults that may strike, with commas; or none, or all");
    command
        .add_option("--calm-after", arguments.calm_after,
                    "End the fault phase after so many completions")
        ->check(whole_number(1));
    add_json_option(command, arguments);
}

void add_pct_option(CLI::App& command, ScenarioArguments& arguments) {
    command
        .add_option("--pct", arguments.pct_depth,
                    "Order completions by priorities with so many change points, less one")
        ->check(CLI::Range(1, 100));
}

void add_trace_option(CLI::App& command, std::uint64_t& trace) {
    command.add_option("--trace", trace, "Print the last so many completions")
        ->check(whole_number(0));
}

void add_time_option(CLI::App& command, double& time, const char* what) {
    command.add_option("--time", time, what)->check(seconds());
}

CLI::App* add_run(CLI::App& app, RunArguments& arguments) {
    CLI::App* command = app.add_subcommand("run", "Run one seed of a scenario");
    add_scenario_options(*command, arguments);
    command->add_option("--seed", arguments.seed, "Which run")
        ->check(whole_number(0))
        ->capture_default_str();
    add_pct_option(*command, arguments);
    add_trace_option(*command, arguments.trace);
    command->add_option("--record", arguments.record, "Write the schedule to this file");
    return command;
}

CLI::App* add_farm(CLI::App& app, FarmArguments& arguments) {
    CLI::App* command = app.add_subcommand("farm", "Run many seeds of a scenario");
    add_scenario_options(*command, arguments);
    command->add_option("--seeds", arguments.seeds, "How many")
        ->check(whole_number(1))
        ->capture_default_str();
    command->add_option("--first", arguments.first, "The first seed")
        ->check(whole_number(0))
        ->capture_default_str();
    command->add_option("--jobs", arguments.jobs, "Threads (default: the CPUs)")
        ->check(CLI::Range(1, 1024));
    add_time_option(*command, arguments.time, "End after so many seconds");
    command->add_flag("--until-failure", arguments.until_failure, "End with the first failure");
    command->add_option("--shard", arguments.shard,
                        "Only one part of the seeds, as 2/8; merge adds the parts' JSON up");
    command->add_flag("--twice", arguments.twice, "Run each seed twice and compare");
    command->add_flag("--digests", arguments.digests, "Print each seed's digest");
    add_pct_option(*command, arguments);
    command->add_option("--out", arguments.out, "The folder for the schedules of failures")
        ->capture_default_str();
    command->add_flag("!--no-shrink", arguments.keep_failures,
                      "Neither shrink failures nor write them down");
    return command;
}

CLI::App* add_merge(CLI::App& app, MergeArguments& arguments) {
    CLI::App* command = app.add_subcommand("merge", "Add up the summaries of a farm's shards");
    command->add_option("FILE", arguments.files, "As printed by farm --shard i/n --json")
        ->required();
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_explore(CLI::App& app, ExploreArguments& arguments) {
    CLI::App* command = app.add_subcommand("explore", "Run every schedule of a small world");
    add_scenario_options(*command, arguments);
    command
        ->add_option("--reduction", arguments.reduction,
                     "Leave out what gives the same, by: states, sleep-sets, none")
        ->capture_default_str();
    command->add_flag("--all-failures", arguments.all_failures, "Go on after a failure");
    command->add_option("--record", arguments.record, "Write the first failure to this file");
    add_time_option(*command, arguments.time, "Give up after so many seconds");
    return command;
}

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments) {
    CLI::App* command = app.add_subcommand("replay", "Run a recorded schedule again");
    command->add_option("FILE", arguments.file, "As written by run --record, farm or shrink")
        ->required();
    add_setting_options(*command, arguments.settings);
    command
        ->add_option("--calm-after", arguments.calm_after,
                     "End the fault phase after so many completions")
        ->check(whole_number(1));
    add_trace_option(*command, arguments.trace);
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_shrink(CLI::App& app, ShrinkArguments& arguments) {
    CLI::App* command =
        app.add_subcommand("shrink", "Make a failing schedule as short and plain as it goes");
    command->add_option("FILE", arguments.file, "A schedule that fails")->required();
    command->add_option("--out", arguments.out,
                        "Where to write it (default: beside the file, .shrunk.schedule)");
    add_time_option(*command, arguments.time, "For at most so many seconds (default: 10)");
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_zoo(CLI::App& app, ZooArguments& arguments) {
    CLI::App* command =
        app.add_subcommand("zoo", "Hunt the broken servers: how soon is each found out");
    command->add_option("NAME", arguments.names, "Only these specimens");
    add_json_option(*command, arguments);
    return command;
}

int run(int count, char** words) {
    CLI::App app("Simulated worlds for completion-based servers", "drydock-sim");
    app.require_subcommand(1);
    app.set_version_flag("--version", DRYDOCK_VERSION);
    RunArguments run_arguments;
    FarmArguments farm_arguments;
    MergeArguments merge_arguments;
    ExploreArguments explore_arguments;
    ReplayArguments replay_arguments;
    ShrinkArguments shrink_arguments;
    ZooArguments zoo_arguments;
    CommonArguments list_arguments;
    const CLI::App* run_command = add_run(app, run_arguments);
    const CLI::App* farm_command = add_farm(app, farm_arguments);
    const CLI::App* merge_command = add_merge(app, merge_arguments);
    const CLI::App* explore_command = add_explore(app, explore_arguments);
    const CLI::App* replay_command = add_replay(app, replay_arguments);
    const CLI::App* shrink_command = add_shrink(app, shrink_arguments);
    const CLI::App* zoo_command = add_zoo(app, zoo_arguments);
    CLI::App* list_command = app.add_subcommand("list", "List the scenarios and the specimens");
    add_json_option(*list_command, list_arguments);
    if (const std::optional<int> status =
            parse_command_line(app, drydock_sim_manual(), count, words)) {
        return *status;
    }
    if (run_command->parsed()) return run_one(run_arguments);
    if (farm_command->parsed()) return run_farm(farm_arguments);
    if (merge_command->parsed()) return run_merge(merge_arguments);
    if (explore_command->parsed()) return run_explore(explore_arguments);
    if (replay_command->parsed()) return run_replay(replay_arguments);
    if (shrink_command->parsed()) return run_shrink(shrink_arguments);
    if (zoo_command->parsed()) return run_zoo(zoo_arguments);
    return run_list(list_arguments);
}

}  // namespace
}  // namespace drydock::app

int main(int count, char** words) {
    return drydock::app::run_program("drydock-sim",
                                     [&] { return drydock::app::run(count, words); });
}

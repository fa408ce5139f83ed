// drydock-sim: runs, farms and replays simulated worlds. Parses the command line and hands over.
#include <string>

#include <CLI/CLI.hpp>

#include "src/apps/command_line.hpp"
#include "src/apps/drydock-sim/commands.hpp"

namespace drydock::app {
namespace {

void add_common_options(CLI::App& command, CommonArguments& arguments) {
    command.add_flag("--json", arguments.json, "Print one JSON object");
    command
        .add_option("--calm-after", arguments.calm_after,
                    "End the fault phase after so many completions")
        ->check(whole_number(1));
}

void add_trace_option(CLI::App& command, std::uint64_t& trace) {
    command.add_option("--trace", trace, "Print the last so many completions")
        ->check(whole_number(0));
}

CLI::App* add_run(CLI::App& app, RunArguments& arguments) {
    CLI::App* command = app.add_subcommand("run", "Run one seed of a scenario");
    command->add_option("SCENARIO", arguments.scenario, "See list")->required();
    command->add_option("--seed", arguments.seed, "Which run")
        ->check(whole_number(0))
        ->capture_default_str();
    add_trace_option(*command, arguments.trace);
    command->add_option("--record", arguments.record, "Write the schedule to this file");
    add_common_options(*command, arguments);
    return command;
}

CLI::App* add_farm(CLI::App& app, FarmArguments& arguments) {
    CLI::App* command = app.add_subcommand("farm", "Run many seeds of a scenario");
    command->add_option("SCENARIO", arguments.scenario, "See list")->required();
    command->add_option("--seeds", arguments.seeds, "How many")
        ->check(whole_number(1))
        ->capture_default_str();
    command->add_option("--first", arguments.first, "The first seed")
        ->check(whole_number(0))
        ->capture_default_str();
    command->add_option("--jobs", arguments.jobs, "Threads (default: the CPUs)")
        ->check(CLI::Range(1, 1024));
    command->add_flag("--twice", arguments.twice, "Run each seed twice and compare");
    command->add_flag("--digests", arguments.digests, "Print each seed's digest");
    add_common_options(*command, arguments);
    return command;
}

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments) {
    CLI::App* command = app.add_subcommand("replay", "Run a recorded schedule again");
    command->add_option("FILE", arguments.file, "As written by run --record")->required();
    add_trace_option(*command, arguments.trace);
    add_common_options(*command, arguments);
    return command;
}

int run(int count, char** words) {
    CLI::App app("Simulated worlds for completion-based servers", "drydock-sim");
    app.require_subcommand(1);
    app.set_version_flag("--version", DRYDOCK_VERSION);
    RunArguments run_arguments;
    FarmArguments farm_arguments;
    ReplayArguments replay_arguments;
    CommonArguments list_arguments;
    CLI::App* run_command = add_run(app, run_arguments);
    CLI::App* farm_command = add_farm(app, farm_arguments);
    CLI::App* replay_command = add_replay(app, replay_arguments);
    CLI::App* list_command = app.add_subcommand("list", "List the scenarios");
    add_common_options(*list_command, list_arguments);
    if (const std::optional<int> status = parse_command_line(app, count, words)) return *status;
    if (run_command->parsed()) return run_one(run_arguments);
    if (farm_command->parsed()) return run_farm(farm_arguments);
    if (replay_command->parsed()) return run_replay(replay_arguments);
    return run_list(list_arguments);
}

}  // namespace
}  // namespace drydock::app

int main(int count, char** words) { return drydock::app::run(count, words); }

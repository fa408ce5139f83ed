// drydock-sim: runs, farms, explores, replays and shrinks simulated worlds. Parses the command line
// and hands over.
#include <cctype>
#include <string>

#include <CLI/CLI.hpp>

#include <drydock/sim/schedule.hpp>
#include "sim/tool/commands.hpp"
#include "src/cli/command_line.hpp"
#include "src/cli/help.hpp"
#include "src/cli/output.hpp"
#include "tests/scenarios/scenarios.hpp"

namespace drydock::app {
namespace {

using Settings = std::vector<std::pair<std::string, std::uint64_t>>;

/// Which value a parameter has if it is not given: it depends on the command.
enum class Unset : std::uint8_t { chosen_by_run, explored, from_file };

std::string default_text(const sim::Parameter& parameter, Unset unset) {
    if (unset == Unset::explored) return std::to_string(parameter.explored);
    return unset == Unset::from_file ? "as in the file" : "chosen by each run";
}

/// One option for each parameter of any scenario, grouped by scenario. Whether the scenario that
/// is named has the parameter is checked once it is known.
void add_setting_options(CLI::App& command, Settings& settings, Unset unset) {
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) {
        const std::string group = "Size of a small world, for " + std::string(scenario->name) +
                                  " and the " + std::string(scenario->name) + " servers of the zoo";
        for (const sim::Parameter& parameter : scenario->parameters) {
            const std::string name(parameter.name);
            if (command.get_option_no_throw("--" + name) != nullptr) continue;
            const auto take = [&settings, name](const std::uint64_t& value) {
                settings.emplace_back(name, value);
            };
            // The scenario checks the range: its error message names the scenario.
            std::string text(parameter.summary);
            text.front() = static_cast<char>(std::toupper(text.front()));
            text += ", " + range_text(parameter.least, parameter.most);
            CLI::Option* const option =
                command.add_option_function<std::uint64_t>("--" + name, take, text);
            option->type_name("N")->check(whole_number(0, no_most));
            option->default_str(default_text(parameter, unset))->group(group);
        }
    }
}

void add_json_option(CLI::App& command, CommonArguments& arguments) {
    command.add_flag("--json", arguments.json, "Print the result as one line of JSON");
}

std::string with_commas(std::string names) {
    for (std::size_t at = 0; (at = names.find(' ', at)) != std::string::npos; at += 2) {
        names.insert(at, ",");
    }
    return names;
}

std::string explored_faults_text() {
    std::string text;
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) {
        text += with_commas(sim::fault_names(scenario->explored_faults)) + " for " +
                std::string(scenario->name) + ", ";
    }
    return text + "none for the zoo";
}

void add_calm_option(CLI::App& command, std::uint64_t& calm_after, const std::string& unset) {
    take_number(command
                    .add_option("--calm-after", calm_after,
                                "The run turns calm (no fault strikes any more) after this many "
                                "completions, {range}, or after 60 virtual seconds")
                    ->default_str(unset),
                "N", 1);
}

void add_scenario_options(CLI::App& command, ScenarioArguments& arguments,
                          Unset unset = Unset::chosen_by_run) {
    const bool explores = unset == Unset::explored;
    command.add_option("SCENARIO", arguments.scenario, "A name that drydock-sim list prints")
        ->required();
    add_setting_options(command, arguments.settings, unset);
    command
        .add_option("--faults", arguments.faults,
                    std::string(explores ? "The faults that may strike anywhere, beside the order "
                                           "of completions"
                                         : "The faults that may strike") +
                        ": all, none, or kinds separated by commas. Kinds: " +
                        with_commas(sim::fault_names(sim::FaultSet::all())))
        ->type_name("KINDS")
        ->default_str(explores ? explored_faults_text() : "all");
    add_calm_option(command, arguments.calm_after, std::to_string(sim::RunOptions().calm_after));
    add_json_option(command, arguments);
}

void add_pct_option(CLI::App& command, ScenarioArguments& arguments) {
    take_number(
        command
            .add_option("--pct", arguments.pct_depth,
                        "Order completions by random priorities, and lower the highest one "
                        "at N - 1 random moments (probabilistic concurrency testing, PCT); "
                        "{range}. N is how many steps must come in one particular order for "
                        "the defect to show")
            ->default_str("off; orders are drawn like all other choices"),
        "N", 1, 100);
}

void add_trace_option(CLI::App& command, std::uint64_t& trace) {
    take_number(
        command
            .add_option("--trace", trace,
                        "Print the last N completions, {range}, with the faults and the "
                        "choices that are not benign between them; mark the step that broke "
                        "a property or rule")
            ->default_str("0"),
        "N", 0);
}

CLI::Option* add_time_option(CLI::App& command, double& time, const char* what) {
    return take_seconds(command.add_option("--time", time, what));
}

CLI::App* add_run(CLI::App& app, RunArguments& arguments) {
    CLI::App* command = app.add_subcommand("run", "Run one seed of a scenario");
    add_scenario_options(*command, arguments);
    take_number(command
                    ->add_option("--seed", arguments.seed,
                                 "The number from which the choices are drawn, {range}")
                    ->capture_default_str(),
                "N", 0);
    add_pct_option(*command, arguments);
    add_trace_option(*command, arguments.trace);
    command->add_option("--record", arguments.record, "Write the schedule to this file")
        ->type_name("FILE");
    return command;
}

void add_seed_options(CLI::App& command, FarmArguments& arguments) {
    take_number(command.add_option("--seeds", arguments.seeds, "How many seeds to run, {range}")
                    ->capture_default_str(),
                "N", 1);
    take_number(command.add_option("--first", arguments.first, "The first seed, {range}")
                    ->capture_default_str(),
                "N", 0);
    command
        .add_option("--shard", arguments.shard,
                    "Run only one part of the seeds: 2/8 is the second of eight parts. The command "
                    "merge adds up the parts' JSON")
        ->type_name("PART/PARTS")
        ->default_str("all seeds");
}

CLI::App* add_farm(CLI::App& app, FarmArguments& arguments) {
    CLI::App* command = app.add_subcommand("farm", "Run many seeds of a scenario");
    add_scenario_options(*command, arguments);
    add_seed_options(*command, arguments);
    take_number(command->add_option("--jobs", arguments.jobs, "Threads, {range}")
                    ->default_str("one for each processor"),
                "N", 1, 1024);
    add_time_option(*command, arguments.time, "End after this long")->default_str("no limit");
    command->add_flag("--until-failure", arguments.until_failure, "End with the first failure");
    command->add_flag("--twice", arguments.twice,
                      "Run each seed twice, and fail if the two runs differ");
    command->add_flag("--digests", arguments.digests, "Print each seed's digest");
    add_pct_option(*command, arguments);
    command
        ->add_option("--out", arguments.out,
                     "Write the shrunk schedule of the first failure of each property to this "
                     "folder")
        ->type_name("FOLDER")
        ->capture_default_str();
    command->add_flag("!--no-shrink", arguments.keep_failures,
                      "Do not shrink failures, and write no schedules");
    return command;
}

CLI::App* add_merge(CLI::App& app, MergeArguments& arguments) {
    CLI::App* command = app.add_subcommand("merge", "Add up the summaries of a farm's shards");
    command
        ->add_option("FILE", arguments.files,
                     "Files with the output of farm --shard PART/PARTS --json")
        ->required();
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_explore(CLI::App& app, ExploreArguments& arguments) {
    CLI::App* command = app.add_subcommand("explore", "Run all schedules of a small world");
    add_scenario_options(*command, arguments, Unset::explored);
    command
        ->add_option("--reduction", arguments.reduction,
                     "How to leave out equivalent schedules: states, sleep-sets, or none (leave "
                     "out nothing)")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("--all-failures", arguments.all_failures, "Go on after a failure");
    command
        ->add_option("--record", arguments.record, "Write the first failing schedule to this file")
        ->type_name("FILE");
    add_time_option(*command, arguments.time, "End after this long, explored completely or not")
        ->default_str("no limit");
    return command;
}

CLI::App* add_replay(CLI::App& app, ReplayArguments& arguments) {
    CLI::App* command = app.add_subcommand("replay", "Run a schedule from a file again");
    command
        ->add_option("FILE", arguments.file,
                     "A schedule that run --record, farm, explore --record "
                     "or shrink has written")
        ->required();
    add_setting_options(*command, arguments.settings, Unset::from_file);
    add_calm_option(*command, arguments.calm_after, "as in the file");
    add_trace_option(*command, arguments.trace);
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_shrink(CLI::App& app, ShrinkArguments& arguments) {
    CLI::App* command = app.add_subcommand(
        "shrink", "Find a shorter schedule that fails in the same way, and write it to a file");
    command->add_option("FILE", arguments.file, "A schedule that fails")->required();
    command->add_option("--out", arguments.out, "Write the shrunk schedule to this file")
        ->type_name("FILE")
        ->default_str("FILE with the ending .shrunk.schedule");
    add_time_option(*command, arguments.time, "Shrink for at most this long")
        ->capture_default_str();
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_zoo(CLI::App& app, ZooArguments& arguments) {
    CLI::App* command = app.add_subcommand(
        "zoo", "Run the broken servers of the zoo until each fails, and the sound ones");
    command->add_option("NAME", arguments.names,
                        "Only these, as zoo/trusts-a-cancel or trusts-a-cancel");
    add_json_option(*command, arguments);
    return command;
}

int run(int count, char** words) {
    CLI::App app("Runs completion-based servers in a simulated world", "drydock-sim");
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
    CLI::App* list_command =
        app.add_subcommand("list", "Print the names of all scenarios, those of the zoo included");
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

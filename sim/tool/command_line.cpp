// The command line of a program with the simulator's commands: its commands and options, and what
// they fill in.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <drydock/sim/explore.hpp>
#include <drydock/sim/schedule.hpp>
#include <drydock/version.hpp>
#include "sim/tool/commands.hpp"
#include "sim/tool/common.hpp"
#include "sim/tool/parameters.hpp"
#include "sim/tool/program.hpp"
#include "src/cli/command_line.hpp"
#include "src/cli/help.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

void add_json_option(CLI::App& command, CommonArguments& arguments) {
    command.add_flag("--json", arguments.json, "Print the result as one line of JSON");
}

std::string with_commas(std::string names) {
    for (std::size_t at = 0; (at = names.find(' ', at)) != std::string::npos; at += 2) {
        names.insert(at, ",");
    }
    return names;
}

/// "partial_receive for echo, network_reset for chat, none for the zoo".
std::string explored_faults_text(const Tool& tool) {
    constexpr std::size_t most = 4;
    std::set<std::string> different;
    std::string text;
    for (const sim::ScenarioInfo* scenario : tool.scenarios) {
        const std::string faults = with_commas(sim::fault_names(scenario->explored_faults));
        different.insert(faults);
        text += (text.empty() ? "" : ", ") + faults + " for " + std::string(scenario->name);
    }
    if (!tool.extras.scenarios.empty()) {
        return text + ", none for most of " + std::string(tool.extras.collection);
    }
    if (different.size() == 1) return *different.begin();
    return tool.scenarios.size() > most ? "what the scenario has for it" : text;
}

void add_calm_option(CLI::App& command, std::uint64_t& calm_after, const std::string& unset) {
    take_number(command
                    .add_option("--calm-after", calm_after,
                                "The run turns calm (no fault strikes any more) after this many "
                                "completions, {range}, or after 60 virtual seconds")
                    ->default_str(unset),
                "N", 1);
}

void add_scenario_options(CLI::App& command, ScenarioArguments& arguments, bool explores = false) {
    const Tool& tool = *arguments.tool;
    command.add_option("SCENARIO", arguments.scenario, "A name that " + tool.name + " list prints")
        ->required();
    command
        .add_option("--faults", arguments.faults,
                    std::string(explores ? "The faults that may strike anywhere, beside the order "
                                           "of completions"
                                         : "The faults that may strike") +
                        ": all, none, or kinds separated by commas. Kinds: " +
                        with_commas(sim::fault_names(sim::FaultSet::all())))
        ->type_name("KINDS")
        ->default_str(explores ? explored_faults_text(tool) : "all");
    const sim::RunOptions defaults;
    const std::string least = std::to_string(sim::explored_run(defaults).calm_after);
    add_calm_option(command, arguments.calm_after,
                    explores ? least + ", and no fewer" : std::to_string(defaults.calm_after));
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

void add_apart_options(CLI::App& command, ApartArguments& arguments) {
    command.add_flag("--in-process", arguments.in_process,
                     "Run in the process of the command itself, so that a crash ends it: for "
                     "debuggers, and for sanitizers that watch threads");
    take_seconds(command
                     .add_option("--seed-timeout", arguments.seed_timeout,
                                 "End a run that takes longer than this; it fails the property "
                                 "hang")
                     ->capture_default_str());
}

void add_page_option(CLI::App& command, std::string& page) {
    command.add_option("--view", page, "Write a page that draws the run to this file")
        ->type_name("FILE");
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
    add_apart_options(*command, arguments);
    command->add_option("--record", arguments.record, "Write the schedule to this file")
        ->type_name("FILE");
    add_page_option(*command, arguments.view);
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
                    "Run only one part of the seeds: 2/8 is the second of eight parts; auto takes "
                    "the part from the environment of a task of Slurm, Kubernetes or GNU parallel, "
                    "or from DRYDOCK_SHARD. The command merge adds up the parts' summaries")
        ->type_name("PART/PARTS")
        ->default_str("all seeds");
}

CLI::App* add_farm(CLI::App& app, FarmArguments& arguments) {
    CLI::App* command = app.add_subcommand("farm", "Run many seeds of a scenario");
    add_scenario_options(*command, arguments);
    add_seed_options(*command, arguments);
    take_number(command
                    ->add_option("--jobs", arguments.jobs,
                                 "Processes (threads on Windows and with --in-process), {range}")
                    ->default_str("one for each processor"),
                "N", 1, 1024);
    add_time_option(*command, arguments.time, "End after this long")->default_str("no limit");
    command->add_flag("--until-failure", arguments.until_failure, "End with the first failure");
    command->add_flag("--twice", arguments.twice,
                      "Run each seed twice, and fail if the two runs differ");
    command->add_flag("--digests", arguments.digests, "Print each seed's digest");
    add_pct_option(*command, arguments);
    command
        ->add_option("--summary", arguments.summary,
                     "Write the summary, as --json prints it, to this file, or to a file of the "
                     "scenario's and the shard's names in this folder. The file appears whole, or "
                     "not at all; a farm that is interrupted writes none")
        ->type_name("FILE|FOLDER/");
    command
        ->add_option("--out", arguments.out,
                     "Write the shrunk schedule of the first failure of each property to this "
                     "folder")
        ->type_name("FOLDER")
        ->capture_default_str();
    command->add_flag("!--no-shrink", arguments.keep_failures,
                      "Do not shrink failures, and write no schedules and no pages");
    command->add_flag("!--no-view", arguments.view,
                      "Write no page beside the schedule of a failure");
    add_apart_options(*command, arguments);
    return command;
}

CLI::App* add_merge(CLI::App& app, MergeArguments& arguments) {
    CLI::App* command = app.add_subcommand("merge", "Add up the summaries of a farm's shards");
    command
        ->add_option("FILE", arguments.files,
                     "Summaries that farm --summary or farm --json has written; a folder means "
                     "all its files *.json, and @NAME the files that the file NAME lists, one a "
                     "line")
        ->required();
    command->add_flag("--partial", arguments.partial,
                      "Add up the shards that are there, although some are missing or have ended "
                      "early");
    add_json_option(*command, arguments);
    return command;
}

void add_most_option(CLI::App& command, const char* name, std::uint64_t& value, const char* what) {
    take_number(command.add_option(name, value, what)->capture_default_str(), "N", 0, 1000);
}

using Bound = std::optional<std::uint32_t> sim::ExploreBounds::*;

/// "1 for relay, otherwise no bound".
std::string default_text(const Tool& tool, Bound bound) {
    std::string text;
    for (const sim::ScenarioInfo* scenario : tool.scenarios) {
        const std::optional<std::uint32_t> value = scenario->explored_bounds.*bound;
        if (!value) continue;
        text += std::to_string(*value) + " for " + std::string(scenario->name) + ", ";
    }
    return text.empty() ? "no bound" : text + "otherwise no bound";
}

void add_bound_options(CLI::App& command, ExploreArguments& arguments) {
    const auto add_bound = [&](const char* name, std::uint64_t& value, Bound bound,
                               const char* what) {
        take_number(command.add_option(name, value, what)
                        ->default_str(default_text(*arguments.tool, bound)),
                    "N", 0, 1'000'000);
    };
    add_bound("--overtakings", arguments.overtakings, &sim::ExploreBounds::overtakings,
              "Explore only schedules with at most N steps that are run though an older one is "
              "ready, {range}");
    add_bound("--strikes", arguments.strikes, &sim::ExploreBounds::strikes,
              "Explore only schedules with at most N choices of faults that are not benign, "
              "{range}; a strike costs one, and one more if it is not in the fault's first way");
    add_bound("--depth", arguments.depth, &sim::ExploreBounds::steps,
              "Explore the first N steps of each schedule, {range}; after them the oldest step is "
              "next, and no fault strikes");
    command
        .add_option("--grow", arguments.grow,
                    "Explore with 0, 1, 2, ... for the bound overtakings, strikes or depth, up to "
                    "its value if that is given, or until nothing is left out")
        ->type_name("BOUND");
    command.add_flag("--unbounded", arguments.unbounded,
                     "Explore without the bounds that the scenario has by default");
    add_most_option(command, "--most-resets", arguments.most_resets,
                    "The fault network_reset aborts at most N connections of a run, {range}");
    add_most_option(command, "--most-crashes", arguments.most_crashes,
                    "At most N hosts of a run crash, {range}");
    add_most_option(command, "--most-partitions", arguments.most_partitions,
                    "The fault partition strikes at most N times in a run, {range}");
}

CLI::App* add_explore(CLI::App& app, ExploreArguments& arguments) {
    CLI::App* command = app.add_subcommand("explore", "Run all schedules of a small world");
    add_scenario_options(*command, arguments, true);
    command
        ->add_option("--reduction", arguments.reduction,
                     "How to leave out equivalent schedules: states, sleep-sets, or none (leave "
                     "out nothing)")
        ->type_name("NAME")
        ->capture_default_str();
    command->add_flag("!--no-symmetry", arguments.symmetry,
                      "Explore all orders in which equal clients begin, and not one for all");
    take_number(command
                    ->add_option("--jobs", arguments.jobs,
                                 "Threads that explore together, {range}; with the reduction "
                                 "states alone")
                    ->default_str("one for each processor"),
                "N", 1, 1024);
    take_number(command
                    ->add_option("--memory", arguments.memory,
                                 "Megabytes that the table of states may take, {range}; when it is "
                                 "full, states are forgotten and explored again")
                    ->default_str("no limit"),
                "MB", 1, 1'000'000);
    add_bound_options(*command, arguments);
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
    add_calm_option(*command, arguments.calm_after, "as in the file");
    add_trace_option(*command, arguments.trace);
    add_page_option(*command, arguments.view);
    add_apart_options(*command, arguments);
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
    add_apart_options(*command, arguments);
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_view(CLI::App& app, ViewArguments& arguments) {
    CLI::App* command = app.add_subcommand("view", "Draw the run of a schedule as a page");
    command->add_option("FILE", arguments.files, "A schedule, or two of one scenario to compare")
        ->required()
        ->expected(1, 2);
    command->add_option("--out", arguments.out, "Write to this file; - is the standard output")
        ->type_name("FILE")
        ->default_str("FILE with the ending of the format");
    command
        ->add_option("--format", arguments.format,
                     "html (a page for a browser), json (docs/VIEW.md), perfetto (for "
                     "ui.perfetto.dev and chrome://tracing), or mermaid (a sequence diagram of a "
                     "small run)")
        ->type_name("NAME")
        ->capture_default_str();
    command
        ->add_option("--sources", arguments.sources,
                     "Show source lines from files below this folder alone")
        ->type_name("FOLDER")
        ->default_str("files at the paths that the compiler was given");
    command->add_flag("--beside-benign", arguments.beside_benign,
                      "Show the run beside the nearest one that passes: its schedule with as few "
                      "choices as possible made benign");
    command->add_flag("--explain", arguments.explain,
                      "Show also at which choice the failure became inevitable, as explain does");
    add_time_option(*command, arguments.time, "Look for that for at most this long")
        ->capture_default_str();
    add_apart_options(*command, arguments);
    return command;
}

CLI::App* add_explain(CLI::App& app, ExplainArguments& arguments) {
    CLI::App* command = app.add_subcommand(
        "explain", "Find the choice at which the failure of a schedule became inevitable");
    command->add_option("FILE", arguments.file, "A schedule that fails")->required();
    add_time_option(*command, arguments.time, "Look for at most this long")->capture_default_str();
    add_apart_options(*command, arguments);
    add_json_option(*command, arguments);
    return command;
}

CLI::App* add_list(CLI::App& app, CommonArguments& arguments) {
    const Extras& extras = arguments.tool->extras;
    const std::string others = extras.scenarios.empty()
                                   ? ""
                                   : ", those of " + std::string(extras.collection) + " included";
    CLI::App* command = app.add_subcommand("list", "Print the names of all scenarios" + others);
    add_json_option(*command, arguments);
    return command;
}

/// A command, and what it does once it is parsed.
struct Command {
    const CLI::App* parsed;
    std::function<int()> run;
};

/// Holds what the command line is parsed into.
class CommandLine {
public:
    explicit CommandLine(const Tool& tool) : tool_(tool) {
        app_.require_subcommand(1);
        app_.set_version_flag("--version", DRYDOCK_VERSION_STRING);
        CLI::App& run = add(&add_run, run_, &run_one);
        CLI::App& farm = add(&add_farm, farm_, &run_farm);
        add(&add_merge, merge_, &run_merge);
        CLI::App& explore = add(&add_explore, explore_, &run_explore);
        CLI::App& replay = add(&add_replay, replay_, &run_replay);
        add(&add_shrink, shrink_, &run_shrink);
        add(&add_view, view_, &run_view);
        add(&add_explain, explain_, &run_explain);
        for (const OtherCommand& other : tool.extras.commands) {
            commands_.push_back({other.add(app_), other.run});
        }
        add(&add_list, list_, &run_list);
        // After all other options, whose names they may not have.
        objection_ = objection_to_options(tool.scenarios, app_);
        if (!objection_.empty()) return;
        add_setting_options(run, tool, run_.settings, Unset::chosen_by_run);
        add_setting_options(farm, tool, farm_.settings, Unset::chosen_by_run);
        add_setting_options(explore, tool, explore_.settings, Unset::explored);
        add_setting_options(replay, tool, replay_.settings, Unset::from_file);
        refuse_empty_values(app_);
    }
    CommandLine(const CommandLine&) = delete;
    CommandLine& operator=(const CommandLine&) = delete;

    int parse_and_run(int count, char** words) {
        if (!objection_.empty()) {
            complain(objection_);
            return exit_wrong_usage;
        }
        if (const std::optional<int> status =
                parse_command_line(app_, manual_of(tool_), count, words)) {
            return *status;
        }
        for (const Command& command : commands_) {
            if (command.parsed->parsed()) return command.run();
        }
        return exit_wrong_usage;  // not reached: the parser demands a command
    }

private:
    template <typename Arguments>
    CLI::App& add(CLI::App* (*add_to)(CLI::App&, Arguments&), Arguments& arguments,
                  int (*run)(const Arguments&)) {
        arguments.tool = &tool_;
        CLI::App* const command = add_to(app_, arguments);
        commands_.push_back({command, [&arguments, run] { return run(arguments); }});
        return *command;
    }

    const Tool& tool_;
    CLI::App app_{"Runs completion-based servers in a simulated world", tool_.name};
    std::vector<Command> commands_;
    std::string objection_;
    RunArguments run_;
    FarmArguments farm_;
    MergeArguments merge_;
    ExploreArguments explore_;
    ReplayArguments replay_;
    ShrinkArguments shrink_;
    ViewArguments view_;
    ExplainArguments explain_;
    CommonArguments list_;
};

}  // namespace

int run_tool(const Tool& tool, int count, char** words) noexcept {
    const auto run = [&]() -> int {
        const std::string objection = objection_to_scenarios(tool);
        if (objection.empty()) return CommandLine(tool).parse_and_run(count, words);
        complain(objection);
        return exit_wrong_usage;
    };
    return run_program(tool.name, run, ClosedOutput::is_lost);
}

}  // namespace drydock::app

// One run: run, replay, shrink, list.
#include <filesystem>

#include <fmt/format.h>

#include <drydock/sim/farm.hpp>
#include <drydock/sim/farming.hpp>
#include <drydock/sim/shrink.hpp>
#include "sim/tool/common.hpp"
#include "sim/tool/recording.hpp"
#include "sim/tool/report.hpp"
#include "sim/tool/viewing.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {

namespace {

/// A run that is kept apart; its events are kept if they are wanted.
Recorded run_and_record(const sim::RunToKeepApart& run, const sim::Apart& apart, bool events) {
    if (events) return record_apart(run, apart);
    return {sim::run_apart(run, apart), {}};
}

}  // namespace

int run_one(const RunArguments& arguments) {
    std::optional<Found> found = find(arguments);
    if (!found) return exit_wrong_usage;
    if (!arguments.view.empty() && arguments.view == arguments.record) {
        complain("--record and --view name the same file");
        return exit_wrong_usage;
    }
    sim::FarmOptions options;
    options.settings = found->setup.settings;
    options.run = found->setup.options;
    options.run.record = true;
    options.run.trace = arguments.trace;
    options.pct_depth = arguments.pct_depth;
    const Stopwatch stopwatch;
    sim::Apart apart = apart_of(arguments);
    apart.trace = arguments.trace;
    apart.last_words = fmt::format("scenario {}, seed {}", arguments.scenario, arguments.seed);
    const auto run = [&](sim::RunListener* listener) {
        options.run.listener = listener;
        return sim::run_seed(*found->scenario, options, arguments.seed);
    };
    Recorded recorded = run_and_record(run, apart, !arguments.view.empty());
    const sim::Report& report = recorded.report;
    const double seconds = stopwatch.seconds();
    const std::string origin = fmt::format("{}: seed {}", arguments.scenario, arguments.seed);
    const std::string again =
        fmt::format("{} run {} --seed {} --trace 40", arguments.tool->start,
                    words_of(found->setup, arguments.pct_depth), arguments.seed);
    if (arguments.json) {
        print_report_json(*found->scenario, report, origin, seconds);
    } else {
        print_report(*found->scenario, report, origin, again);
    }
    const std::string schedule = write_schedule(found->setup, report);
    const int status = report.passed ? exit_ok : exit_failed;
    if (!arguments.record.empty() && !save(arguments.record, schedule)) return exit_wrong_usage;
    if (arguments.view.empty()) return status;
    const PageOrigin from = {arguments.seed, {}, again};
    const bool written = write_page(*found, std::move(recorded), from, arguments.view);
    return written ? status : exit_wrong_usage;
}

int run_replay(const ReplayArguments& arguments) {
    std::optional<sim::Schedule> schedule = load_schedule(arguments.file);
    if (!schedule || would_overwrite(arguments.view, arguments.file)) return exit_wrong_usage;
    for (const auto& [name, value] : arguments.settings) {
        std::erase_if(schedule->setup.settings,
                      [&](const auto& setting) { return setting.first == name; });
        schedule->setup.settings.emplace_back(name, value);
    }
    const std::optional<Found> found = find(arguments, schedule->setup);
    if (!found) return exit_wrong_usage;
    sim::RunOptions options = found->setup.options;
    if (arguments.calm_after > 0) options.calm_after = arguments.calm_after;
    options.record = true;
    options.trace = arguments.trace;
    sim::Apart apart = apart_of(arguments);
    apart.trace = arguments.trace;
    apart.last_words =
        fmt::format("scenario {}, schedule {}", found->setup.scenario, arguments.file);
    const auto run = [&](sim::RunListener* listener) {
        options.listener = listener;
        sim::ReplayChoices choices{std::span<const sim::Choice>(schedule->choices)};
        return sim::run(*found->scenario, found->setup.settings, choices, options);
    };
    const Stopwatch stopwatch;
    Recorded recorded = run_and_record(run, apart, !arguments.view.empty());
    const sim::Report& report = recorded.report;
    const std::string origin = fmt::format("{}: {}", found->setup.scenario, arguments.file);
    const std::string again = fmt::format("{} replay {}", arguments.tool->start, arguments.file);
    const std::optional<sim::Divergence> divergence = divergence_of(*schedule, report);
    if (arguments.json) {
        print_report_json(*found->scenario, report, origin, stopwatch.seconds(), divergence);
    } else {
        print_report(*found->scenario, report, origin, again);
        if (divergence) print_divergence(*divergence);
        if (schedule->property != report.property) {
            print("  verdict when the schedule was recorded: {}\n",
                  schedule->property.empty() ? "passed" : schedule->property);
        }
    }
    const int status = report.passed ? exit_ok : exit_failed;
    if (arguments.view.empty()) return status;
    const PageOrigin from = {std::nullopt, arguments.file, again};
    const bool written = write_page(*found, std::move(recorded), from, arguments.view);
    return written ? status : exit_wrong_usage;
}

/// What it was given fails, and so does what it writes: status 1, as for all that has failed.
int run_shrink(const ShrinkArguments& arguments) {
    const std::optional<sim::Schedule> schedule = load_schedule(arguments.file);
    if (!schedule) return exit_wrong_usage;
    const std::optional<Found> found = find(arguments, schedule->setup);
    if (!found) return exit_wrong_usage;
    const auto experiment = [&](sim::ChoiceSource& choices, sim::RunListener* listener) {
        sim::RunOptions options = found->setup.options;
        options.record = true;
        options.listener = listener;
        return sim::run(*found->scenario, found->setup.settings, choices, options);
    };
    sim::Apart apart = apart_of(arguments);
    apart.last_words =
        fmt::format("scenario {}, schedule {}", found->setup.scenario, arguments.file);
    apart.fresh_process = found->scenario->runs_program;
    sim::ReplayChoices recorded{std::span<const sim::Choice>(schedule->choices)};
    sim::Report failing = sim::run_apart(
        [&](sim::RunListener* listener) { return experiment(recorded, listener); }, apart);
    if (failing.passed) {
        complain(
            fmt::format("the schedule '{}' passes, so there is nothing to shrink", arguments.file));
        return exit_wrong_usage;
    }
    const std::size_t before = sim::not_benign(failing.schedule);
    const Stopwatch stopwatch;
    sim::ShrinkOptions bounds;
    bounds.most_completions = ~std::uint64_t{0};
    bounds.stop = [&] { return stopwatch.seconds() > arguments.time; };
    const std::chrono::milliseconds no_other_bound = std::chrono::hours(24 * 365);
    const sim::Shrunk shrunk =
        sim::shrink_apart(experiment, std::move(failing), bounds, apart, no_other_bound);
    std::string out = arguments.out;
    if (out.empty()) {
        out =
            (std::filesystem::path(arguments.file).replace_extension(".shrunk.schedule")).string();
    }
    if (!save(out, write_schedule(found->setup, shrunk.report))) return exit_wrong_usage;
    const std::string origin = fmt::format("{}: {}", found->setup.scenario, out);
    if (arguments.json) {
        print_report_json(*found->scenario, shrunk.report, origin, stopwatch.seconds());
        return exit_failed;
    }
    print_report(*found->scenario, shrunk.report, origin,
                 fmt::format("{} replay {} --trace 40", arguments.tool->start, out));
    print_choices(shrunk.report);
    print("{} of {} choices are left that are not benign, after {} runs in {:.2f} s{}\n",
          sim::not_benign(shrunk.report.schedule), before, shrunk.runs, stopwatch.seconds(),
          shrunk.finished ? "" : " (time was up)");
    return exit_failed;
}

int run_list(const CommonArguments& arguments) {
    print_list(*arguments.tool, arguments.json);
    return exit_ok;
}

}  // namespace drydock::app

// Many runs: farm, with its progress, its end by Ctrl-C, and the failures that it writes down.
#include <algorithm>
#include <atomic>
#include <filesystem>

#include <fmt/format.h>

#include <drydock/host.hpp>
#include <drydock/sim/farm.hpp>
#include <drydock/sim/farming.hpp>
#include "platform/host/terminal.hpp"
#include "sim/tool/common.hpp"
#include "sim/tool/progress.hpp"
#include "sim/tool/report.hpp"
#include "sim/tool/shards.hpp"
#include "sim/tool/viewing.hpp"

namespace drydock::app {
namespace {

/// The shard that the command line asks for, if it asks for one. False: there is none such.
bool take_shard(const std::string& text, const sim::FarmOptions& options,
                std::optional<Shard>& shard) {
    if (text.empty()) return true;
    NamedShard named =
        text == "auto" ? shard_of_environment(environment_variable) : parse_shard(text);
    if (!named.shard) {
        complain(named.complaint);
        return false;
    }
    shard = std::move(named.shard);
    shard->whole = {options.first, options.count};
    if (text != "auto") shard->from = "--shard";
    if (shard->parts <= options.count) return true;
    complain(fmt::format("'{}/{}' is not a shard of {}: each part must have at least one seed",
                         shard->part, shard->parts, count_of(options.count, "seed")));
    return false;
}

/// Writes the page of a failure beside its schedule. False: it could not be written.
bool draw(const Found& found, const FarmArguments& arguments, const sim::Report& failing,
          const std::filesystem::path& schedule) {
    sim::Apart apart = apart_of(arguments);
    apart.quiet = true;
    apart.last_words = "scenario " + found.setup.scenario + ", while drawing a failure";
    const PageOrigin from = {
        std::nullopt, schedule.string(),
        fmt::format("{} replay {} --trace 40", arguments.tool->start, schedule.string())};
    const std::string page = std::filesystem::path(schedule).replace_extension(".html").string();
    return write_page(found, record_replay(found, failing.schedule, apart), from, page);
}

/// Shrinks the first failure of each property, until interrupted, and writes it into the folder.
/// False: it could not be written.
bool keep_failures(const Found& found, const FarmArguments& arguments,
                   const sim::FarmOptions& options, const sim::FarmSummary& summary,
                   const std::atomic<bool>& interrupted, std::map<std::string, KeptFailure>& kept) {
    if (summary.failed.empty()) return true;
    sim::ShrinkOptions shrinking;
    shrinking.stop = [&] { return interrupted.load(); };
    sim::Apart apart = apart_of(arguments);
    apart.last_words = "scenario " + found.setup.scenario + ", while shrinking";
    std::error_code error;
    std::filesystem::create_directories(arguments.out, error);
    for (const auto& [property, group] : summary.failed) {
        std::string scenario = found.setup.scenario;
        std::replace(scenario.begin(), scenario.end(), '/', '-');
        const std::filesystem::path path =
            std::filesystem::path(arguments.out) /
            fmt::format("{}-{}-{}.schedule", scenario, property, group.first);
        const sim::Shrunk shrunk =
            sim::shrink_seed_apart(*found.scenario, options, group.first, shrinking, apart);
        if (shrunk.report.passed) continue;  // alone; the sentence says why
        if (!save(path.string(), write_schedule(found.setup, shrunk.report))) return false;
        kept[property] = {path.string(), sim::not_benign(shrunk.report.schedule), shrunk.finished};
        if (arguments.view && !draw(found, arguments, shrunk.report, path)) return false;
    }
    return true;
}

/// Runs the farm, with its progress line, the clock and Ctrl-C.
sim::FarmSummary run_seeds(const Found& found, const FarmArguments& arguments,
                           const sim::FarmOptions& options, const std::atomic<bool>& interrupted) {
    Progress progress(found.setup.scenario, options.count, host::error_is_terminal());
    const Stopwatch stopwatch;
    const sim::Apart apart = apart_of(arguments);
    sim::FarmRun how;
    how.jobs = arguments.jobs;
    how.isolation = apart.isolation;
    how.seed_timeout = apart.timeout;
    how.again = fmt::format("{} run {} --in-process --seed ", arguments.tool->start,
                            words_of(found.setup, arguments.pct_depth));
    how.stop = [&] {
        return interrupted.load() || (arguments.time > 0 && stopwatch.seconds() >= arguments.time);
    };
    how.progress = [&](std::uint64_t done, std::uint64_t failures) {
        progress.show(done, failures);
    };
    sim::FarmSummary summary = sim::run_farm(*found.scenario, options, how);
    progress.clear();
    return summary;
}

/// The file for the summary: as given, or one in the folder that was given, which is made.
std::string summary_path(const FarmArguments& arguments, const std::optional<Shard>& shard) {
    namespace fs = std::filesystem;
    const fs::path given = arguments.summary;
    std::error_code error;
    if (given.has_filename() && !fs::is_directory(given, error)) return arguments.summary;
    fs::create_directories(given, error);
    std::string name = arguments.scenario;
    std::replace(name.begin(), name.end(), '/', '-');
    if (shard) name += fmt::format("-shard-{}-of-{}", shard->part, shard->parts);
    return (given / (name + ".json")).string();
}

/// One that was interrupted is to be run again, and a summary of a part of it would mislead.
bool write_summary(const std::string& path, const FarmReport& report, bool interrupted) {
    if (!interrupted) return save_whole(path, farm_json(report));
    complain(fmt::format("interrupted after {} of {} seeds: the summary '{}' is not written",
                         report.summary.seeds, report.wanted, path));
    return false;
}

/// What the arguments say of the whole farm, of which this may be a part.
sim::FarmOptions whole_farm(const Found& found, const FarmArguments& arguments) {
    sim::FarmOptions options;
    options.first = arguments.first;
    options.count = arguments.seeds;
    options.settings = found.setup.settings;
    options.run = found.setup.options;
    options.twice = arguments.twice;
    options.keep_digests = arguments.digests;
    options.until_failure = arguments.until_failure;
    options.pct_depth = arguments.pct_depth;
    return options;
}

/// The options of the part that is to be run. False: there are no such seeds.
bool take_seeds(const FarmArguments& arguments, sim::FarmOptions& options,
                std::optional<Shard>& shard) {
    // The end of a range, which is the seed after its last one, must be a number, too.
    constexpr std::uint64_t most = ~std::uint64_t{0};
    if (options.count > most - options.first) {
        complain(
            fmt::format("a farm of {} from {} on goes past {}, the last seed that a farm can have",
                        count_of(options.count, "seed"), options.first, most - 1));
        return false;
    }
    if (!take_shard(arguments.shard, options, shard)) return false;
    if (!shard) return true;
    const sim::SeedRange seeds = shard->seeds();
    options.first = seeds.first;
    options.count = seeds.count;
    return true;
}

}  // namespace

int run_farm(const FarmArguments& arguments) {
    const std::optional<Found> found = find(arguments);
    if (!found) return exit_wrong_usage;
    sim::FarmOptions options = whole_farm(*found, arguments);
    std::optional<Shard> shard;
    if (!take_seeds(arguments, options, shard)) return exit_wrong_usage;
    const std::string summary_file =
        arguments.summary.empty() ? "" : summary_path(arguments, shard);
    if (!can_be_written(summary_file)) return exit_wrong_usage;
    // Before all threads, as it wants to be.
    std::atomic<bool> interrupted = false;
    const host::InterruptScope interrupts([&] { interrupted = true; });
    const Stopwatch stopwatch;
    const sim::FarmSummary summary = run_seeds(*found, arguments, options, interrupted);
    const double seconds = stopwatch.seconds();
    const bool ended_early = interrupted && summary.seeds < options.count;
    std::map<std::string, KeptFailure> kept;
    bool saved = !arguments.keep_failures ||
                 keep_failures(*found, arguments, options, summary, interrupted, kept);
    const FarmReport report{words_of(found->setup, arguments.pct_depth),
                            *found->scenario,
                            summary,
                            seconds,
                            kept,
                            options.count,
                            arguments.tool->start,
                            options.twice,
                            shard};
    if (!summary_file.empty() && !write_summary(summary_file, report, ended_early)) saved = false;
    const int status = tell_farm(report, arguments.json);
    return saved ? status : exit_wrong_usage;
}

}  // namespace drydock::app

// Many runs: farm, with its progress, its end by Ctrl-C, and the failures that it writes down; and
// merge.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <span>

#include <fmt/format.h>

#include <drydock/host.hpp>
#include <drydock/sim/farm.hpp>
#include <drydock/sim/farming.hpp>
#include "platform/host/terminal.hpp"
#include "sim/tool/common.hpp"
#include "sim/tool/progress.hpp"
#include "sim/tool/report.hpp"
#include "sim/tool/viewing.hpp"

namespace drydock::app {
namespace {

/// "2/8": the second of eight parts, of about the same size, that make up the whole together.
bool take_shard(const std::string& text, sim::FarmOptions& options) {
    if (text.empty()) return true;
    std::uint64_t part = 0;
    std::uint64_t parts = 0;
    const std::size_t slash = text.find('/');
    const bool numbers = slash != std::string::npos && to_number(text.substr(0, slash), part) &&
                         to_number(text.substr(slash + 1), parts);
    if (!numbers || part < 1 || part > parts || parts > options.count) {
        complain(
            fmt::format("'{}' is not a shard: give a part and the number of parts, as 2/8, with at "
                        "least one seed in each part",
                        shown(text)));
        return false;
    }
    const std::uint64_t each = options.count / parts;
    const std::uint64_t rest = options.count % parts;
    options.first += (part - 1) * each + std::min(part - 1, rest);
    options.count = each + (part <= rest ? 1 : 0);
    return true;
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

int judge(const FarmReport& report) {
    const bool covered =
        !must_reach_probes(report) || report.summary.unreached(report.scenario).empty();
    if (!covered) complain("a farm of this size must reach every probe, and this one did not");
    return report.summary.failures == 0 && covered ? exit_ok : exit_failed;
}

int tell(const FarmReport& report, bool json) {
    if (json) {
        print_farm_json(report);
    } else {
        print_farm(report);
    }
    return judge(report);
}

/// The parts of one farm as one. None: they are not, and it has complained.
std::optional<FarmFile> merge(std::vector<FarmFile> parts) {
    std::sort(parts.begin(), parts.end(), [](const FarmFile& a, const FarmFile& b) {
        return a.summary.first < b.summary.first;
    });
    FarmFile whole = std::move(parts.front());
    std::uint64_t next = whole.summary.first + whole.summary.seeds;
    for (const FarmFile& part : std::span(parts).subspan(1)) {
        const sim::FarmSummary& summary = part.summary;
        if (part.words != whole.words || part.scenario != whole.scenario) {
            complain(fmt::format("the summaries are not of one farm: '{}' and '{}'",
                                 shown(whole.words), shown(part.words)));
            return std::nullopt;
        }
        if (summary.first < next) {
            complain(fmt::format("seed {} is in more than one of these summaries", summary.first));
            return std::nullopt;
        }
        next = summary.first + summary.seeds;
        whole.merge(part);
    }
    // They are told by their place, so where seeds are left out they are of no use.
    sim::FarmSummary& sum = whole.summary;
    if (next - sum.first != sum.digests.size()) sum.digests.clear();
    return whole;
}

}  // namespace

int run_farm(const FarmArguments& arguments) {
    const std::optional<Found> found = find(arguments);
    if (!found) return exit_wrong_usage;
    sim::FarmOptions options;
    options.first = arguments.first;
    options.count = arguments.seeds;
    options.settings = found->setup.settings;
    options.run = found->setup.options;
    options.twice = arguments.twice;
    options.keep_digests = arguments.digests;
    options.until_failure = arguments.until_failure;
    options.pct_depth = arguments.pct_depth;
    if (!take_shard(arguments.shard, options)) return exit_wrong_usage;
    if (options.count - 1 > ~options.first) {
        complain(
            fmt::format("there are fewer than {} seeds from {} on", options.count, options.first));
        return exit_wrong_usage;
    }
    // Before all threads, as it wants to be.
    std::atomic<bool> interrupted = false;
    const host::InterruptScope interrupts([&] { interrupted = true; });
    const Stopwatch stopwatch;
    const sim::FarmSummary summary = run_seeds(*found, arguments, options, interrupted);
    const double seconds = stopwatch.seconds();
    std::map<std::string, KeptFailure> kept;
    const bool saved = !arguments.keep_failures ||
                       keep_failures(*found, arguments, options, summary, interrupted, kept);
    const FarmReport report{words_of(found->setup, arguments.pct_depth),
                            *found->scenario,
                            summary,
                            seconds,
                            kept,
                            options.count,
                            arguments.tool->start,
                            options.twice};
    const int status = tell(report, arguments.json);
    return saved ? status : exit_wrong_usage;
}

int run_merge(const MergeArguments& arguments) {
    std::vector<FarmFile> parts;
    for (const std::string& path : arguments.files) {
        const std::optional<std::string> text = load(path);
        if (!text) return exit_wrong_usage;
        FarmFile part;
        const std::string complaint = parse_farm_json(*text, part);
        if (!complaint.empty()) {
            complain(fmt::format("'{}' is not a summary of a farm: {}", path, complaint));
            return exit_wrong_usage;
        }
        parts.push_back(std::move(part));
    }
    const std::optional<FarmFile> whole = merge(std::move(parts));
    if (!whole) return exit_wrong_usage;
    const sim::ScenarioInfo* scenario = find_scenario(arguments, whole->scenario);
    if (scenario == nullptr) return exit_wrong_usage;
    return tell({whole->words, *scenario, whole->summary, whole->seconds, whole->kept,
                 whole->summary.seeds, arguments.tool->start},
                arguments.json);
}

}  // namespace drydock::app

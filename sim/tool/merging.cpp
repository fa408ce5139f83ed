// merge: the summaries of a farm's shards as the summary of one farm.
#include <algorithm>
#include <filesystem>
#include <map>
#include <span>
#include <sstream>
#include <system_error>
#include <tuple>

#include <fmt/format.h>

#include <drydock/sim/farm.hpp>
#include "sim/tool/common.hpp"
#include "sim/tool/report.hpp"
#include "sim/tool/shards.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

namespace fs = std::filesystem;

// --- files ---------------------------------------------------------------------------------------

/// Adds the summaries of a folder. Hidden files are summaries that a task has not finished.
bool add_folder(const std::string& folder, std::vector<std::string>& paths) {
    std::error_code error;
    std::vector<std::string> found;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const fs::path name = at->path().filename();
        if (name.extension() != ".json" || name.string().starts_with('.')) continue;
        found.push_back(at->path().string());
    }
    if (error) {
        complain(fmt::format("cannot read the folder '{}': {}", folder, error.message()));
    } else if (found.empty()) {
        complain(fmt::format("the folder '{}' has no summaries (*.json)", folder));
    }
    std::sort(found.begin(), found.end());
    paths.insert(paths.end(), found.begin(), found.end());
    return !found.empty() && !error;
}

/// Adds the files that a file lists, one a line.
bool add_listed(const std::string& list, std::vector<std::string>& paths) {
    const std::optional<std::string> text = load(list);
    if (!text) return false;
    const std::size_t before = paths.size();
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (line.ends_with('\r')) line.pop_back();
        if (!line.empty()) paths.push_back(line);
    }
    if (paths.size() > before) return true;
    complain(fmt::format("the list '{}' names no file", list));
    return false;
}

std::optional<std::vector<std::string>> paths_of(const std::vector<std::string>& words) {
    std::vector<std::string> paths;
    for (const std::string& word : words) {
        std::error_code error;
        bool good = true;
        if (word.starts_with('@') && word.size() > 1) {
            good = add_listed(word.substr(1), paths);
        } else if (fs::is_directory(word, error)) {
            good = add_folder(word, paths);
        } else {
            paths.push_back(word);
        }
        if (!good) return std::nullopt;
    }
    return paths;
}

std::optional<std::vector<FarmFile>> read_all(const std::vector<std::string>& paths) {
    std::vector<FarmFile> parts;
    for (const std::string& path : paths) {
        const std::optional<std::string> text = load(path);
        if (!text) return std::nullopt;
        FarmFile part;
        const std::string complaint = parse_farm_json(*text, part);
        if (!complaint.empty()) {
            complain(fmt::format("'{}' is not a summary of a farm: {}", path, complaint));
            return std::nullopt;
        }
        part.path = path;
        parts.push_back(std::move(part));
    }
    return parts;
}

// --- what does not belong together ---------------------------------------------------------------

// Each of these gives an error message, or nothing.

std::string name_of(const Shard& shard) {
    return fmt::format("shard {} of {}", shard.part, shard.parts);
}

/// The messages name two files, and are still to be read: the ends of their paths.
std::string tail(const std::string& path) {
    constexpr std::size_t most = 60;
    return path.size() <= most ? path : "..." + path.substr(path.size() - most);
}

std::string mixture(const std::vector<FarmFile>& parts) {
    const FarmFile& first = parts.front();
    for (const FarmFile& part : parts) {
        if (part.words == first.words && part.scenario == first.scenario) continue;
        return fmt::format("the summaries are not of one farm: '{}' and '{}'", shown(first.words),
                           shown(part.words));
    }
    return {};
}

std::string overlap(const std::vector<FarmFile>& parts) {
    std::uint64_t next = parts.front().summary.first;
    for (const FarmFile& part : parts) {
        if (part.summary.first < next) {
            return fmt::format("seed {} is in more than one of these summaries",
                               part.summary.first);
        }
        next = part.summary.first + part.summary.seeds;
    }
    return {};
}

/// Shards of farms that have been cut up in different ways.
std::string different_cut(const std::vector<FarmFile>& parts) {
    const FarmFile& first = parts.front();
    for (const FarmFile& part : parts) {
        if (!part.shard || !first.shard) {
            const FarmFile& shard = part.shard ? part : first;
            return fmt::format("'{}' is a shard, and '{}' is none", tail(shard.path),
                               tail((part.shard ? first : part).path));
        }
        const Shard& a = *first.shard;
        const Shard& b = *part.shard;
        if (a.parts == b.parts && a.whole.first == b.whole.first &&
            a.whole.count == b.whole.count) {
            continue;
        }
        return fmt::format(
            "the shards are not of one farm: '{}' is {} of {} seeds from {} on, and '{}' is {} of "
            "{} seeds from {} on",
            tail(first.path), name_of(a), a.whole.count, a.whole.first, tail(part.path), name_of(b),
            b.whole.count, b.whole.first);
    }
    return {};
}

/// Of the summaries of one shard keeps the longest: a task that is run again has done the same
/// work. They must have found the same, as far as they both went to the end.
std::string drop_repeats(std::vector<FarmFile>& parts) {
    std::sort(parts.begin(), parts.end(), [](const FarmFile& a, const FarmFile& b) {
        return std::tie(a.shard->part, b.summary.seeds, a.path) <
               std::tie(b.shard->part, a.summary.seeds, b.path);
    });
    std::vector<FarmFile> kept;
    for (FarmFile& part : parts) {
        if (kept.empty() || kept.back().shard->part != part.shard->part) {
            kept.push_back(std::move(part));
            continue;
        }
        if (kept.back().summary.seeds == part.summary.seeds &&
            !kept.back().found_the_same_as(part)) {
            return fmt::format(
                "{} has two summaries that differ, '{}' and '{}': the programs were different, or "
                "the runs are not deterministic",
                name_of(*part.shard), tail(kept.back().path), tail(part.path));
        }
    }
    parts = std::move(kept);
    return {};
}

std::string cut_short(const std::vector<FarmFile>& parts) {
    for (const FarmFile& part : parts) {
        const std::uint64_t wanted = part.shard->seeds().count;
        if (part.summary.seeds == wanted) continue;
        return fmt::format("{} in '{}' has only {} of its {} seeds", name_of(*part.shard),
                           tail(part.path), part.summary.seeds, wanted);
    }
    return {};
}

/// "3, 5 to 7", and no more than a few of them.
std::string ranges_text(const std::vector<FarmFile>& parts, std::uint64_t& missing) {
    constexpr std::size_t most = 10;
    std::string text;
    std::size_t ranges = 0;
    std::uint64_t next = 1;
    const auto add = [&](std::uint64_t end) {
        if (end <= next) return;
        missing += end - next;
        if (++ranges > most) return;
        text += fmt::format("{}{}", ranges == 1 ? "" : ", ", next);
        if (end - next > 1) text += fmt::format(" to {}", end - 1);
        if (ranges == most) text += ", ...";
    };
    for (const FarmFile& part : parts) {
        add(part.shard->part);
        next = part.shard->part + 1;
    }
    add(parts.front().shard->parts + 1);
    return text;
}

std::string missing_shards(const std::vector<FarmFile>& parts) {
    std::uint64_t missing = 0;
    const std::string text = ranges_text(parts, missing);
    if (missing == 0) return {};
    const std::uint64_t parts_of_all = parts.front().shard->parts;
    if (missing == 1) return fmt::format("shard {} of {} is missing", text, parts_of_all);
    return fmt::format("{} shards of {} are missing: {}", missing, parts_of_all, text);
}

/// Why the shards are not one farm.
std::string objection_to_shards(std::vector<FarmFile>& parts, bool partial) {
    std::string objection = different_cut(parts);
    if (objection.empty()) objection = drop_repeats(parts);
    if (objection.empty() && !partial) objection = cut_short(parts);
    if (objection.empty() && !partial) objection = missing_shards(parts);
    return objection;
}

/// Why the summaries cannot be added up. Sorts them, and leaves out what is there twice.
std::string objection_to(std::vector<FarmFile>& parts, bool partial) {
    std::sort(parts.begin(), parts.end(), [](const FarmFile& a, const FarmFile& b) {
        return std::tie(a.summary.first, a.path) < std::tie(b.summary.first, b.path);
    });
    const auto is_shard = [](const FarmFile& part) { return part.shard.has_value(); };
    if (std::all_of(parts.begin(), parts.end(), is_shard)) {
        return objection_to_shards(parts, partial);
    }
    std::string objection = overlap(parts);
    if (objection.empty() && std::any_of(parts.begin(), parts.end(), is_shard)) {
        objection = different_cut(parts);
    }
    return objection;
}

/// Made by hand, as no farm comes so far.
std::string overflow(const std::vector<FarmFile>& parts) {
    std::map<std::string, std::uint64_t> sums;
    std::string too_large;
    const auto add = [&](const std::string& name, std::uint64_t count) {
        std::uint64_t& sum = sums[name];
        if (count > ~sum) too_large = name;
        sum += count;
    };
    for (const FarmFile& part : parts) {
        add("completions", part.summary.completions);
        add("failures", part.summary.failures);
        for (const auto& [probe, hits] : part.summary.probes) add(probe, hits);
        for (const auto& [property, group] : part.summary.failed) add(property, group.count);
        if (too_large.empty()) continue;
        return fmt::format("the counts of '{}' in these summaries add up to more than {}",
                           shown(too_large), ~std::uint64_t{0});
    }
    return {};
}

FarmFile sum_of(const std::vector<FarmFile>& parts) {
    FarmFile whole = parts.front();
    for (const FarmFile& part : std::span(parts).subspan(1)) whole.merge(part);
    const FarmFile& last = parts.back();
    // They are told by their place, so where seeds are left out they are of no use.
    sim::FarmSummary& sum = whole.summary;
    if (last.summary.first + last.summary.seeds - sum.first != sum.digests.size()) {
        sum.digests.clear();
    }
    return whole;
}

/// For a sum that may lack something.
void tell_what_is_there(const std::vector<FarmFile>& parts, std::uint64_t seeds) {
    const Shard& shard = *parts.front().shard;
    std::uint64_t missing = 0;
    const std::string text = ranges_text(parts, missing);
    print("{}: {} of {} shards, {} of {} seeds{}\n", parts.front().scenario, shard.parts - missing,
          shard.parts, seeds, shard.whole.count, missing == 0 ? "" : "; missing: " + text);
}

}  // namespace

int run_merge(const MergeArguments& arguments) {
    const std::optional<std::vector<std::string>> paths = paths_of(arguments.files);
    if (!paths) return exit_wrong_usage;
    std::optional<std::vector<FarmFile>> parts = read_all(*paths);
    if (!parts) return exit_wrong_usage;
    std::string objection = mixture(*parts);
    const sim::ScenarioInfo* scenario = nullptr;
    if (objection.empty()) {
        scenario = find_scenario(arguments, parts->front().scenario);
        if (scenario == nullptr) return exit_wrong_usage;
        objection = objection_to(*parts, arguments.partial);
        if (objection.empty()) objection = overflow(*parts);
    }
    if (!objection.empty()) {
        complain(objection);
        return exit_wrong_usage;
    }
    const FarmFile whole = sum_of(*parts);
    if (arguments.partial && whole.shard && !arguments.json) {
        tell_what_is_there(*parts, whole.summary.seeds);
    }
    return tell_farm({whole.words, *scenario, whole.summary, whole.seconds, whole.kept,
                      whole.summary.seeds, arguments.tool->start},
                     arguments.json);
}

}  // namespace drydock::app

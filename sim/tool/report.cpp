// Text and JSON reports.
#include "sim/tool/report.hpp"

#include <algorithm>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <drydock/sim/farming.hpp>
#include <drydock/sim/shrink.hpp>
#include "sim/picture/encoding.hpp"
#include "sim/properties.hpp"
#include "sim/tool/common.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

double per_second(std::uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0.0;
}

nlohmann::ordered_json probes_json(const std::map<std::string, std::uint64_t>& probes) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const auto& [name, hits] : probes) object[name] = hits;
    return object;
}

nlohmann::ordered_json unreached_json(const sim::FarmSummary& summary,
                                      const sim::ScenarioInfo& scenario) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const std::string_view name : summary.unreached(scenario)) list.push_back(name);
    return list;
}

std::string settings_text(const sim::RunSetup& setup) {
    std::string text;
    for (const auto& [name, value] : setup.settings) text += fmt::format(" {}={}", name, value);
    return text;
}

/// A whole number as people read it: with a comma every three digits.
std::string grouped(double number) {
    std::string text = fmt::format("{:.0f}", number);
    for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
    return text;
}

/// The line that says what should have held, and which page says more.
std::string expected_text(const sim::ScenarioInfo& scenario, const std::string& property) {
    const sim::Explanation known = sim::explain(scenario, property);
    if (known.expected.empty()) return {};
    const std::string see = known.page.empty() ? "" : fmt::format(" (see {})", known.page);
    return fmt::format("  expected: {}{}\n", known.expected, see);
}

/// The same for JSON objects, which have the property's name already.
void add_expected(nlohmann::ordered_json& object, const sim::ScenarioInfo& scenario,
                  const std::string& property) {
    const sim::Explanation known = sim::explain(scenario, property);
    if (known.expected.empty()) return;
    object["expected"] = known.expected;
    if (!known.page.empty()) object["see"] = known.page;
}

/// A text of a scenario's need not be UTF-8, and JSON must be: what is not becomes U+FFFD.
std::string one_line(const nlohmann::ordered_json& object) {
    return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

bool is_fault(std::string_view probe) { return probe.starts_with("fault."); }

}  // namespace

std::string digest_text(std::uint64_t digest) { return sim::hexadecimal(digest); }

void print_report(const sim::ScenarioInfo& scenario, const sim::Report& report,
                  const std::string& origin, const std::string& again) {
    for (const std::string& line : report.trace) print("{}\n", sim::for_terminal(line));
    if (report.passed) {
        print("{} passed: digest {}, {}, {}, {:.3f} virtual seconds\n", origin,
              digest_text(report.digest), count_of(report.completions, "completion"),
              count_of(report.choices, "choice"),
              std::chrono::duration<double>(report.virtual_time).count());
    } else {
        print("{} FAILED: {}\n  {}\n{}", origin, report.property,
              sim::for_terminal(report.sentence), expected_text(scenario, report.property));
    }
    const bool has_output = !report.passed && !report.output.empty();
    if (has_output) print("  the program's last output:\n");
    for (std::size_t i = 0; has_output && i < report.output.size(); ++i) {
        print("    | {}\n", sim::for_terminal(report.output[i]));
    }
    // A run that has ended its process has none.
    if (!report.options.empty()) print("  options: {}\n", sim::for_terminal(report.options));
    if (!report.outcome.empty()) print("  outcome: {}\n", sim::for_terminal(report.outcome));
    if (report.passed) return;
    if (sim::ends_process(report.property)) {
        print("  ended after {} and {}\n  again: {}\n", count_of(report.completions, "completion"),
              count_of(report.choices, "choice"), again);
        print("  in a debugger: gdb --args {} --in-process\n", again);
        return;
    }
    print("  digest {} after {}\n  again: {}\n", digest_text(report.digest),
          count_of(report.completions, "completion"), again);
}

std::string divergence_text(const sim::Divergence& divergence) {
    return fmt::format(
        "the run left its schedule at choice {}: the schedule has {}, the run asked for {}",
        divergence.position + 1, divergence.recorded, divergence.asked);
}

void print_divergence(const sim::Divergence& divergence) {
    print("  {}\n", sim::for_terminal(divergence_text(divergence)));
}

void print_choices(const sim::Report& report) {
    for (const sim::Choice& choice : report.schedule) {
        if (choice.value == 0) continue;
        print("    {}: {} of {}\n", choice.label, choice.value, choice.options - 1);
    }
}

void print_report_json(const sim::ScenarioInfo& scenario, const sim::Report& report,
                       const std::string& origin, double seconds,
                       const std::optional<sim::Divergence>& divergence) {
    sim::FarmSummary one;
    for (const sim::ProbeHits& hit : report.probes) one.probes[std::string(hit.name)] += hit.hits;
    nlohmann::ordered_json object;
    object["scenario"] = scenario.name;
    object["origin"] = origin;
    object["seeds"] = 1;
    object["failures"] = report.passed ? 0 : 1;
    object["completions"] = report.completions;
    object["choices_not_benign"] = sim::not_benign(report.schedule);
    object["seconds"] = seconds;
    object["digest"] = digest_text(report.digest);
    object["options"] = report.options;
    object["outcome"] = report.outcome;
    object["probes"] = probes_json(one.probes);
    object["probes_not_reached"] = unreached_json(one, scenario);
    if (!report.passed) {
        object["property"] = report.property;
        object["sentence"] = report.sentence;
        add_expected(object, scenario, report.property);
        if (!report.output.empty()) object["output"] = report.output;
    }
    if (divergence) {
        object["diverged"] = {{"choice", divergence->position + 1},
                              {"recorded", divergence->recorded},
                              {"asked", divergence->asked}};
    }
    print("{}\n", one_line(object));
}

// --- a farm -------------------------------------------------------------------------------------

bool must_reach_probes(const FarmReport& report) {
    return report.summary.seeds >= sim::standard_farm && report.words == report.scenario.name;
}

namespace {

void print_failures(const FarmReport& report) {
    const sim::FarmSummary& summary = report.summary;
    for (const auto& [property, group] : summary.failed) {
        print("{} FAILED in {} of {} seeds, first in seed {}\n  {}\n{}", property, group.count,
              summary.seeds, group.first, sim::for_terminal(group.sentence),
              expected_text(report.scenario, property));
        if (!group.options.empty()) print("  options: {}\n", sim::for_terminal(group.options));
        print("  again: {} run {} --seed {} --trace 40\n", report.start, report.words, group.first);
        const auto kept = report.kept.find(property);
        if (kept == report.kept.end()) continue;
        print("  shrunk to {} choices that are not benign{}: {} replay {} --trace 40\n",
              kept->second.length, kept->second.finished ? "" : " (not to the end)", report.start,
              kept->second.file);
        if (!sim::ends_process(property)) continue;
        print("  in a debugger: gdb --args {} replay {} --in-process\n", report.start,
              kept->second.file);
    }
}

/// The hits of the program's probes, or of the faults, and which were not reached.
void print_hits(const FarmReport& report, const char* heading, bool faults) {
    print("{}:\n", heading);
    bool any = false;
    for (const auto& [name, hits] : report.summary.probes) {
        if (is_fault(name) != faults) continue;
        print("  {:<28} {:>12}\n", name, hits);
        any = true;
    }
    for (const std::string_view name : report.summary.unreached(report.scenario)) {
        if (is_fault(name) != faults) continue;
        print("  {:<28} {:>12}\n", name, "not reached");
        any = true;
    }
    if (!any) print("  none\n");
}

/// It has ended early because each further seed would have taken a process, or long waiting.
bool gave_up(const FarmReport& report) {
    const sim::FarmRun usual;
    const auto count_of_seeds = [&](const char* property) {
        const auto group = report.summary.failed.find(property);
        return group == report.summary.failed.end() ? 0 : group->second.count;
    };
    return report.summary.seeds < report.wanted &&
           (count_of_seeds("crash") + count_of_seeds("endless-step") >= usual.most_crashes ||
            count_of_seeds("hang") >= usual.most_hangs);
}

/// "1 in 6,677".
std::string one_in(double probability) { return "1 in " + grouped(1 / probability); }

/// How likely it is that one more seed does something new; empty if the program has no probes to
/// tell that by.
std::string chance_text(const sim::FarmSummary& summary) {
    const auto is_probe = [](const auto& each) { return !is_fault(each.first); };
    if (std::none_of(summary.probes.begin(), summary.probes.end(), is_probe)) return {};
    const double chance = summary.behaviors.chance_of_new(summary.seeds);
    if (chance == 0) return "; each set of probes that a seed reached was reached again";
    return "; the next seed reaches a new set of probes with about " + one_in(chance);
}

/// Of a farm with a failure, the counts of the failures say more.
void print_what_was_shown(const sim::FarmSummary& summary) {
    constexpr std::uint64_t fewest = 1000;  // seeds, for estimates that mean something
    if (summary.failures > 0 || summary.seeds < fewest) return;
    print("shown: a seed fails with a probability of at most {} (95 % confidence){}\n",
          one_in(sim::most_likely_failing(summary.seeds)), chance_text(summary));
}

void print_whether_that_matters(const FarmReport& report) {
    if (report.summary.unreached(report.scenario).empty()) return;
    print("not reached: {}\n",
          must_reach_probes(report)
              ? "this fails the farm, as it has 20,000 seeds or more of a plain scenario"
              : "this matters only in a farm of 20,000 seeds or more of a plain scenario");
}

}  // namespace

void print_farm(const FarmReport& report) {
    const sim::FarmSummary& summary = report.summary;
    if (report.shard) {
        const sim::SeedRange seeds = report.shard->seeds();
        print("{}: shard {} of {} ({}): seeds {} to {}\n", report.scenario.name, report.shard->part,
              report.shard->parts, report.shard->from, seeds.first,
              seeds.first + (seeds.count - 1));
    }
    print_failures(report);
    if (summary.seeds < report.wanted) {
        print("ended after {} of {} seeds; to go on: --first {}\n", summary.seeds, report.wanted,
              summary.first + summary.seeds);
    }
    if (gave_up(report)) {
        const sim::FarmRun usual;
        print(
            "a farm ends after {} seeds that crash, or {} that hang; --until-failure ends it with "
            "the first\n",
            usual.most_crashes, usual.most_hangs);
    }
    print(
        "{}: {} seeds, {} failed; {} completions in {:.2f} s ({:.2f} million a second); "
        "digest {}\n",
        report.scenario.name, summary.seeds, summary.failures, summary.completions, report.seconds,
        per_second(summary.completions, report.seconds) / 1e6, digest_text(summary.digest));
    if (report.twice && !summary.failed.contains("determinism")) {
        print("each seed ran twice, and both runs were the same\n");
    }
    print_what_was_shown(summary);
    print_hits(report, "probes", false);
    print_hits(report, "faults", true);
    print_whether_that_matters(report);
    for (std::size_t i = 0; i < summary.digests.size(); ++i) {
        print("digest {} {}\n", summary.first + i, digest_text(summary.digests[i]));
    }
}

namespace {

/// What follows from the counts, for people and scripts. `merge` reads the counts and not this.
nlohmann::ordered_json shown_json(const sim::FarmSummary& summary) {
    nlohmann::ordered_json shown = nlohmann::ordered_json::object();
    if (summary.seeds == 0) return shown;
    if (summary.failures == 0) {
        shown["most_likely_failing"] = sim::most_likely_failing(summary.seeds);
        shown["confidence"] = 0.95;
    }
    shown["different_behaviors"] = summary.behaviors.different();
    shown["behaviors_seen_once"] = summary.behaviors.seen_once();
    shown["chance_of_new_behavior"] = summary.behaviors.chance_of_new(summary.seeds);
    return shown;
}

/// The hashes that are kept, one after the other, 16 digits each.
nlohmann::ordered_json behaviors_json(const sim::Behaviors& behaviors) {
    std::string once;
    std::string again;
    for (const auto& [behavior, more_than_once] : behaviors.kept()) {
        (more_than_once ? again : once) += digest_text(behavior);
    }
    return {{"kept_one_in", std::uint64_t{1} << behaviors.halvings()},
            {"once", once},
            {"again", again}};
}

nlohmann::ordered_json shard_json(const Shard& shard) {
    return {{"part", shard.part},
            {"parts", shard.parts},
            {"from", shard.from},
            {"first", shard.whole.first},
            {"seeds", shard.whole.count}};
}

}  // namespace

std::string farm_json(const FarmReport& report) {
    const sim::FarmSummary& summary = report.summary;
    nlohmann::ordered_json object;
    object["scenario"] = report.scenario.name;
    object["run"] = report.words;
    if (report.shard) object["shard"] = shard_json(*report.shard);
    object["first"] = summary.first;
    object["seeds"] = summary.seeds;
    object["failures"] = summary.failures;
    object["completions"] = summary.completions;
    object["seconds"] = report.seconds;
    object["digest"] = digest_text(summary.digest);
    object["probes"] = probes_json(summary.probes);
    object["probes_not_reached"] = unreached_json(summary, report.scenario);
    object["probes_must_be_reached"] = must_reach_probes(report);
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const auto& [property, group] : summary.failed) {
        nlohmann::ordered_json failure = {{"property", property},
                                          {"count", group.count},
                                          {"seed", group.first},
                                          {"sentence", group.sentence},
                                          {"options", group.options}};
        add_expected(failure, report.scenario, property);
        const auto kept = report.kept.find(property);
        if (kept != report.kept.end()) {
            failure["schedule"] = kept->second.file;
            failure["length"] = kept->second.length;
            failure["finished"] = kept->second.finished;
        }
        failed.push_back(std::move(failure));
    }
    object["failed"] = failed;
    object["shown"] = shown_json(summary);
    object["behaviors"] = behaviors_json(summary.behaviors);
    if (!summary.digests.empty()) {
        nlohmann::ordered_json digests = nlohmann::ordered_json::array();
        for (const std::uint64_t digest : summary.digests) digests.push_back(digest_text(digest));
        object["digests"] = digests;
    }
    return one_line(object) + '\n';
}

int tell_farm(const FarmReport& report, bool json) {
    if (json) {
        standard_output().write(farm_json(report));
    } else {
        print_farm(report);
    }
    const bool covered =
        !must_reach_probes(report) || report.summary.unreached(report.scenario).empty();
    if (!covered) complain("a farm of this size must reach every probe, and this one did not");
    return report.summary.failures == 0 && covered ? exit_ok : exit_failed;
}

void FarmFile::merge(const FarmFile& other) {
    for (const auto& [property, group] : other.summary.failed) {
        // The summary keeps the first failure, and this is its file.
        if (summary.failed.contains(property) || !other.kept.contains(property)) continue;
        kept[property] = other.kept.at(property);
    }
    summary.merge(other.summary);
    seconds += other.seconds;
}

bool FarmFile::found_the_same_as(const FarmFile& other) const {
    const auto same_failure = [](const auto& a, const auto& b) {
        return a.first == b.first && a.second.count == b.second.count &&
               a.second.first == b.second.first && a.second.sentence == b.second.sentence;
    };
    const sim::FarmSummary& theirs = other.summary;
    return summary.first == theirs.first && summary.seeds == theirs.seeds &&
           summary.failures == theirs.failures && summary.completions == theirs.completions &&
           summary.digest == theirs.digest && summary.probes == theirs.probes &&
           summary.behaviors == theirs.behaviors &&
           std::equal(summary.failed.begin(), summary.failed.end(), theirs.failed.begin(),
                      theirs.failed.end(), same_failure);
}

namespace {

using Json = nlohmann::json;

const Json& member(const Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) throw std::invalid_argument(fmt::format("it has no '{}'", name));
    return *found;
}

std::uint64_t parse_count(const Json& object, const char* name) {
    const Json& value = member(object, name);
    if (value.is_number_unsigned()) return value;
    throw std::invalid_argument(fmt::format("'{}' is not a whole number", name));
}

std::string parse_text(const Json& object, const char* name) {
    const Json& value = member(object, name);
    if (value.is_string()) return value;
    throw std::invalid_argument(fmt::format("'{}' is not a text", name));
}

std::uint64_t parse_digest(const std::string& text) {
    std::uint64_t digest = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digest, 16);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole) throw std::invalid_argument(fmt::format("'{}' is not a digest", shown(text)));
    return digest;
}

void parse_hashes(const std::string& text, bool more_than_once,
                  std::map<std::uint64_t, bool>& kept) {
    constexpr std::size_t digits = 16;
    if (text.size() % digits != 0) throw std::invalid_argument("a behavior has 16 digits");
    for (std::size_t at = 0; at < text.size(); at += digits) {
        kept[parse_digest(text.substr(at, digits))] = more_than_once;
    }
}

sim::Behaviors parse_behaviors(const Json& object) {
    std::map<std::uint64_t, bool> kept;
    parse_hashes(parse_text(object, "once"), false, kept);
    parse_hashes(parse_text(object, "again"), true, kept);
    const std::uint64_t one_in = parse_count(object, "kept_one_in");
    sim::Behaviors behaviors;
    if (std::has_single_bit(one_in) &&
        sim::Behaviors::read(static_cast<unsigned>(std::countr_zero(one_in)), kept, behaviors)) {
        return behaviors;
    }
    throw std::invalid_argument("its 'behaviors' are not those of a farm");
}

void parse_failure(const Json& failure, FarmFile& file) {
    const std::string property = parse_text(failure, "property");
    file.summary.failed[property] = {parse_count(failure, "count"), parse_count(failure, "seed"),
                                     parse_text(failure, "sentence"),
                                     parse_text(failure, "options")};
    if (!failure.contains("schedule")) return;
    file.kept[property] = {parse_text(failure, "schedule"), parse_count(failure, "length"),
                           failure.value("finished", false)};
}

Shard parse_shard(const Json& object) {
    Shard shard;
    shard.part = parse_count(object, "part");
    shard.parts = parse_count(object, "parts");
    shard.from = parse_text(object, "from");
    shard.whole = {parse_count(object, "first"), parse_count(object, "seeds")};
    const bool is_part = shard.part >= 1 && shard.part <= shard.parts;
    if (is_part && shard.parts <= shard.whole.count &&
        shard.whole.count - 1 <= ~shard.whole.first) {
        return shard;
    }
    throw std::invalid_argument("its 'shard' is no part of a farm");
}

void parse_farm(const Json& object, FarmFile& file) {
    if (!object.is_object()) throw std::invalid_argument("it is not a JSON object");
    sim::FarmSummary& summary = file.summary;
    file.scenario = parse_text(object, "scenario");
    file.words = parse_text(object, "run");
    file.seconds = member(object, "seconds");
    summary.first = parse_count(object, "first");
    summary.seeds = parse_count(object, "seeds");
    if (summary.first + summary.seeds < summary.first) {
        throw std::invalid_argument("it has more seeds than there are");
    }
    summary.failures = parse_count(object, "failures");
    summary.completions = parse_count(object, "completions");
    summary.digest = parse_digest(parse_text(object, "digest"));
    const Json& probes = member(object, "probes");
    for (const auto& probe : probes.items()) {
        summary.probes[probe.key()] = parse_count(probes, probe.key().c_str());
    }
    for (const Json& failure : member(object, "failed")) parse_failure(failure, file);
    summary.behaviors = parse_behaviors(member(object, "behaviors"));
    for (const Json& digest : object.value("digests", Json::array())) {
        summary.digests.push_back(parse_digest(digest));
    }
    if (!object.contains("shard")) return;
    file.shard = parse_shard(object["shard"]);
    const sim::SeedRange seeds = file.shard->seeds();
    if (summary.first != seeds.first || summary.seeds > seeds.count) {
        throw std::invalid_argument("its seeds are not those of its 'shard'");
    }
}

}  // namespace

std::string parse_farm_json(const std::string& text, FarmFile& file) {
    const Json object = Json::parse(text, nullptr, false);
    try {
        parse_farm(object, file);
        return {};
    } catch (const std::invalid_argument& error) {
        return error.what();
    } catch (const Json::exception&) {
        return "a value in it has the wrong type";
    }
}

bool to_number(const std::string& text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// --- an exploration -----------------------------------------------------------------------------

namespace {

std::string faults_text(sim::FaultSet always) {
    const sim::FaultSet faults = always.without(sim::Fault::reorder);
    if (faults == sim::FaultSet()) return "no faults";
    const std::string names = sim::fault_names(faults);
    return (names.find(' ') == std::string::npos ? "and the fault " : "and the faults ") + names;
}

/// " with at most 1 overtaking and 2 strikes"
std::string bounds_text(const sim::ExploreBounds& bounds) {
    std::string text;
    const auto add = [&](const std::optional<std::uint32_t>& bound, std::string_view noun) {
        if (!bound) return;
        text += (text.empty() ? " with at most " : " and ") + count_of(*bound, noun);
    };
    add(bounds.overtakings, "overtaking");
    add(bounds.strikes, "strike");
    add(bounds.steps, "step");
    return text;
}

/// "schedules without reduction: 1,535,128". A double has 53 bits of them.
std::string schedules_text(const sim::Exploration& found) {
    constexpr double most_exact = 9007199254740992;
    const double schedules = *found.unreduced;
    return std::string(found.bounded ? "schedules within the bounds: "
                                     : "schedules without reduction: ") +
           (schedules > most_exact ? fmt::format("about {:.6g}", schedules) : grouped(schedules));
}

/// Orders that only several workers produce were not explored.
bool leaves_out_interleavings(const sim::RunSetup& setup, const sim::Exploration& found) {
    return found.monitor_entries > 0 && !setup.options.always.has(sim::Fault::interleave);
}

std::string verdict_text(const sim::Exploration& found, std::string_view unfinished) {
    const std::string after = " after " + count_of(found.completions, "completion");
    if (found.complete && found.bounded) return "explored completely within the bounds" + after;
    if (found.complete) return "explored completely" + after;
    if (found.failures > 0) return "ended with a failure" + after;
    return fmt::format("NOT complete{}, as {}; no schedule that was run failed", after, unfinished);
}

}  // namespace

void print_exploration(const sim::ScenarioInfo& scenario, const sim::RunSetup& setup,
                       const sim::Exploration& found, double seconds, std::string_view unfinished) {
    const std::string faults = faults_text(setup.options.always);
    print("{}:{}; every order of completions{}, {}\n", setup.scenario, settings_text(setup),
          bounds_text(found.bounds), faults);
    for (const auto& [outcome, count] : found.outcomes) {
        print("  {:>8} x {}\n", count, outcome);
    }
    print("  {}, in {} to the end and {} that were cut short",
          count_of(found.outcomes.size(), "outcome"), count_of(found.schedules, "run"), found.cut);
    if (found.states > 0) print(", {}", count_of(found.states, "state"));
    print("; {} at most\n", count_of(found.longest, "choice"));
    if (found.unreduced) print("  {}\n", schedules_text(found));
    if (found.equal_clients > 1) {
        print("  {} clients are equal: one order of their beginnings stands for all\n",
              found.equal_clients);
    }
    if (found.memory_was_short) {
        print(
            "  the table of states was full (--memory): the cheapest states were forgotten and "
            "explored again, and counted again in runs and outcomes\n");
    }
    if (leaves_out_interleavings(setup, found)) {
        print(
            "  the program enters monitors, and no other coroutine ran just before an entry: "
            "--faults interleave explores that\n");
    }
    if (found.failure) {
        print("{} FAILED: {}\n  {}\n{}", setup.scenario, found.failure->property,
              found.failure->sentence, expected_text(scenario, found.failure->property));
        print_choices(*found.failure);
    } else if (faults == "no faults") {
        print("  no faults were active: --faults KINDS activates some\n");
    }
    print("{}: {} in {:.2f} s\n", setup.scenario, verdict_text(found, unfinished), seconds);
}

void print_bound(const std::string& name, std::uint32_t value, const sim::Exploration& found,
                 double seconds) {
    print("  {} <= {}: {}, {}{}, in {:.2f} s\n", name, value,
          found.complete       ? "complete"
          : found.failures > 0 ? "ended with a failure"
                               : "NOT complete",
          count_of(found.states, "state"), found.unreduced ? ", " + schedules_text(found) : "",
          seconds);
}

void print_exploration_json(const sim::ScenarioInfo& scenario, const sim::RunSetup& setup,
                            const sim::Exploration& found, double seconds) {
    nlohmann::ordered_json object;
    object["scenario"] = setup.scenario;
    for (const auto& [name, value] : setup.settings) object["settings"][name] = value;
    object["faults"] = sim::fault_names(setup.options.always);
    object["complete"] = found.complete;
    object["interleavings_left_out"] = leaves_out_interleavings(setup, found);
    object["schedules"] = found.schedules;
    object["cut"] = found.cut;
    object["states"] = found.states;
    if (found.unreduced) {
        object[found.bounded ? "schedules_within_bounds" : "schedules_without_reduction"] =
            *found.unreduced;
    }
    object["bounded"] = found.bounded;
    const auto add_bound = [&](const char* name, const std::optional<std::uint32_t>& bound) {
        if (bound) object["bounds"][name] = *bound;
    };
    add_bound("overtakings", found.bounds.overtakings);
    add_bound("strikes", found.bounds.strikes);
    add_bound("depth", found.bounds.steps);
    object["memory_was_short"] = found.memory_was_short;
    object["equal_clients"] = found.equal_clients;
    object["longest"] = found.longest;
    object["completions"] = found.completions;
    object["failures"] = found.failures;
    object["outcomes"] = found.outcomes;
    if (found.failure) {
        object["property"] = found.failure->property;
        object["sentence"] = found.failure->sentence;
        add_expected(object, scenario, found.failure->property);
    }
    object["seconds"] = seconds;
    print("{}\n", one_line(object));
}

namespace {

nlohmann::ordered_json scenario_json(const sim::ScenarioInfo& scenario, std::string_view kind) {
    nlohmann::ordered_json parameters = nlohmann::ordered_json::array();
    for (const sim::Parameter& parameter : scenario.parameters) {
        parameters.push_back({{"name", parameter.name},
                              {"summary", parameter.summary},
                              {"least", parameter.least},
                              {"most", parameter.most}});
    }
    return {{"name", scenario.name},
            {"summary", scenario.summary},
            {"kind", kind},
            {"parameters", parameters}};
}

}  // namespace

void print_list(const Tool& tool, bool json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    const auto add = [&](const sim::ScenarioInfo& scenario, std::string_view kind) {
        list.push_back(scenario_json(scenario, kind));
        if (!json) print("{:<40} {}\n", scenario.name, scenario.summary);
    };
    for (const sim::ScenarioInfo* scenario : tool.scenarios) {
        add(*scenario, "scenario");
        for (const sim::Parameter& parameter : scenario->parameters) {
            if (json) break;
            print("    --{} {}..{}: {}\n", parameter.name, parameter.least, parameter.most,
                  parameter.summary);
        }
    }
    for (const auto& [scenario, kind] : tool.extras.scenarios) add(*scenario, kind);
    if (json) print("{}\n", one_line(list));
}

}  // namespace drydock::app

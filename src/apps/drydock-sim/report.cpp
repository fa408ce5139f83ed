// Text and JSON reports.
#include "src/apps/drydock-sim/report.hpp"

#include <charconv>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenarios/scenarios.hpp"
#include "sim/shrink.hpp"
#include "src/apps/drydock-sim/common.hpp"
#include "src/apps/output.hpp"
#include "tests/zoo/specimens/zoo.hpp"

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

}  // namespace

std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

void print_report(const sim::Report& report, const std::string& origin, const std::string& again) {
    for (const std::string& line : report.trace) print("  {}\n", line);
    if (report.passed) {
        print("{} passed: digest {}, {} completions, {} choices, {:.3f} virtual seconds\n", origin,
              digest_text(report.digest), report.completions, report.choices,
              std::chrono::duration<double>(report.virtual_time).count());
        print("  options: {}\n", report.options);
        return;
    }
    print("{} FAILED: {}\n  {}\n  options: {}\n  digest {} after {} completions\n", origin,
          report.property, report.sentence, report.options, digest_text(report.digest),
          report.completions);
    print("  again: {}\n", again);
}

void print_divergence(const sim::Divergence& divergence) {
    print("  the run left its record at choice {}: recorded was {}, asked for was {}\n",
          divergence.position + 1, divergence.recorded, divergence.asked);
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
    }
    if (divergence) {
        object["diverged"] = {{"choice", divergence->position + 1},
                              {"recorded", divergence->recorded},
                              {"asked", divergence->asked}};
    }
    print("{}\n", object.dump());
}

// --- a farm -------------------------------------------------------------------------------------

void print_farm(const FarmReport& report) {
    const sim::FarmSummary& summary = report.summary;
    for (std::size_t i = 0; i < summary.digests.size(); ++i) {
        print("digest {} {}\n", summary.first + i, digest_text(summary.digests[i]));
    }
    print("probes:\n");
    for (const auto& [name, hits] : summary.probes) print("  {:<28} {:>12}\n", name, hits);
    for (const std::string_view name : summary.unreached(report.scenario)) {
        print("  {:<28} {:>12}\n", name, "not reached");
    }
    for (const auto& [property, group] : summary.failed) {
        print("{} FAILED in {} of {} seeds, first in seed {}\n  {}\n  options: {}\n", property,
              group.count, summary.seeds, group.first, group.sentence, group.options);
        print("  again: drydock-sim run {} --seed {} --trace 40\n", report.words, group.first);
        const auto kept = report.kept.find(property);
        if (kept == report.kept.end()) continue;
        print("  shrunk to {} choices that are not benign{}: drydock-sim replay {} --trace 40\n",
              kept->second.length, kept->second.finished ? "" : " (not to the end)",
              kept->second.file);
    }
    if (summary.seeds < report.wanted) {
        print("ended after {} of {} seeds; to go on: --first {}\n", summary.seeds, report.wanted,
              summary.first + summary.seeds);
    }
    print(
        "{}: {} seeds, {} failed; {} completions in {:.2f} s ({:.2f} million a second); "
        "digest {}\n",
        report.scenario.name, summary.seeds, summary.failures, summary.completions, report.seconds,
        per_second(summary.completions, report.seconds) / 1e6, digest_text(summary.digest));
}

void print_farm_json(const FarmReport& report) {
    const sim::FarmSummary& summary = report.summary;
    nlohmann::ordered_json object;
    object["scenario"] = report.scenario.name;
    object["run"] = report.words;
    object["first"] = summary.first;
    object["seeds"] = summary.seeds;
    object["failures"] = summary.failures;
    object["completions"] = summary.completions;
    object["seconds"] = report.seconds;
    object["digest"] = digest_text(summary.digest);
    object["probes"] = probes_json(summary.probes);
    object["probes_not_reached"] = unreached_json(summary, report.scenario);
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const auto& [property, group] : summary.failed) {
        nlohmann::ordered_json failure = {{"property", property},
                                          {"count", group.count},
                                          {"seed", group.first},
                                          {"sentence", group.sentence},
                                          {"options", group.options}};
        const auto kept = report.kept.find(property);
        if (kept != report.kept.end()) {
            failure["schedule"] = kept->second.file;
            failure["length"] = kept->second.length;
            failure["finished"] = kept->second.finished;
        }
        failed.push_back(std::move(failure));
    }
    object["failed"] = failed;
    if (!summary.digests.empty()) {
        nlohmann::ordered_json digests = nlohmann::ordered_json::array();
        for (const std::uint64_t digest : summary.digests) digests.push_back(digest_text(digest));
        object["digests"] = digests;
    }
    print("{}\n", object.dump());
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
    throw std::invalid_argument(fmt::format("'{}' is no whole number", name));
}

std::string parse_text(const Json& object, const char* name) {
    const Json& value = member(object, name);
    if (value.is_string()) return value;
    throw std::invalid_argument(fmt::format("'{}' is no text", name));
}

std::uint64_t parse_digest(const std::string& text) {
    std::uint64_t digest = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), digest, 16);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole) throw std::invalid_argument(fmt::format("'{}' is no digest", shown(text)));
    return digest;
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

void parse_farm(const Json& object, FarmFile& file) {
    if (!object.is_object()) throw std::invalid_argument("it is no JSON object");
    sim::FarmSummary& summary = file.summary;
    file.scenario = parse_text(object, "scenario");
    file.words = parse_text(object, "run");
    file.seconds = member(object, "seconds");
    summary.first = parse_count(object, "first");
    summary.seeds = parse_count(object, "seeds");
    if (summary.first + summary.seeds < summary.first) {
        throw std::invalid_argument("there are not so many seeds");
    }
    summary.failures = parse_count(object, "failures");
    summary.completions = parse_count(object, "completions");
    summary.digest = parse_digest(parse_text(object, "digest"));
    const Json& probes = member(object, "probes");
    for (const auto& probe : probes.items()) {
        summary.probes[probe.key()] = parse_count(probes, probe.key().c_str());
    }
    for (const Json& failure : member(object, "failed")) parse_failure(failure, file);
    for (const Json& digest : object.value("digests", Json::array())) {
        summary.digests.push_back(parse_digest(digest));
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
        return "a part of it is of another kind than it should be";
    }
}

bool to_number(const std::string& text, std::uint64_t& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

// --- an exploration -----------------------------------------------------------------------------

void print_exploration(const sim::RunSetup& setup, const sim::Exploration& found, double seconds) {
    print("{}:{}; every order of completions, and {}\n", setup.scenario, settings_text(setup),
          sim::fault_names(setup.options.always.without(sim::Fault::reorder)));
    for (const auto& [outcome, count] : found.outcomes) {
        print("  {:>8} x {}\n", count, outcome);
    }
    print("  {} outcomes, in {} runs to the end and {} that were cut short", found.outcomes.size(),
          found.schedules, found.cut);
    if (found.states > 0) print(", {} states", found.states);
    print("; {} choices at most\n", found.longest);
    if (found.unreduced) {
        print("  schedules without reduction: {}\n", grouped(*found.unreduced));
    }
    if (found.failure) {
        print("{} FAILED: {}\n  {}\n", setup.scenario, found.failure->property,
              found.failure->sentence);
        print_choices(*found.failure);
    }
    print("{}: {} after {} completions in {:.2f} s\n", setup.scenario,
          found.complete       ? "explored completely"
          : found.failures > 0 ? "ended with a failure"
                               : "NOT complete",
          found.completions, seconds);
}

void print_exploration_json(const sim::RunSetup& setup, const sim::Exploration& found,
                            double seconds) {
    nlohmann::ordered_json object;
    object["scenario"] = setup.scenario;
    for (const auto& [name, value] : setup.settings) object["settings"][name] = value;
    object["faults"] = sim::fault_names(setup.options.always);
    object["complete"] = found.complete;
    object["schedules"] = found.schedules;
    object["cut"] = found.cut;
    object["states"] = found.states;
    if (found.unreduced) object["schedules_without_reduction"] = *found.unreduced;
    object["longest"] = found.longest;
    object["completions"] = found.completions;
    object["failures"] = found.failures;
    object["outcomes"] = found.outcomes;
    if (found.failure) {
        object["property"] = found.failure->property;
        object["sentence"] = found.failure->sentence;
    }
    object["seconds"] = seconds;
    print("{}\n", object.dump());
}

void print_list(bool json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    const auto add = [&](const sim::ScenarioInfo& scenario) {
        list.push_back({{"name", scenario.name}, {"summary", scenario.summary}});
        if (json) return;
        print("{:<40} {}\n", scenario.name, scenario.summary);
        for (const sim::Parameter& parameter : scenario.parameters) {
            print("    --{} {}..{}: {}\n", parameter.name, parameter.least, parameter.most,
                  parameter.summary);
        }
    };
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) add(*scenario);
    for (const zoo::Specimen& specimen : zoo::specimens()) {
        sim::ScenarioInfo plain = specimen.scenario;
        plain.parameters = {};
        add(plain);
    }
    if (json) print("{}\n", list.dump());
}

}  // namespace drydock::app

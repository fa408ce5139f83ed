// Text and JSON reports.
#include "src/apps/drydock-sim/report.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "sim/scenarios/scenarios.hpp"

namespace drydock::app {
namespace {

double per_second(std::uint64_t count, double seconds) {
    return seconds > 0 ? static_cast<double>(count) / seconds : 0.0;
}

nlohmann::ordered_json probes_json(const std::vector<sim::ProbeHits>& probes) {
    nlohmann::ordered_json object = nlohmann::ordered_json::object();
    for (const sim::ProbeHits& probe : probes) object[std::string(probe.name)] = probe.hits;
    return object;
}

}  // namespace

std::string digest_text(std::uint64_t digest) { return fmt::format("{:016x}", digest); }

void print_report(const sim::Report& report, const std::string& origin, const std::string& again) {
    for (const std::string& line : report.trace) fmt::print("  {}\n", line);
    if (report.passed) {
        fmt::print("{} passed: digest {}, {} completions, {} choices, {:.3f} virtual seconds\n",
                   origin, digest_text(report.digest), report.completions, report.choices,
                   std::chrono::duration<double>(report.virtual_time).count());
        fmt::print("  options: {}\n", report.options);
        return;
    }
    fmt::print("{} FAILED: {}\n  {}\n  options: {}\n  digest {} after {} completions\n", origin,
               report.property, report.sentence, report.options, digest_text(report.digest),
               report.completions);
    fmt::print("  again: {}\n", again);
}

void print_report_json(const sim::ScenarioInfo& scenario, const sim::Report& report,
                       const std::string& origin, double seconds) {
    nlohmann::ordered_json object;
    object["scenario"] = scenario.name;
    object["origin"] = origin;
    object["seeds"] = 1;
    object["failures"] = report.passed ? 0 : 1;
    object["completions"] = report.completions;
    object["seconds"] = seconds;
    object["digest"] = digest_text(report.digest);
    object["options"] = report.options;
    object["probes"] = probes_json(report.probes);
    nlohmann::ordered_json unreached = nlohmann::ordered_json::array();
    sim::FarmSummary one;
    one.probes = report.probes;
    for (const std::string_view name : one.unreached(scenario)) unreached.push_back(name);
    object["probes_not_reached"] = unreached;
    if (!report.passed) {
        object["property"] = report.property;
        object["sentence"] = report.sentence;
    }
    fmt::print("{}\n", object.dump());
}

void print_farm(const sim::ScenarioInfo& scenario, const sim::FarmSummary& summary,
                double seconds) {
    for (std::size_t i = 0; i < summary.digests.size(); ++i) {
        fmt::print("digest {} {}\n", summary.first + i, digest_text(summary.digests[i]));
    }
    for (const sim::SeedFailure& failure : summary.first_failures) {
        fmt::print("seed {} FAILED: {}\n  {}\n  options: {}\n", failure.seed, failure.property,
                   failure.sentence, failure.options);
        fmt::print("  again: drydock-sim run {} --seed {} --trace 40\n", scenario.name,
                   failure.seed);
    }
    fmt::print("probes:\n");
    for (const sim::ProbeHits& probe : summary.probes) {
        fmt::print("  {:<28} {:>12}\n", probe.name, probe.hits);
    }
    for (const std::string_view name : summary.unreached(scenario)) {
        fmt::print("  {:<28} {:>12}\n", name, "not reached");
    }
    fmt::print(
        "{}: {} seeds, {} failed; {} completions in {:.2f} s ({:.2f} million a second); "
        "digest {}\n",
        scenario.name, summary.seeds, summary.failures, summary.completions, seconds,
        per_second(summary.completions, seconds) / 1e6, digest_text(summary.digest));
}

void print_farm_json(const sim::ScenarioInfo& scenario, const sim::FarmSummary& summary,
                     double seconds) {
    nlohmann::ordered_json object;
    object["scenario"] = scenario.name;
    object["seeds"] = summary.seeds;
    object["failures"] = summary.failures;
    object["completions"] = summary.completions;
    object["seconds"] = seconds;
    object["digest"] = digest_text(summary.digest);
    object["probes"] = probes_json(summary.probes);
    nlohmann::ordered_json unreached = nlohmann::ordered_json::array();
    for (const std::string_view name : summary.unreached(scenario)) unreached.push_back(name);
    object["probes_not_reached"] = unreached;
    nlohmann::ordered_json failed = nlohmann::ordered_json::array();
    for (const sim::SeedFailure& failure : summary.first_failures) {
        failed.push_back({{"seed", failure.seed},
                          {"property", failure.property},
                          {"sentence", failure.sentence},
                          {"options", failure.options}});
    }
    object["failed"] = failed;
    if (!summary.digests.empty()) {
        nlohmann::ordered_json digests = nlohmann::ordered_json::array();
        for (const std::uint64_t digest : summary.digests) digests.push_back(digest_text(digest));
        object["digests"] = digests;
    }
    fmt::print("{}\n", object.dump());
}

void print_list(bool json) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) {
        list.push_back({{"name", scenario->name}, {"summary", scenario->summary}});
        if (!json) fmt::print("{:<12} {}\n", scenario->name, scenario->summary);
    }
    if (json) fmt::print("{}\n", list.dump());
}

}  // namespace drydock::app

// expect_holds(): a farm in a test.
#include <drydock/sim/expect.hpp>

#include <limits>

#include <drydock/sim/failure.hpp>

#include "sim/harness/entry.hpp"
#include "sim/harness/environment.hpp"
#include "sim/harness/kept_failure.hpp"
#include "sim/harness/runs.hpp"

namespace drydock::sim {
namespace {

/// Why these seeds cannot be run. Empty: they can.
std::string objection(const ScenarioInfo& scenario, const FarmOptions& options) {
    std::string complaint = entry_objection(scenario);
    if (complaint.empty()) complaint = objection(scenario, options.settings);
    if (!complaint.empty()) return complaint;
    if (options.count == 0) return "no seeds are to be run: the count is 0";
    if (options.count - 1 > std::numeric_limits<std::uint64_t>::max() - options.first) {
        return "there are fewer than " + std::to_string(options.count) + " seeds from " +
               std::to_string(options.first) + " on";
    }
    return {};
}

/// A farm without options that change the worlds, and large enough to reach every probe.
bool must_reach_probes(const FarmOptions& options, const FarmSummary& summary) {
    const RunOptions usual;
    return summary.seeds >= standard_farm && options.settings.empty() &&
           options.run.faults == usual.faults && options.run.always == usual.always &&
           options.run.calm_after == usual.calm_after && options.pct_depth == 0;
}

/// The first seed of a group once more, recorded and shrunk, and its schedule.
std::string shrunk_and_kept(const TestPlace& place, const ScenarioInfo& scenario,
                            const FarmOptions& options, const std::string& property,
                            const FailureGroup& group) {
    const std::string seed = std::to_string(group.first);
    if (harness::property_of_seed(scenario, options, group.first) != property) {
        Report first;
        first.property = property;
        first.sentence = group.sentence;
        first.options = group.options;
        return failure_text(scenario, first, "  ") + "  no schedule shows it: seed " + seed +
               " alone does not fail in this way\n";
    }
    const Shrunk shrunk = harness::shrink(scenario, options, group.first);
    return failure_text(scenario, shrunk.report, "  ") + harness::shrunk_text(shrunk) +
           harness::keep_schedule(scenario,
                                  {std::string(scenario.name), options.settings, options.run},
                                  shrunk.report, seed, place.scenario);
}

void fail_for_property(const TestFramework& test, const TestPlace& place,
                       const ScenarioInfo& scenario, const FarmOptions& options,
                       const FarmSummary& summary, const std::string& property) {
    const FailureGroup& group = summary.failed.at(property);
    test.fail(place, std::string(scenario.name) + ": " + property + " does not hold in " +
                         std::to_string(group.count) + " of " + std::to_string(summary.seeds) +
                         " seeds, first in seed " + std::to_string(group.first) + "\n" +
                         shrunk_and_kept(place, scenario, options, property, group));
}

void expect_probes(const TestFramework& test, const TestPlace& place, const ScenarioInfo& scenario,
                   const FarmSummary& summary) {
    std::string names;
    for (const std::string_view name : summary.unreached(scenario)) {
        names += (names.empty() ? "" : ", ") + std::string(name);
    }
    if (names.empty()) return;
    test.fail(place, std::string(scenario.name) + ": none of " + std::to_string(summary.seeds) +
                         " seeds reached these probes, so nothing is known of these places: " +
                         names + "\n");
}

}  // namespace

FarmSummary expect_holds(const TestFramework& test, const TestPlace& place,
                         const ScenarioInfo& scenario, const FarmOptions& given) {
    const harness::Environment environment = harness::read_environment();
    FarmOptions options = given;
    options.count = environment.seeds.value_or(given.count);
    options.first = environment.first_seed.value_or(given.first);
    const std::string complaint =
        environment.complaint.empty() ? objection(scenario, options) : environment.complaint;
    if (!complaint.empty()) {
        test.fail(place, complaint);
        return {};
    }
    FarmSummary summary = harness::run_farm(scenario, options, environment.jobs);
    for (const auto& [property, group] : summary.failed) {
        fail_for_property(test, place, scenario, options, summary, property);
    }
    if (must_reach_probes(options, summary)) expect_probes(test, place, scenario, summary);
    return summary;
}

FarmSummary expect_holds(const TestFramework& test, const TestPlace& place,
                         const ScenarioInfo& scenario, SeedRange range, const Settings& settings,
                         const RunOptions& run) {
    FarmOptions options;
    options.first = range.first;
    options.count = range.count;
    options.settings = settings;
    options.run = run;
    return expect_holds(test, place, scenario, options);
}

}  // namespace drydock::sim

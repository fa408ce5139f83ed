// Shrinks and keeps the schedules of generated cases that failed.
#include <drydock/sim/generated.hpp>

#include <drydock/sim/failure.hpp>
#include <drydock/sim/shrink.hpp>

#include "sim/harness/kept_failure.hpp"

namespace drydock::sim::rapidcheck {
namespace {

std::string headline(const std::string& scenario, const Report& report) {
    return scenario + ": " + report.property + " does not hold\n";
}

}  // namespace

std::string failure_message(const Case& failed, Report failing) {
    RunOptions options = failed.options;
    options.record = true;
    const auto experiment = [&](ChoiceSource& choices) {
        const std::unique_ptr<Scenario> scenario = failed.make();
        return run(*scenario, choices, options);
    };
    ShrinkOptions bounds;
    bounds.most_completions = failed.most_completions;
    const Shrunk shrunk = shrink(experiment, std::move(failing), bounds);
    ScenarioInfo unknown;  // its own properties are not explained
    return headline(failed.scenario, shrunk.report) + failure_text(unknown, shrunk.report, "  ") +
           harness::shrunk_text(shrunk) +
           harness::keep_schedule_of_workload({failed.scenario, {}, options}, shrunk.report,
                                              failed.test);
}

std::string failure_message(const ScenarioInfo& scenario, const Settings& settings,
                            const RunOptions& options, const std::string& test, Report failing) {
    RunOptions recorded = options;
    recorded.record = true;
    const auto experiment = [&](ChoiceSource& choices) {
        return run(scenario, settings, choices, recorded);
    };
    const Shrunk shrunk = shrink(experiment, std::move(failing));
    const std::string name(scenario.name);
    return headline(name, shrunk.report) + failure_text(scenario, shrunk.report, "  ") +
           harness::shrunk_text(shrunk) +
           harness::keep_schedule(scenario, {name, settings, options}, shrunk.report, test, name);
}

}  // namespace drydock::sim::rapidcheck

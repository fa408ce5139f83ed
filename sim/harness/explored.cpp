// expect_explored(): a small world, explored completely.
#include <drydock/sim/expect.hpp>

#include <algorithm>
#include <chrono>

#include <drydock/sim/failure.hpp>
#include <drydock/sim/shrink.hpp>

#include "sim/harness/entry.hpp"
#include "sim/harness/environment.hpp"
#include "sim/harness/kept_failure.hpp"

namespace drydock::sim {
namespace {

/// Parameters that are not given have the value that is explored by default.
Settings completed(const ScenarioInfo& scenario, Settings settings) {
    for (const Parameter& parameter : scenario.parameters) {
        const bool given = std::any_of(settings.begin(), settings.end(), [&](const auto& setting) {
            return setting.first == parameter.name;
        });
        if (!given) settings.emplace_back(parameter.name, parameter.explored);
    }
    return settings;
}

/// "lines: clients=1 bytes=2, every order of completions, faults: none"
std::string world_text(const ScenarioInfo& scenario, const RunSetup& setup) {
    std::string text = std::string(scenario.name) + ":";
    for (const auto& [name, value] : setup.settings) {
        text += " " + name + "=" + std::to_string(value);
    }
    return text + (setup.settings.empty() ? "" : ",") + " every order of completions, faults: " +
           fault_names(setup.options.always.without(Fault::reorder));
}

std::string work_text(const Exploration& found) {
    return std::to_string(found.schedules) + " runs to the end, " + std::to_string(found.cut) +
           " cut short, " + std::to_string(found.states) + " states, " +
           std::to_string(found.outcomes.size()) + " outcomes";
}

void fail_with_schedule(const TestFramework& test, const TestPlace& place,
                        const ScenarioInfo& scenario, const RunSetup& setup,
                        const Report& failure) {
    const auto experiment = [&](ChoiceSource& choices) {
        return run(scenario, setup.settings, choices, setup.options);
    };
    const Shrunk shrunk = shrink(experiment, failure);
    test.fail(
        place,
        world_text(scenario, setup) + ": " + failure.property +
            " does not hold in one of its schedules\n" +
            failure_text(scenario, shrunk.report, "  ") + harness::shrunk_text(shrunk) +
            harness::keep_schedule(scenario, setup, shrunk.report, "explored", place.scenario));
}

/// Ends an exploration that takes more than the options allow.
class Bounds {
public:
    explicit Bounds(const ExploredOptions& options)
        : options_(options), start_(std::chrono::steady_clock::now()) {}

    bool reached() {
        ++runs_;
        const auto spent = std::chrono::steady_clock::now() - start_;
        return runs_ >= options_.most_runs ||
               (options_.most_time > Duration::zero() && spent >= options_.most_time);
    }
    std::uint64_t runs() const noexcept { return runs_; }

private:
    const ExploredOptions& options_;
    const std::chrono::steady_clock::time_point start_;
    std::uint64_t runs_ = 0;
};

std::string objection(const ScenarioInfo& scenario, const Settings& settings,
                      const ExploredOptions& options) {
    std::string complaint = harness::read_environment().complaint;
    if (complaint.empty()) complaint = entry_objection(scenario);
    if (complaint.empty()) complaint = explore_objection(scenario);
    if (complaint.empty()) complaint = objection(scenario, settings);
    if (complaint.empty() && options.most_runs == 0) {
        complaint = "nothing is to be explored: most_runs is 0";
    }
    return complaint;
}

}  // namespace

Exploration expect_explored(const TestFramework& test, const TestPlace& place,
                            const ScenarioInfo& scenario, const Settings& settings,
                            const ExploredOptions& options) {
    const std::string complaint = objection(scenario, settings, options);
    if (!complaint.empty()) {
        test.fail(place, complaint);
        return {};
    }
    RunSetup setup{std::string(scenario.name), completed(scenario, settings), {}};
    setup.options.always = options.faults.value_or(scenario.explored_faults);
    setup.options.most_resets = options.most_resets;
    setup.options.most_crashes = options.most_crashes;
    setup.options.most_partitions = options.most_partitions;
    setup.options = explored_run(setup.options);
    Bounds bounds(options);
    ExploreOptions how;
    how.settings = setup.settings;
    how.run = setup.options;
    how.reduction = options.reduction;
    how.stop = [&bounds] { return bounds.reached(); };
    if (how.reduction == Reduction::states) how.bounds = scenario.explored_bounds;
    if (options.bounds) how.bounds = *options.bounds;
    Exploration found = explore(scenario, std::move(how));
    if (found.failure) {
        fail_with_schedule(test, place, scenario, setup, *found.failure);
    } else if (!found.complete) {
        test.fail(place, world_text(scenario, setup) + ": not explored completely in " +
                             std::to_string(bounds.runs()) +
                             " runs; make the world smaller, or the bound larger (" +
                             work_text(found) + "; no schedule that was run failed)\n");
    }
    test.record("explored", world_text(scenario, setup) + "; " + work_text(found));
    return found;
}

}  // namespace drydock::sim

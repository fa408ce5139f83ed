// One run: a fresh world, the scenario's main task, and the report.
#include <drydock/sim/run.hpp>

#include <algorithm>
#include <numeric>

#include <drydock/task_group.hpp>

#include "sim/invalid.hpp"
#include "sim/program_run.hpp"
#include "sim/world.hpp"

namespace drydock::sim {
namespace {

constexpr std::uint64_t usual_calm_bound = 20'000;

Task<void> supervise(Task<void> main, bool& ended) {
    co_await std::move(main);
    ended = true;
}

void drive(SimWorld& world, Scenario& scenario) {
    bool ended = false;
    TaskGroup group(world);
    group.spawn(supervise(scenario.main(world), ended));
    Completion completion;
    while (!ended && world.wait({&completion, 1}, never) == 1) {
        completion.operation->complete(completion.result);
        if (world.failed() || world.redundant() || world.abandoned()) break;
    }
    if (ended && !world.failed() && !world.redundant() && !world.abandoned()) {
        world.judge().check_nothing_left();
    }
    // A failed run is cleared away as it stands: the group destroys the frames that are left, and
    // before it, the hosts do.
    world.judge().freeze();
    world.clear_hosts();
}

}  // namespace

Report run(Scenario& scenario, ChoiceSource& choices, const RunOptions& given) {
    RunOptions options = given;
    if (options.calm_bound == 0) options.calm_bound = usual_calm_bound;
    SimWorld world(choices, options);
    drive(world, scenario);
    Report report;
    report.passed = !world.failed();
    report.property = world.judge().property();
    report.sentence = world.judge().sentence();
    report.digest = world.chronicle().digest();
    report.completions = world.chronicle().completions();
    report.redundant = world.redundant();
    if (report.redundant) return report;  // nearly all runs of an exploration: nobody looks at more
    report.choices = world.choices().count();
    report.virtual_time = world.now().time_since_epoch();
    report.monitor_entries = world.judge().monitor_entries();
    report.probes = world.probe_hits();
    report.active_faults = world.swarm().active();
    report.recorded = options.record;
    report.schedule = world.choices().take_schedule();
    report.spans = world.choices().take_spans();
    if (options.record) report.outcome = scenario.outcome();
    report.trace = world.chronicle().take_trace();
    report.marks = world.chronicle().take_marks();
    report.output = world.chronicle().take_output();
    if (!report.passed || options.trace > 0 || options.record) {
        report.options = scenario.options();
        if (!report.options.empty()) report.options += "; ";
        report.options += world.swarm().options_text();
    }
    return report;
}

std::vector<std::string> outcomes_of_equals(
    std::uint32_t count, const std::function<std::string(std::span<const std::uint32_t>)>& tell) {
    std::vector<std::uint32_t> names(count);
    std::iota(names.begin(), names.end(), 0U);
    std::vector<std::string> outcomes;
    do {
        outcomes.push_back(tell(names));
    } while (std::next_permutation(names.begin(), names.end()));
    return outcomes;
}

std::unique_ptr<Scenario> make(const ScenarioInfo& scenario, const Settings& settings) {
    std::unique_ptr<Scenario> instance = scenario.make();
    for (const auto& [name, value] : settings) {
        if (!instance->set(name, value)) return nullptr;
    }
    return instance;
}

std::string objection(const ScenarioInfo& scenario, const Settings& settings) {
    const std::string whose = "the scenario '" + std::string(scenario.name) + "'";
    for (const auto& [name, value] : settings) {
        if (make(scenario, {{name, value}}) != nullptr) continue;
        const auto known =
            std::find_if(scenario.parameters.begin(), scenario.parameters.end(),
                         [&](const Parameter& parameter) { return parameter.name == name; });
        if (known == scenario.parameters.end()) return whose + " has no parameter '" + name + "'";
        return "'" + name + "' of " + whose + " must be from " + std::to_string(known->least) +
               " to " + std::to_string(known->most);
    }
    return make(scenario, settings) != nullptr ? std::string()
                                               : whose + " does not take these parameters together";
}

Report run_once(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                const RunOptions& options) {
    RunOptions bounded = options;
    if (bounded.calm_bound == 0) bounded.calm_bound = scenario.calm_bound;
    const std::unique_ptr<Scenario> instance = make(scenario, settings);
    if (instance == nullptr) refuse_argument(objection(scenario, settings));
    return run(*instance, choices, bounded);
}

Report run(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
           const RunOptions& options) {
    if (scenario.runs_program) return run_program(scenario, settings, choices, options);
    return run_once(scenario, settings, choices, options);
}

Report run(const ScenarioInfo& scenario, std::uint64_t seed, const RunOptions& options) {
    SeedChoices choices(seed);
    return run(scenario, Settings{}, choices, options);
}

std::unique_ptr<CompletionQueue> make_queue(std::uint64_t seed, FaultSet faults) {
    return std::make_unique<SimWorld>(std::make_unique<SeedChoices>(seed), faults);
}

}  // namespace drydock::sim

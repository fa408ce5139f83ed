// One run: a fresh world, the scenario's main task, and the report.
#include <drydock/sim/run.hpp>

#include <drydock/task_group.hpp>

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
        if (world.failed() || world.redundant()) break;
    }
    if (ended && !world.failed() && !world.redundant()) world.check_nothing_left();
    // A failed run is cleared away as it stands: the group destroys the frames that are left.
    world.freeze();
}

}  // namespace

Report run(Scenario& scenario, ChoiceSource& choices, const RunOptions& given) {
    RunOptions options = given;
    if (options.calm_bound == 0) options.calm_bound = usual_calm_bound;
    SimWorld world(choices, options);
    drive(world, scenario);
    Report report;
    report.passed = !world.failed();
    report.property = world.property();
    report.sentence = world.sentence();
    report.digest = world.digest();
    report.completions = world.completions();
    report.redundant = world.redundant();
    if (report.redundant) return report;  // nearly all runs of an exploration: nobody looks at more
    report.choices = world.choices();
    report.virtual_time = world.now().time_since_epoch();
    report.probes = world.probe_hits();
    report.schedule = world.take_schedule();
    report.spans = world.take_spans();
    if (options.record) report.outcome = scenario.outcome();
    report.trace = world.take_trace();
    report.marks = world.take_marks();
    if (!report.passed || options.trace > 0 || options.record) {
        report.options = scenario.options() + "; " + world.fault_options();
    }
    return report;
}

std::unique_ptr<Scenario> make(const ScenarioInfo& scenario, const Settings& settings) {
    std::unique_ptr<Scenario> instance = scenario.make();
    for (const auto& [name, value] : settings) {
        if (!instance->set(name, value)) return nullptr;
    }
    return instance;
}

Report run(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
           const RunOptions& options) {
    RunOptions bounded = options;
    if (bounded.calm_bound == 0) bounded.calm_bound = scenario.calm_bound;
    return run(*make(scenario, settings), choices, bounded);
}

Report run(const ScenarioInfo& scenario, std::uint64_t seed, const RunOptions& options) {
    SeedChoices choices(seed);
    return run(scenario, Settings{}, choices, options);
}

std::unique_ptr<CompletionQueue> make_queue(std::uint64_t seed, FaultSet faults) {
    return std::make_unique<SimWorld>(std::make_unique<SeedChoices>(seed), faults);
}

}  // namespace drydock::sim

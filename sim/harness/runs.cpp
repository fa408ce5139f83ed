// Runs in processes of their own, where the system has them.
#include "sim/harness/runs.hpp"

#include <drydock/sim/farming.hpp>

#include "sim/harness/environment.hpp"

namespace drydock::sim::harness {
namespace {

Isolation isolation() {
    return read_environment().in_process ? Isolation::threads : Isolation::automatic;
}

}  // namespace

FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options, unsigned jobs) {
    FarmRun how;
    how.jobs = jobs;
    how.isolation = isolation();
    return sim::run_farm(scenario, options, how);
}

std::string property_of_seed(const ScenarioInfo& scenario, const FarmOptions& options,
                             std::uint64_t seed) {
    const auto once = [&](RunListener* listener) {
        FarmOptions heard = options;
        heard.run.listener = listener;
        return run_seed(scenario, heard, seed);
    };
    Apart apart;
    apart.isolation = isolation();
    apart.quiet = true;
    return run_apart(once, apart).property;
}

Shrunk shrink(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed) {
    Apart apart;
    apart.isolation = isolation();
    apart.quiet = true;
    return shrink_seed_apart(scenario, options, seed, {}, apart);
}

Replayed replay_apart(const ScenarioInfo& scenario, std::string_view schedule_text,
                      std::size_t trace) {
    const ParsedSchedule parsed = parse_schedule(schedule_text);
    const bool runs = parsed.ok() && parsed.schedule.setup.scenario == scenario.name &&
                      objection(scenario, parsed.schedule.setup.settings).empty();
    if (!runs) return sim::replay(scenario, schedule_text, trace);
    const auto once = [&](RunListener* listener) {
        ReplayChoices choices{std::span<const Choice>(parsed.schedule.choices)};
        RunOptions options = parsed.schedule.setup.options;
        options.listener = listener;
        return run(scenario, parsed.schedule.setup.settings, choices, options);
    };
    Apart apart;
    apart.isolation = isolation();
    apart.trace = trace;
    Report report = run_apart(once, apart);
    // A run that ends can have its replay here, which knows where it left its schedule.
    if (!ends_process(report.property)) return sim::replay(scenario, schedule_text, trace);
    Replayed replayed;
    static_cast<Report&>(replayed) = std::move(report);
    replayed.recorded_property = parsed.schedule.property;
    return replayed;
}

std::string property_of_replay(const ScenarioInfo& scenario, std::string_view schedule_text) {
    return replay_apart(scenario, schedule_text, 0).property;
}

}  // namespace drydock::sim::harness

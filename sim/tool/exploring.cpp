// explore: every schedule of a small world.
#include <fmt/format.h>

#include <drydock/host.hpp>
#include <drydock/sim/explore.hpp>
#include "sim/tool/common.hpp"
#include "sim/tool/report.hpp"

namespace drydock::app {
namespace {

std::optional<sim::Reduction> parse_reduction(const std::string& name) {
    if (name == "states") return sim::Reduction::states;
    if (name == "sleep-sets") return sim::Reduction::sleep_sets;
    if (name == "none") return sim::Reduction::none;
    complain(fmt::format("there is no reduction '{}'; the reductions are states, sleep-sets, none",
                         shown(name)));
    return std::nullopt;
}

/// Parameters that are not given take what is explored by default.
void complete(Found& found) {
    for (const sim::Parameter& parameter : found.scenario->parameters) {
        const auto given = [&](const auto& setting) { return setting.first == parameter.name; };
        sim::Settings& settings = found.setup.settings;
        if (std::none_of(settings.begin(), settings.end(), given)) {
            settings.emplace_back(parameter.name, parameter.explored);
        }
    }
}

}  // namespace

int run_explore(const ExploreArguments& arguments) {
    std::optional<Found> found = find(arguments);
    if (!found) return exit_wrong_usage;
    const std::optional<sim::Reduction> reduction = parse_reduction(arguments.reduction);
    if (!reduction) return exit_wrong_usage;
    if (const std::string why = sim::explore_objection(*found->scenario); !why.empty()) {
        complain(why + "; use farm");
        return exit_wrong_usage;
    }
    if (found->scenario->parameters.empty()) {
        complain(fmt::format(
            "the scenario '{}' cannot be explored: it has no parameters that make its world small",
            found->setup.scenario));
        return exit_wrong_usage;
    }
    complete(*found);
    if (!accepts(*found->scenario, found->setup.settings)) return exit_wrong_usage;
    sim::RunSetup& setup = found->setup;
    const bool faults_given = !arguments.faults.empty();
    setup.options.always = (faults_given ? setup.options.faults : found->scenario->explored_faults)
                               .with(sim::Fault::reorder);
    setup.options.faults = sim::FaultSet();
    sim::ExploreOptions options;
    options.settings = setup.settings;
    setup.options = sim::explored_run(setup.options);  // what a schedule file must say
    options.run = setup.options;
    options.reduction = *reduction;
    options.all_failures = arguments.all_failures;
    std::atomic<bool> interrupted = false;
    const host::InterruptScope interrupts([&interrupted] { interrupted = true; });
    const Stopwatch stopwatch;
    options.stop = [&] {
        return interrupted || (arguments.time > 0 && stopwatch.seconds() >= arguments.time);
    };
    const sim::Exploration exploration = sim::explore(*found->scenario, options);
    const double seconds = stopwatch.seconds();
    if (arguments.json) {
        print_exploration_json(*found->scenario, setup, exploration, seconds);
    } else {
        print_exploration(*found->scenario, setup, exploration, seconds,
                          interrupted ? "it was interrupted" : "time was up");
    }
    if (!exploration.failure) return exit_ok;
    if (!arguments.record.empty() &&
        !save(arguments.record, write_schedule(setup, *exploration.failure))) {
        return exit_wrong_usage;
    }
    return exit_failed;
}

}  // namespace drydock::app

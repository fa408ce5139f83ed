// explore: every schedule of a small world.
#include <algorithm>
#include <atomic>

#include <fmt/format.h>

#include <drydock/host.hpp>
#include <drydock/sim/explore.hpp>
#include <drydock/sim/explore_threads.hpp>
#include "platform/host/terminal.hpp"
#include "sim/tool/common.hpp"
#include "sim/tool/progress.hpp"
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

std::optional<std::uint32_t> bound_of(std::uint64_t given) {
    if (given == ExploreArguments::no_bound) return std::nullopt;
    return static_cast<std::uint32_t>(given);
}

/// A bound by its name.
struct NamedBound {
    std::optional<std::uint32_t> sim::ExploreBounds::*most;
    bool sim::Exploration::LeftOut::*left_out;
    const char* name;
};

constexpr NamedBound named_bounds[] = {
    {&sim::ExploreBounds::overtakings, &sim::Exploration::LeftOut::overtakings, "overtakings"},
    {&sim::ExploreBounds::strikes, &sim::Exploration::LeftOut::strikes, "strikes"},
    {&sim::ExploreBounds::steps, &sim::Exploration::LeftOut::steps, "depth"},
};

/// The bound of that name. Null: there is none, and it has complained.
const NamedBound* bound_named(const std::string& name) {
    for (const NamedBound& bound : named_bounds) {
        if (name == bound.name) return &bound;
    }
    complain(fmt::format("there is no bound '{}'; the bounds are overtakings, strikes, depth",
                         shown(name)));
    return nullptr;
}

/// What is wrong with options that do not go together. Empty: nothing.
std::string objection_to(const ExploreArguments& arguments, sim::Reduction reduction) {
    constexpr std::uint64_t none = ExploreArguments::no_bound;
    const bool bounded = arguments.overtakings != none || arguments.strikes != none ||
                         arguments.depth != none || !arguments.grow.empty();
    if (bounded && arguments.unbounded) {
        return "--unbounded and a bound (--overtakings, --strikes, --depth, --grow) contradict "
               "each "
               "other";
    }
    if (reduction == sim::Reduction::states) return {};
    const char* const what = bounded                ? "a bound"
                             : arguments.jobs > 1   ? "--jobs above 1"
                             : arguments.memory > 0 ? "--memory"
                                                    : nullptr;
    if (what == nullptr) return {};
    return fmt::format("{} needs the reduction states, not {}", what, arguments.reduction);
}

/// The faults and the bounds that were asked for, in `setup` and in what is returned.
sim::ExploreOptions options_of(const ExploreArguments& arguments, Found& found,
                               sim::Reduction reduction) {
    sim::RunSetup& setup = found.setup;
    const bool faults_given = !arguments.faults.empty();
    setup.options.always = (faults_given ? setup.options.faults : found.scenario->explored_faults)
                               .with(sim::Fault::reorder);
    setup.options.faults = sim::FaultSet();
    setup.options.most_resets = arguments.most_resets;
    setup.options.most_crashes = arguments.most_crashes;
    setup.options.most_partitions = arguments.most_partitions;
    setup.options = sim::explored_run(setup.options);  // what a schedule file must say
    sim::ExploreOptions options;
    options.settings = setup.settings;
    options.run = setup.options;
    options.reduction = reduction;
    options.all_failures = arguments.all_failures;
    options.symmetry = arguments.symmetry;
    options.bounds = {bound_of(arguments.overtakings), bound_of(arguments.strikes),
                      bound_of(arguments.depth)};
    const bool none_given = !options.bounds.any() && arguments.grow.empty();
    if (none_given && !arguments.unbounded && reduction == sim::Reduction::states) {
        options.bounds = found.scenario->explored_bounds;
    }
    if (arguments.memory > 0) options.most_memory = arguments.memory * 1'000'000;
    return options;
}

/// Explores again and again, with a bound that grows by one each time, until it leaves nothing out.
sim::Exploration explore_growing(const Found& found, const ExploreArguments& arguments,
                                 sim::ExploreOptions options, unsigned jobs) {
    const NamedBound& growing = *bound_named(arguments.grow);
    std::optional<std::uint32_t>& bound = options.bounds.*growing.most;
    const std::uint32_t most = bound.value_or(~std::uint32_t{0});
    sim::Exploration last;
    for (std::uint32_t now = 0;; ++now) {
        const Stopwatch stopwatch;
        bound = now;
        last = sim::explore_in_threads(*found.scenario, options, jobs);
        if (!arguments.json) {
            print_bound(arguments.grow, now, last, stopwatch.seconds());
        }
        const bool whole = last.complete && !(last.left_out.*growing.left_out);
        if (whole || !last.complete || last.failure || now == most) return last;
    }
}

}  // namespace

int run_explore(const ExploreArguments& arguments) {
    std::optional<Found> found = find(arguments);
    if (!found) return exit_wrong_usage;
    const std::optional<sim::Reduction> reduction = parse_reduction(arguments.reduction);
    if (!reduction) return exit_wrong_usage;
    if (const std::string why = objection_to(arguments, *reduction); !why.empty()) {
        complain(why);
        return exit_wrong_usage;
    }
    if (!can_be_written(arguments.record)) return exit_wrong_usage;
    if (!arguments.grow.empty() && bound_named(arguments.grow) == nullptr) return exit_wrong_usage;
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
    sim::ExploreOptions options = options_of(arguments, *found, *reduction);
    std::atomic<bool> interrupted = false;
    const host::InterruptScope interrupts([&interrupted] { interrupted = true; });
    const Stopwatch stopwatch;
    options.stop = [&] {
        return interrupted || (arguments.time > 0 && stopwatch.seconds() >= arguments.time);
    };
    ExploreProgressLine progress(found->setup.scenario, host::error_is_terminal());
    options.progress = [&](const sim::ExploreProgress& so_far) { progress.show(so_far); };
    const unsigned jobs = arguments.jobs > 0 ? arguments.jobs : host::hardware_workers();
    const sim::Exploration exploration =
        arguments.grow.empty() ? sim::explore_in_threads(*found->scenario, options, jobs)
                               : explore_growing(*found, arguments, options, jobs);
    progress.clear();
    const double seconds = stopwatch.seconds();
    if (arguments.json) {
        print_exploration_json(*found->scenario, found->setup, exploration, seconds);
    } else {
        print_exploration(*found->scenario, found->setup, exploration, seconds,
                          interrupted ? "it was interrupted" : "time was up");
    }
    if (!exploration.failure) return exit_ok;
    if (!arguments.record.empty() &&
        !save(arguments.record, write_schedule(found->setup, *exploration.failure))) {
        return exit_wrong_usage;
    }
    return exit_failed;
}

}  // namespace drydock::app

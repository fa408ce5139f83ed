// Exhaustive exploration: every schedule of a small world, and how many that are.
//
// Depth first, without keeping any state: each run replays the choices of its prefix and takes
// the next option of the last one that has options left. What is explored completely is every
// order in which completions can come out (Fault::reorder), with every way in which the active
// faults can strike.
//
// Two reductions, each of which leaves out only what gives the same:
//
// sleep sets (Godefroid 1996). Two steps (a completion, and what the program does until the next
// one) that work on nothing in common give the same whichever comes first. One of the two orders is
// run: a step that was explored in full from some point on sleeps in the subtrees of its later
// siblings until something is done that it depends on. Each run that is left stands for as many
// schedules as its partial order has linear extensions.
//
// states. A state that was explored in full is not explored again, whatever has led to it. The
// network's part of a state is looked at as it is; the program's, which nobody can look into, is
// what was done to it: the results that each chain of steps has had, and the order in which they
// have worked on each object that they share. That is a 64-bit hash; two states might share one, at
// odds of one in millions for a million states. Each state stands for as many schedules as lead on
// from it.
//
// So both tell the number of schedules without reduction, and without running them; and it must be
// the same number, and that of the plain search. What steps work on is seen while they run:
// connections, listeners and timers by the simulator; monitors, events, queues and task groups by
// CompletionQueue::touched(). A program that shares state in any other way is not explored
// completely (and breaks the contract's concurrency rule).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

enum class Reduction : std::uint8_t { none, sleep_sets, states };

struct ExploreOptions {
    Settings settings;
    RunOptions run;
    Reduction reduction = Reduction::states;
    /// Go on after a failure.
    bool all_failures = false;
    /// Asked after each run: true ends the exploration.
    std::function<bool()> stop = [] { return false; };
};

struct Exploration {
    /// Every schedule was explored, up to those that are the same.
    bool complete = false;
    std::uint64_t schedules = 0;  ///< run to their end
    std::uint64_t cut = 0;        ///< given up, as they showed nothing new
    std::uint64_t completions = 0;
    std::uint64_t longest = 0;  ///< choices
    std::uint64_t states = 0;   ///< different ones, with Reduction::states
    /// The number of schedules without reduction, when complete. A floating-point number: exact up
    /// to 2^53. None: a partial order was too wide to count.
    std::optional<double> unreduced;
    /// How often the runs entered a monitor. Where Fault::interleave was not active, no other
    /// coroutine ran between the co_await of a monitor and the entry: orders that only several
    /// workers produce were left out.
    std::uint64_t monitor_entries = 0;
    std::uint64_t failures = 0;
    /// What peers have seen, and what was broken; and how many of the schedules that were run to
    /// their end had it.
    std::map<std::string, std::uint64_t> outcomes;
    /// The first that failed, recorded.
    std::optional<Report> failure;
};

/// The options that the runs of an exploration have: a schedule file of its failure must give them
/// (RunSetup::options).
RunOptions explored_run(const RunOptions& options);

/// `options.run` says which faults are active: those in `always`; reorder is added, and no others
/// are. The settings must be good.
Exploration explore(const ScenarioInfo& scenario, ExploreOptions options);
/// The same for a scenario that is made by a function.
Exploration explore(const std::function<std::unique_ptr<Scenario>()>& make, ExploreOptions options);

}  // namespace drydock::sim

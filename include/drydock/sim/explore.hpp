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
// what was done to it: the results that each chain of steps has had since it has last settled
// (CompletionQueue::settled()), and what has become of each object that chains share. That is a
// 64-bit hash; two states might share one, at odds of one in millions for a million states. Each
// state stands for as many schedules as lead on from it. Of equal clients (World::equal_clients())
// only one order of their beginnings is explored, and stands for all.
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

/// Which schedules are left out because they show nothing new. <drydock/sim/explore.hpp> explains
/// both reductions.
enum class Reduction : std::uint8_t {
    none,        ///< none are left out
    sleep_sets,  ///< other orders of steps that have nothing in common
    states       ///< what leads on from a state that was explored in full
};

/// How far an exploration is.
struct ExploreProgress {
    std::uint64_t states = 0;  ///< that are explored in full
    std::uint64_t runs = 0;    ///< of all workers
    std::uint64_t bytes = 0;   ///< that the table of states takes
    /// How much of the tree of choices is done, from 0 to 1, if all options of a choice lead to as
    /// much. What comes late takes less time, as it leads to states that are known by then.
    double part = 0;
};

/// What explore() runs, and when it ends.
struct ExploreOptions {
    Settings settings;  ///< the parameters of the scenario
    RunOptions run;     ///< of every run; explored_run() says how they are changed
    Reduction reduction = Reduction::states;  ///< how equivalent schedules are left out
    /// Go on after a failure.
    bool all_failures = false;
    /// Asked after each run: true ends the exploration.
    std::function<bool()> stop = [] { return false; };
    ExploreBounds bounds = {};  ///< for worlds that are too large
    /// Of equal clients, explore one order of their beginnings. Only with Reduction::states, and
    /// with no other bound than ExploreBounds::strikes.
    bool symmetry = true;
    /// The table of states takes at most so many bytes. If it is too small, the cheapest states are
    /// forgotten, and explored again when they come again.
    std::uint64_t most_memory = ~std::uint64_t{0};
    /// Called now and then, on the calling thread.
    std::function<void(const ExploreProgress&)> progress = {};
};

/// What explore() has found.
struct Exploration {
    /// Every schedule within the bounds was explored, up to those that are the same.
    bool complete = false;
    /// A bound has left something out, so that the world is larger than what was explored.
    bool bounded = false;
    /// The bounds that have left something out.
    struct LeftOut {
        bool overtakings = false;  ///< ExploreBounds::overtakings has
        bool strikes = false;      ///< ExploreBounds::strikes has
        bool steps = false;        ///< ExploreBounds::steps has
        /// Whether any of them has.
        bool any() const noexcept { return overtakings || strikes || steps; }
        /// Those of `other` have, too.
        void add(const LeftOut& other) noexcept {
            overtakings = overtakings || other.overtakings;
            strikes = strikes || other.strikes;
            steps = steps || other.steps;
        }
    };
    LeftOut left_out = {};      ///< which bounds have left something out
    ExploreBounds bounds = {};  ///< those that it was given
    /// States were forgotten, as the table was full: states and runs are counted several times. The
    /// number of schedules is right all the same.
    bool memory_was_short = false;
    /// So many clients were equal, and one order of their beginnings stands for all. Otherwise 0.
    std::uint64_t equal_clients = 0;
    std::uint64_t schedules = 0;    ///< run to their end
    std::uint64_t cut = 0;          ///< given up, as they showed nothing new
    std::uint64_t completions = 0;  ///< of all runs together
    std::uint64_t longest = 0;      ///< the most choices of a run
    std::uint64_t states = 0;       ///< different ones, with Reduction::states
    /// The number of schedules without reduction, when complete. A floating-point number: exact up
    /// to 2^53. None: a partial order was too wide to count.
    std::optional<double> unreduced;
    /// How often the runs entered a monitor. Where Fault::interleave was not active, no other
    /// coroutine ran between the co_await of a monitor and the entry: orders that only several
    /// workers produce were left out.
    std::uint64_t monitor_entries = 0;
    std::uint64_t failures = 0;  ///< runs that failed
    /// What peers have seen, and what was broken; and how many of the schedules that were run to
    /// their end had it. A run that stands for all orders of equal clients counts once for each.
    std::map<std::string, std::uint64_t> outcomes;
    /// The first that failed, recorded.
    std::optional<Report> failure;
};

/// The options that the runs of an exploration have when it is given `options`: Fault::reorder is
/// always active, and no other faults than RunOptions::always; of most_resets, most_crashes and
/// most_partitions, those that have no bound become 1, since each more multiplies the states. A
/// schedule file of its failure must give them (RunSetup::options).
RunOptions explored_run(const RunOptions& options);

/// Why `scenario` cannot be explored, as a sentence without its end; empty: it can be.
std::string explore_objection(const ScenarioInfo& scenario);

/// Runs every schedule of a small world of `scenario`. `options.run` says which faults are active:
/// those in `always`; reorder is added, and no others are. Blocks, on one thread, until all is
/// explored, a run has failed, or ExploreOptions::stop is true. The number of schedules grows
/// exponentially with the size of the world. Throws std::invalid_argument for a scenario that
/// cannot be explored (explore_objection()), for settings that the scenario does not take and for
/// bounds with sleep sets, what
/// the scenario's constructor throws, and std::bad_alloc.
Exploration explore(const ScenarioInfo& scenario, ExploreOptions options);
/// The same for a scenario that `make` makes anew for each run; ExploreOptions::settings do not
/// apply.
Exploration explore(const std::function<std::unique_ptr<Scenario>()>& make, ExploreOptions options);

}  // namespace drydock::sim

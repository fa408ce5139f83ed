// Farms and single runs that survive the program under test: a run that crashes, ends the process
// or never ends is a failure like any other, with a seed, an error message and a schedule.
//
// Where the system has fork(), runs happen in child processes of the caller's. They are copies of
// the caller's process, so scenarios need nothing for that. Elsewhere (Windows), and with
// Isolation::threads, a crash ends the process; its last words on standard error name the scenario
// and the seed.
//
// The properties that such a run fails: `crash`, a signal or exit() has ended the process; `hang`,
// the run took longer than it may; `endless-step`, a step made more choices than
// RunOptions::most_choices_in_step.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <drydock/sim/farm.hpp>

namespace drydock::sim {

/// How runs are kept apart from the calling process.
enum class Isolation : std::uint8_t {
    /// Processes if the system has them and this process has one thread: a child process is a copy
    /// of the calling thread alone, and a lock that another thread held would stay locked in it.
    automatic,
    /// Processes if the system has them, whatever threads this process has.
    processes,
    /// Threads of this process: for debuggers, and for sanitizers that watch threads.
    threads,
};

/// Whether runs with this `isolation` get processes of their own, as this process is now.
bool uses_processes(Isolation isolation) noexcept;

/// Whether a run that fails `property` ends its process: `crash`, `hang` and `endless-step`.
bool ends_process(std::string_view property) noexcept;

/// How run_farm() runs a farm: where, how long, and which functions follow it.
struct FarmRun {
    /// Processes or threads. 0: one for each processor that this process may use. Of a scenario
    /// that runs a program, at most one thread.
    unsigned jobs = 0;
    Isolation isolation = Isolation::automatic;  ///< where the seeds are run
    /// A seed that takes longer than this, in real time, is ended and fails the property `hang`.
    /// Threads are not ended.
    std::chrono::milliseconds seed_timeout = std::chrono::seconds(30);
    /// The farm ends early after this many seeds that ended their process: each takes a new one.
    std::uint64_t most_crashes = 1000;
    /// The farm ends early after this many seeds that hung: each takes waiting time.
    std::uint64_t most_hangs = 10;
    /// Asked many times a second, on the calling thread: true ends the farm early.
    std::function<bool()> stop;
    /// Called many times a second, on the calling thread: how many seeds are done, and how many of
    /// them failed.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
    /// The command that runs one seed again, which completes it: "drydock-sim run echo --seed ".
    /// For the last words of a process that crashes. Empty: they do not give one.
    std::string again;
};

/// Runs all seeds of `options` on `scenario`, as `how` says, and gives their summary. It is the
/// same for any number of jobs, and for processes and threads. A seed that ended its process counts
/// no completions, and its digest is 0. The settings must be valid (objection() is empty): they are
/// not checked. Blocks. Throws std::system_error if the system gives no process or thread, and
/// std::runtime_error if a process has ended between two seeds.
FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options,
                     const FarmRun& how = {});

/// How a single run is kept apart from the calling process.
struct Apart {
    Isolation isolation = Isolation::automatic;  ///< where the run happens
    /// The run is ended after this much real time, and fails the property `hang`.
    std::chrono::milliseconds timeout = std::chrono::seconds(30);
    /// What the run writes to standard error is not shown.
    bool quiet = false;
    /// While shrinking, each run gets a new process: for scenarios that run a program.
    bool fresh_process = false;
    /// Completions in the trace of a run that ends its process. (That of another is in its report.)
    std::size_t trace = 0;
    /// For the last words, if the run is not kept apart: "schedule x.schedule, ...".
    std::string last_words;
};

/// One run. Its argument is what RunOptions::listener must be, or null. It records if the caller
/// needs its schedule (RunOptions::record).
using RunToKeepApart = std::function<Report(RunListener*)>;

/// Calls `run` in a child process, as `apart` says, and gives its report. The report of a run that
/// ended its process has failed one of the properties `crash`, `hang` and `endless-step`; its
/// schedule and spans are those up to that point. Blocks. Throws std::system_error if the system
/// gives no process.
Report run_apart(const RunToKeepApart& run, const Apart& apart = {});

/// RunToKeepApart for shrinking: runs a new instance of the scenario with the choices that it is
/// given, and records.
using ExperimentToKeepApart = std::function<Report(ChoiceSource&, RunListener*)>;

/// shrink() that survives its experiments, each of which is a call of `experiment`, kept apart as
/// `apart` says. `failing` is the recorded report to begin with, `options` are the bounds.
/// Shrinking a failure that ends its process takes a process for each run, so it also ends after
/// `most_time` of real time. For `hang`, a run counts as failed after half a second; what is found
/// is then confirmed with more time. Blocks. Throws as run_apart() does.
Shrunk shrink_apart(const ExperimentToKeepApart& experiment, Report failing,
                    const ShrinkOptions& options, const Apart& apart = {},
                    std::chrono::milliseconds most_time = std::chrono::seconds(20));

/// shrink_seed() that survives its runs: `seed` of `scenario` with a farm's `options`, within the
/// bounds of `shrinking`, kept apart as `apart` says. Blocks. Throws as run_apart() does.
Shrunk shrink_seed_apart(const ScenarioInfo& scenario, const FarmOptions& options,
                         std::uint64_t seed, const ShrinkOptions& shrinking = {},
                         const Apart& apart = {});

}  // namespace drydock::sim

// A farm: many seeds of one scenario, and one summary. Threads are the caller's to make: each calls
// work() on a shared farm.
//
// Seeds are given out in blocks, and what a block gave enters the summary in the order of the
// blocks. So the summary is that of all seeds from the first to some last one, whatever the number
// of threads, and also when the farm is stopped on its way.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <drydock/mutex.hpp>
#include <drydock/sim/behaviors.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/shrink.hpp>

namespace drydock::sim {

/// A farm of at least this many seeds must reach every probe of its scenario.
inline constexpr std::uint64_t standard_farm = 20'000;

/// The seeds `first`, `first` + 1, ..., `count` of them.
struct SeedRange {
    std::uint64_t first = 1;  ///< the first seed
    std::uint64_t count = 1;  ///< how many seeds
};
/// The `count` seeds from `first` on.
constexpr SeedRange seeds(std::uint64_t first, std::uint64_t count) noexcept {
    return {first, count};
}

/// Which runs a farm makes.
struct FarmOptions {
    std::uint64_t first = 1;  ///< the first seed
    std::uint64_t count = 1;  ///< how many seeds
    Settings settings;        ///< the parameters of the scenario
    RunOptions run;           ///< of every run
    /// Run each seed twice; differing reports are a failure ("determinism").
    bool twice = false;
    /// Keep each seed's digest.
    bool keep_digests = false;
    /// End with the first seed that fails.
    bool until_failure = false;
    /// Schedules by PctChoices of this depth. 0: by SeedChoices.
    std::uint32_t pct_depth = 0;
    /// How many seeds are given out at a time. What the farm finds does not depend on it.
    std::uint64_t block = 64;
};

/// The failures of one property.
struct FailureGroup {
    std::uint64_t count = 0;  ///< seeds that failed so
    std::uint64_t first = 0;  ///< the first seed that failed so; what follows is told of it
    std::string sentence;     ///< Report::sentence
    std::string options;      ///< Report::options
};

/// What a farm has found. It depends on the seeds alone, not on threads or processes.
struct FarmSummary {
    std::uint64_t first = 1;        ///< the first seed
    std::uint64_t seeds = 0;        ///< so many from there on were run
    std::uint64_t failures = 0;     ///< seeds that failed
    std::uint64_t completions = 0;  ///< of all runs together
    /// Of all seeds' digests: those of two farms over neighbouring seeds add up to that of one.
    std::uint64_t digest = 0;
    std::map<std::string, std::uint64_t> probes;  ///< hits
    Behaviors behaviors;                          ///< of the seeds, each once
    std::map<std::string, FailureGroup> failed;   ///< by property
    std::vector<std::uint64_t> digests;           ///< by seed, when asked for

    /// The probes of `scenario` that no run reached. The names are those of the scenario.
    std::vector<std::string_view> unreached(const ScenarioInfo& scenario) const;
    /// Adds what the farm `other` of the same scenario has found over other seeds.
    void merge(const FarmSummary& other);
};

/// Runs one `seed` of `scenario`, as a farm of these `options` runs it. Throws as run() does.
Report run_seed(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed);

/// Runs one `seed` of `scenario` with a farm's `options`, records it, and shrinks its schedule
/// within the bounds of `shrinking`. Blocks. Throws as run() does.
Shrunk shrink_seed(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed,
                   const ShrinkOptions& shrinking = {});

class FarmTotal;
class SeedWatch;

/// A farm on threads that the caller makes. A run that crashes ends the process: run_farm()
/// (farming.hpp) survives it.
class Farm {
public:
    /// A farm of `scenario`, which must outlive it, with these `options`. `watch` is for the
    /// library itself: null.
    Farm(const ScenarioInfo& scenario, const FarmOptions& options, SeedWatch* watch = nullptr);
    ~Farm();

    /// Takes seeds and runs them until none is left, or stop() was called. Blocks. From any number
    /// of threads at once. Throws as run() does.
    void work();
    /// Ends the farm early: runs that have begun are finished, which takes milliseconds. From any
    /// thread.
    void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }

    /// How many seeds have been run so far. While it works, from any thread.
    std::uint64_t seeds_done() const noexcept { return done_.load(std::memory_order_relaxed); }
    /// How many of these failed. While it works, from any thread.
    std::uint64_t failures() const noexcept { return failures_.load(std::memory_order_relaxed); }

    /// The summary. Only once all threads have returned from work(); valid as long as the farm.
    const FarmSummary& summary() const noexcept;

private:
    void hand_in(std::uint64_t block, FarmSummary part);

    const ScenarioInfo& scenario_;
    const FarmOptions options_;
    std::atomic<std::uint64_t> next_{0};  // block
    std::atomic<bool> stopped_{false};
    std::atomic<std::uint64_t> done_{0};
    std::atomic<std::uint64_t> failures_{0};
    Mutex mutex_;
    std::unique_ptr<FarmTotal> total_;  // guarded by it
    SeedWatch* watch_;
};

}  // namespace drydock::sim

// A farm: many seeds of one scenario, and one summary. Threads are the caller's to make: each calls
// work() on a shared farm.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

struct FarmOptions {
    std::uint64_t first = 1;
    std::uint64_t count = 1;
    RunOptions run;
    /// Run each seed twice; differing reports are a failure ("determinism").
    bool twice = false;
    /// Keep each seed's digest.
    bool keep_digests = false;
};

struct SeedFailure {
    std::uint64_t seed = 0;
    std::string property;
    std::string sentence;
    std::string options;
};

struct FarmSummary {
    std::uint64_t first = 1;  ///< the first seed
    std::uint64_t seeds = 0;
    std::uint64_t failures = 0;
    std::uint64_t completions = 0;
    /// Of all seeds' digests, whatever the order in which they ran.
    std::uint64_t digest = 0;
    std::vector<ProbeHits> probes;            ///< by name
    std::vector<SeedFailure> first_failures;  ///< by seed, a few
    std::vector<std::uint64_t> digests;       ///< by seed, when asked for

    /// The scenario's probes that no run reached.
    std::vector<std::string_view> unreached(const ScenarioInfo& scenario) const;
};

class Farm {
public:
    Farm(const ScenarioInfo& scenario, const FarmOptions& options);

    /// Takes seeds until none is left, or stop() was called. From any number of threads.
    void work();
    void stop() noexcept { stopped_.store(true, std::memory_order_relaxed); }

    /// The same whatever the number of threads, unless stopped. Once all of them are done.
    const FarmSummary& summary() const noexcept { return summary_; }

private:
    struct Part;

    void run_seed(std::uint64_t seed, Part& part) const;
    void merge(Part& part);

    const ScenarioInfo& scenario_;
    const FarmOptions options_;
    std::atomic<std::uint64_t> next_{0};
    std::atomic<bool> stopped_{false};
    std::mutex mutex_;
    FarmSummary summary_;
};

}  // namespace drydock::sim

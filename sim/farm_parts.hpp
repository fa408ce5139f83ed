// The parts of a farm, for those that run one: threads (Farm) and child processes (sim/farming).
//
// Seeds are given out in blocks. A worker runs a block, and the total adds up what the blocks gave,
// in the order of the blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include <drydock/sim/farm.hpp>

namespace drydock::sim {

/// What a seed is known to do without being run: it ends the process that runs it.
struct KnownFailure {
    std::string property;
    FailureGroup failure;  // of this seed alone
};

/// Is told of each seed of a block before it is run.
class SeedWatch {
public:
    SeedWatch() = default;
    SeedWatch(const SeedWatch&) = delete;
    SeedWatch& operator=(const SeedWatch&) = delete;

    /// Returns how the seed fails if that is known: then the seed is counted and not run.
    virtual const KnownFailure* begins(std::uint64_t seed) = 0;
    /// False: the block ends before this seed, which was not counted.
    virtual bool wanted(std::uint64_t) { return true; }
    /// Runs a seed that is going to be run a second time.
    virtual Report first_of_two(const std::function<Report()>& run) { return run(); }

protected:
    ~SeedWatch() = default;
};

struct SeedBlock {
    std::uint64_t first = 0;  ///< seed
    std::uint64_t count = 0;
};

/// The block with this number, from 0. None: the farm has fewer.
std::optional<SeedBlock> block_of(const FarmOptions& options, std::uint64_t number) noexcept;

/// Runs the seeds of a block, up to the first failure if the farm ends with it. `watch`: null, or
/// the one to tell.
FarmSummary run_block(const ScenarioInfo& scenario, const FarmOptions& options,
                      const SeedBlock& block, SeedWatch* watch);

/// The sum of the blocks from the first one to the first one that is missing. For one thread at a
/// time.
class FarmTotal {
public:
    explicit FarmTotal(const FarmOptions& options) : options_(options) {
        summary_.first = options.first;
    }

    /// A block that was added before is left out. A block with fewer seeds than it should have
    /// ends the sum.
    void add(std::uint64_t number, FarmSummary part);
    bool has(std::uint64_t number) const { return number < merged_ || waiting_.contains(number); }
    bool ended() const noexcept { return ended_; }
    /// Leaves out all blocks after those that are added up.
    void end() noexcept { ended_ = true; }

    const FarmSummary& summary() const noexcept { return summary_; }
    FarmSummary& summary() noexcept { return summary_; }

private:
    const FarmOptions& options_;
    std::map<std::uint64_t, FarmSummary> waiting_;  // for the blocks before them
    std::uint64_t merged_ = 0;                      // blocks
    bool ended_ = false;
    FarmSummary summary_;
};

}  // namespace drydock::sim

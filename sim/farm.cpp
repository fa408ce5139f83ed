// Running seeds in blocks, and adding up.
#include <drydock/sim/farm.hpp>

#include <algorithm>
#include <span>

#include <drydock/hash.hpp>
#include "sim/determinism.hpp"
#include "sim/digest.hpp"
#include "sim/farm_parts.hpp"

namespace drydock::sim {
namespace {

// About as many steps as a run of the scenarios has; PCT's change points lie among them.
constexpr std::uint32_t pct_steps = 300;

/// The seed enters, so that two seeds that change places are noticed in the sum.
std::uint64_t weigh(std::uint64_t seed, std::uint64_t digest) noexcept {
    Digest mixed;
    mixed.mix(seed);
    mixed.mix(digest);
    return mixed.value();
}

Report run_seed(const ScenarioInfo& scenario, const FarmOptions& options, const RunOptions& run,
                std::uint64_t seed) {
    if (options.pct_depth > 0) {
        PctChoices choices(seed, options.pct_depth, pct_steps);
        return sim::run(scenario, options.settings, choices, run);
    }
    SeedChoices choices(seed);
    return sim::run(scenario, options.settings, choices, run);
}

}  // namespace

std::vector<std::string_view> FarmSummary::unreached(const ScenarioInfo& scenario) const {
    std::vector<std::string_view> names;
    for (const std::string_view name : scenario.probes) {
        if (!probes.contains(std::string(name))) names.push_back(name);
    }
    return names;
}

void FarmSummary::merge(const FarmSummary& other) {
    first = seeds == 0 ? other.first : std::min(first, other.first);
    seeds += other.seeds;
    failures += other.failures;
    completions += other.completions;
    digest += other.digest;
    for (const auto& [name, hits] : other.probes) probes[name] += hits;
    behaviors.merge(other.behaviors);
    for (const auto& [property, group] : other.failed) {
        FailureGroup& known = failed[property];
        const std::uint64_t count = known.count + group.count;
        if (known.count == 0 || group.first < known.first) known = group;
        known.count = count;
    }
    digests.insert(digests.end(), other.digests.begin(), other.digests.end());
}

Report run_seed(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed) {
    return run_seed(scenario, options, options.run, seed);
}

Shrunk shrink_seed(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed,
                   const ShrinkOptions& shrinking) {
    RunOptions recorded = options.run;
    recorded.record = true;
    const auto experiment = [&](ChoiceSource& choices) {
        return run(scenario, options.settings, choices, recorded);
    };
    return shrink(experiment, run_seed(scenario, options, recorded, seed), shrinking);
}

// --- blocks -------------------------------------------------------------------------------------

namespace {

/// The hits of a block's runs, by probe and fault. Runs reach them in much the same order, so each
/// name is looked for behind the one before it, which costs less than a map.
class ProbeTotals {
public:
    /// Returns a hash of the set of the program's probes among them, whatever their order.
    std::uint64_t add(std::span<const ProbeHits> hits) {
        std::uint64_t probes = 0;
        for (const ProbeHits& hit : hits) {
            Total& total = total_of(hit.name);
            total.hits += hit.hits;
            probes += total.hash;
        }
        return probes;
    }
    void add_to(std::map<std::string, std::uint64_t>& probes) const {
        for (const Total& total : totals_) probes[total.name] += total.hits;
    }

private:
    struct Total {
        std::string name;
        std::uint64_t hash;
        std::uint64_t hits;
    };

    Total& total_of(std::string_view name) {
        for (std::size_t left = totals_.size(); left > 0; --left) {
            if (next_ >= totals_.size()) next_ = 0;
            Total& total = totals_[next_++];
            if (total.name == name) return total;
        }
        next_ = 0;
        // Which faults struck together is the world's behavior and not the program's.
        const std::uint64_t hash = name.starts_with("fault.") ? 0 : hash_of({hash_of(name)});
        return totals_.emplace_back(Total{std::string(name), hash, 0});
    }

    std::vector<Total> totals_;
    std::size_t next_ = 0;  // where to look first
};

/// What the behavior of a run is, for a farm (Behaviors).
std::uint64_t behavior_of(std::string_view property, std::uint64_t probes) noexcept {
    return hash_of({hash_of(property), probes});
}

void count_failure(std::string property, FailureGroup failure, FarmSummary& sum) {
    ++sum.failures;
    FarmSummary one;
    one.first = failure.first;
    one.failed.emplace(std::move(property), std::move(failure));
    sum.merge(one);
}

/// It has no digest and no completions that a second farm would be sure to repeat.
void count_known(const KnownFailure& known, const FarmOptions& options, FarmSummary& sum) {
    ++sum.seeds;
    sum.behaviors.add(behavior_of(known.property, 0));
    if (options.keep_digests) sum.digests.push_back(0);
    count_failure(known.property, known.failure, sum);
}

void count_seed(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed,
                SeedWatch* watch, ProbeTotals& probes, FarmSummary& sum) {
    RunOptions run = options.run;
    run.marks = run.marks || options.twice;
    const auto run_it = [&] { return run_seed(scenario, options, run, seed); };
    const bool first_of_two = options.twice && watch != nullptr;
    const Report report = first_of_two ? watch->first_of_two(run_it) : run_it();
    ++sum.seeds;
    sum.completions += report.completions;
    sum.digest += weigh(seed, report.digest);
    sum.behaviors.add(behavior_of(report.property, probes.add(report.probes)));
    if (options.keep_digests) sum.digests.push_back(report.digest);
    std::string property = report.property;
    FailureGroup failure{1, seed, report.sentence, report.options};
    if (options.twice) {
        const Report again = run_it();
        const std::string difference = first_difference(report, again);
        if (!difference.empty()) {
            property = "determinism";
            failure.sentence = "a second run of the same seed went another way: " + difference;
        }
    }
    if (!property.empty()) count_failure(std::move(property), std::move(failure), sum);
}

}  // namespace

std::optional<SeedBlock> block_of(const FarmOptions& options, std::uint64_t number) noexcept {
    if (number > options.count / options.block) return std::nullopt;
    const std::uint64_t from = number * options.block;
    if (from >= options.count) return std::nullopt;
    return SeedBlock{options.first + from, std::min(options.block, options.count - from)};
}

FarmSummary run_block(const ScenarioInfo& scenario, const FarmOptions& options,
                      const SeedBlock& block, SeedWatch* watch) {
    FarmSummary sum;
    sum.first = block.first;
    ProbeTotals probes;
    for (std::uint64_t i = 0; i < block.count; ++i) {
        const std::uint64_t seed = block.first + i;
        if (watch != nullptr && !watch->wanted(seed)) break;
        const KnownFailure* const known = watch != nullptr ? watch->begins(seed) : nullptr;
        if (known != nullptr) {
            count_known(*known, options, sum);
        } else {
            count_seed(scenario, options, seed, watch, probes, sum);
        }
        if (sum.failures > 0 && options.until_failure) break;
    }
    probes.add_to(sum.probes);
    return sum;
}

void FarmTotal::add(std::uint64_t number, FarmSummary part) {
    if (has(number)) return;
    waiting_.emplace(number, std::move(part));
    for (auto next = waiting_.begin(); next != waiting_.end() && next->first == merged_;
         next = waiting_.erase(next), ++merged_) {
        const std::optional<SeedBlock> block = block_of(options_, next->first);
        if (!ended_) summary_.merge(next->second);
        const bool cut = block && next->second.seeds < block->count;
        ended_ = ended_ || cut || (options_.until_failure && summary_.failures > 0);
    }
}

// --- threads ------------------------------------------------------------------------------------

Farm::Farm(const ScenarioInfo& scenario, const FarmOptions& options, SeedWatch* watch)
    : scenario_(scenario),
      options_(options),
      total_(std::make_unique<FarmTotal>(options_)),
      watch_(watch) {}

Farm::~Farm() = default;

void Farm::work() {
    while (!stopped_.load(std::memory_order_relaxed)) {
        const std::uint64_t number = next_.fetch_add(1, std::memory_order_relaxed);
        const std::optional<SeedBlock> block = block_of(options_, number);
        if (!block) break;
        hand_in(number, run_block(scenario_, options_, *block, watch_));
    }
}

void Farm::hand_in(std::uint64_t block, FarmSummary part) {
    done_.fetch_add(part.seeds, std::memory_order_relaxed);
    failures_.fetch_add(part.failures, std::memory_order_relaxed);
    if (part.failures > 0 && options_.until_failure) stop();
    const std::lock_guard lock(mutex_);
    total_->add(block, std::move(part));
}

const FarmSummary& Farm::summary() const noexcept { return total_->summary(); }

}  // namespace drydock::sim

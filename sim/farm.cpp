// Running seeds in blocks, and adding up.
#include <drydock/sim/farm.hpp>

#include <algorithm>

#include "sim/determinism.hpp"
#include "sim/digest.hpp"

namespace drydock::sim {
namespace {

constexpr std::uint64_t block_size = 64;

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

Farm::Farm(const ScenarioInfo& scenario, const FarmOptions& options)
    : scenario_(scenario), options_(options) {
    summary_.first = options.first;
}

void Farm::work() {
    while (!stopped_.load(std::memory_order_relaxed)) {
        const std::uint64_t block = next_.fetch_add(1, std::memory_order_relaxed);
        const std::uint64_t from = block * block_size;
        if (from >= options_.count) break;
        const std::uint64_t count = std::min(block_size, options_.count - from);
        hand_in(block, run_block(options_.first + from, count));
    }
}

FarmSummary Farm::run_block(std::uint64_t first, std::uint64_t count) {
    FarmSummary sum;
    sum.first = first;
    for (std::uint64_t i = 0; i < count; ++i) {
        count_seed(first + i, sum);
        if (sum.failures > 0 && options_.until_failure) break;
    }
    return sum;
}

void Farm::count_seed(std::uint64_t seed, FarmSummary& sum) const {
    RunOptions run = options_.run;
    run.marks = run.marks || options_.twice;
    const Report report = run_seed(scenario_, options_, run, seed);
    ++sum.seeds;
    sum.completions += report.completions;
    sum.digest += weigh(seed, report.digest);
    for (const ProbeHits& hit : report.probes) sum.probes[std::string(hit.name)] += hit.hits;
    if (options_.keep_digests) sum.digests.push_back(report.digest);
    std::string property = report.property;
    FailureGroup failure{1, seed, report.sentence, report.options};
    if (options_.twice) {
        const Report again = run_seed(scenario_, options_, run, seed);
        const std::string difference = first_difference(report, again);
        if (!difference.empty()) {
            property = "determinism";
            failure.sentence = "a second run of the same seed went another way: " + difference;
        }
    }
    if (property.empty()) return;
    ++sum.failures;
    FarmSummary one;
    one.first = seed;
    one.failed.emplace(std::move(property), std::move(failure));
    sum.merge(one);
}

void Farm::hand_in(std::uint64_t block, FarmSummary part) {
    done_.fetch_add(part.seeds, std::memory_order_relaxed);
    failures_.fetch_add(part.failures, std::memory_order_relaxed);
    if (part.failures > 0 && options_.until_failure) stop();
    const std::lock_guard lock(mutex_);
    waiting_.emplace(block, std::move(part));
    for (auto next = waiting_.begin(); next != waiting_.end() && next->first == merged_;
         next = waiting_.erase(next), ++merged_) {
        if (!ended_) summary_.merge(next->second);
        ended_ = ended_ || (options_.until_failure && summary_.failures > 0);
    }
}

}  // namespace drydock::sim

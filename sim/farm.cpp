// Seeds are handed out in blocks; what a thread found is merged so that the order does not show.
#include "sim/farm.hpp"

#include <algorithm>

#include "sim/digest.hpp"

namespace drydock::sim {
namespace {

constexpr std::uint64_t block = 64;
constexpr std::size_t failures_kept = 20;

void add_probes(std::vector<ProbeHits>& sum, const std::vector<ProbeHits>& hits) {
    for (const ProbeHits& hit : hits) {
        const auto known = std::find_if(
            sum.begin(), sum.end(), [&](const ProbeHits& other) { return other.name == hit.name; });
        if (known != sum.end()) {
            known->hits += hit.hits;
        } else {
            sum.push_back(hit);
        }
    }
}

/// The seed enters, so that two seeds that change places are noticed in the sum.
std::uint64_t weigh(std::uint64_t seed, std::uint64_t digest) noexcept {
    Digest mixed;
    mixed.mix(seed);
    mixed.mix(digest);
    return mixed.value();
}

}  // namespace

struct Farm::Part {
    FarmSummary sum;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> digests;  // place, digest
};

std::vector<std::string_view> FarmSummary::unreached(const ScenarioInfo& scenario) const {
    std::vector<std::string_view> names;
    for (const std::string_view name : scenario.probes) {
        const bool reached = std::any_of(probes.begin(), probes.end(), [&](const ProbeHits& hit) {
            return hit.name == name && hit.hits > 0;
        });
        if (!reached) names.push_back(name);
    }
    return names;
}

Farm::Farm(const ScenarioInfo& scenario, const FarmOptions& options)
    : scenario_(scenario), options_(options) {
    summary_.first = options.first;
    if (options.keep_digests) summary_.digests.resize(static_cast<std::size_t>(options.count));
}

void Farm::work() {
    Part part;
    while (!stopped_.load(std::memory_order_relaxed)) {
        const std::uint64_t from = next_.fetch_add(block, std::memory_order_relaxed);
        if (from >= options_.count) break;
        const std::uint64_t upto = std::min(from + block, options_.count);
        for (std::uint64_t i = from; i < upto; ++i) run_seed(options_.first + i, part);
        merge(part);
    }
}

void Farm::run_seed(std::uint64_t seed, Part& part) const {
    const Report report = run(scenario_, seed, options_.run);
    FarmSummary& sum = part.sum;
    ++sum.seeds;
    sum.completions += report.completions;
    sum.digest += weigh(seed, report.digest);
    add_probes(sum.probes, report.probes);
    if (options_.keep_digests) part.digests.emplace_back(seed - options_.first, report.digest);
    SeedFailure failure{seed, report.property, report.sentence, report.options};
    if (report.passed && options_.twice) {
        const Report again = run(scenario_, seed, options_.run);
        if (again.digest != report.digest || !again.passed) {
            failure = {seed, "determinism", "a second run of the same seed went another way",
                       report.options};
        }
    }
    if (failure.property.empty()) return;
    ++sum.failures;
    sum.first_failures.push_back(std::move(failure));
}

void Farm::merge(Part& part) {
    FarmSummary& from = part.sum;
    const std::lock_guard lock(mutex_);
    summary_.seeds += from.seeds;
    summary_.failures += from.failures;
    summary_.completions += from.completions;
    summary_.digest += from.digest;
    add_probes(summary_.probes, from.probes);
    std::sort(summary_.probes.begin(), summary_.probes.end(),
              [](const ProbeHits& a, const ProbeHits& b) { return a.name < b.name; });
    std::vector<SeedFailure>& kept = summary_.first_failures;
    std::move(from.first_failures.begin(), from.first_failures.end(), std::back_inserter(kept));
    std::sort(kept.begin(), kept.end(),
              [](const SeedFailure& a, const SeedFailure& b) { return a.seed < b.seed; });
    if (kept.size() > failures_kept) kept.resize(failures_kept);
    for (const auto& [place, digest] : part.digests) {
        summary_.digests[static_cast<std::size_t>(place)] = digest;
    }
    part = Part{};
}

}  // namespace drydock::sim

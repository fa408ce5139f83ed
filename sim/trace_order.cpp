// Counting linear extensions: by the sets of steps that can have been made.
#include "sim/trace_order.hpp"

#include <algorithm>
#include <array>
#include <compare>
#include <map>

namespace drydock::sim {
namespace {

constexpr std::size_t most_steps = 256;
// Of one partial order. Two clients whose steps have nothing in common make a few hundred.
constexpr std::size_t most_sets = 100'000;

/// A set of steps.
class StepSet {
public:
    void insert(std::size_t step) noexcept { words_[step / 64] |= std::uint64_t{1} << step % 64; }
    bool contains(std::size_t step) const noexcept {
        return (words_[step / 64] >> step % 64 & 1) != 0;
    }
    bool includes(const StepSet& other) const noexcept {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if ((other.words_[i] & ~words_[i]) != 0) return false;
        }
        return true;
    }
    auto operator<=>(const StepSet&) const noexcept = default;

private:
    std::array<std::uint64_t, most_steps / 64> words_{};
};

std::vector<StepSet> predecessors(const std::vector<TraceStep>& steps) {
    std::vector<StepSet> sets(steps.size());
    for (std::size_t later = 0; later < steps.size(); ++later) {
        for (std::size_t earlier = 0; earlier < later; ++earlier) {
            const TraceStep& step = steps[later];
            const bool made_it_ready = earlier + 1 == step.ready_after;
            const bool awaited = step.after_all && earlier < step.ready_after;
            if (made_it_ready || awaited || step.footprint.depends_on(steps[earlier].footprint)) {
                sets[later].insert(earlier);
            }
        }
    }
    return sets;
}

}  // namespace

void Footprint::add(std::uint64_t object) {
    const auto place = std::lower_bound(objects.begin(), objects.end(), object);
    if (place == objects.end() || *place != object) objects.insert(place, object);
}

void Footprint::add(const Footprint& other) {
    for (const std::uint64_t object : other.objects) add(object);
    found = found || other.found;
    last = last || other.last;
}

bool Footprint::depends_on(const Footprint& other) const noexcept {
    if (last || other.last || (found && other.found)) return true;
    auto one = objects.begin();
    auto two = other.objects.begin();
    while (one != objects.end() && two != other.objects.end()) {
        if (*one == *two) return true;
        if (*one < *two) {
            ++one;
        } else {
            ++two;
        }
    }
    return false;
}

/// Level by level: the sets of n steps that can have been made first, and in how many orders each.
std::optional<double> count_orders(const std::vector<TraceStep>& steps) {
    if (steps.size() > most_steps) return std::nullopt;
    const std::vector<StepSet> before = predecessors(steps);
    std::map<StepSet, double> made{{StepSet(), 1.0}};
    std::map<StepSet, double> next;
    std::size_t sets = 0;
    for (std::size_t level = 0; level < steps.size(); ++level) {
        next.clear();
        for (const auto& [set, orders] : made) {
            for (std::size_t step = 0; step < steps.size(); ++step) {
                if (set.contains(step) || !set.includes(before[step])) continue;
                StepSet larger = set;
                larger.insert(step);
                next[larger] += orders;
            }
        }
        sets += next.size();
        if (sets > most_sets) return std::nullopt;
        std::swap(made, next);
    }
    return made.begin()->second;
}

}  // namespace drydock::sim

// Shrinking: the passes lead to a local minimum, and the search out of it.
#include <drydock/sim/shrink.hpp>

#include <algorithm>
#include <utility>

#include "sim/shrink_passes.hpp"
#include "sim/shrink_search.hpp"
#include "sim/shrink_trials.hpp"

namespace drydock::sim {

std::size_t not_benign(std::span<const Choice> schedule) noexcept {
    return static_cast<std::size_t>(std::count_if(
        schedule.begin(), schedule.end(), [](const Choice& choice) { return choice.value != 0; }));
}

Shrunk shrink(const Experiment& experiment, Report failing, const ShrinkOptions& options) {
    Trials trials(experiment, options, failing.property);
    std::optional<Report> again = trials.fails(failing.schedule);
    if (!again) return {std::move(failing), trials.runs(), false};
    const Choices whole = again->schedule;
    Passes first(trials, *std::move(again));
    first.settle();
    Passes last(trials, search(trials, whole, first.take(), options.most_completions / 2));
    last.shrink();
    return {last.take(), trials.runs(), !trials.over()};
}

}  // namespace drydock::sim

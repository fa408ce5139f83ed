// The search beyond a local minimum: runs that are like the failing one in part, and drawn at
// random in the rest. Those that fail in the same way lead to local minima of their own.
#pragma once

#include <cstdint>

#include "sim/shrink_passes.hpp"
#include "sim/shrink_trials.hpp"

namespace drydock::sim {

/// Returns the least run found: `least`, or one that is less. `whole` is the schedule that
/// shrinking began with, and `least` what the passes have made of it. The search ends when the
/// trials have had `most_completions`, or when many of its minima in a row were not less.
/// Its random numbers are the same each time.
Report search(Trials& trials, const Choices& whole, Report least, std::uint64_t most_completions);

}  // namespace drydock::sim

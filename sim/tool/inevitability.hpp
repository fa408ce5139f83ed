// When a failure became inevitable: which choice made it so that nearly all runs which begin in the
// same way fail in the same way.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "sim/picture/json.hpp"
#include "sim/tool/recording.hpp"

namespace drydock::app {

struct Explained {
    /// By the number of choices that were kept, ascending.
    std::vector<sim::Inevitability> curve;
    std::size_t jump = 0;       ///< the number, from 1, of the choice at which it jumps; 0: none
    std::string sentence;       ///< about the jump
    std::uint64_t samples = 0;  ///< runs for each point of the curve
    bool cut = false;           ///< time was up before all samples were drawn
};

/// Replays the failing run `failing` up to each of its choices, or of a long run some hundreds of
/// them, and draws the rest at random, `most_samples` times each; where the share of failing runs
/// jumps between choices that are not neighbors, it looks at those between them, too. Random
/// numbers are the same each time. Samples are drawn in rounds, of one run or more for each point;
/// `stop` is asked between runs, and a round that it interrupts does not count.
Explained explain(const Found& found, const Recorded& failing, const sim::Apart& apart,
                  const std::function<bool()>& stop);

inline constexpr std::uint64_t most_samples = 64;

}  // namespace drydock::app

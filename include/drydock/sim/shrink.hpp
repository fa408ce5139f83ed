// Shrinking: out of a failing run, the least schedule that fails in the same way.
//
// "Least" is what a person has to read: first the fewest choices that are not benign, then the
// fewest choices, then the smallest values, the first one counting most. "In the same way" is: the
// same property or rule. Every step is a run, and what is kept is what that run recorded, so the
// result is always a schedule that was seen to fail. Parts of the schedule are also drawn anew,
// from random numbers that are the same each time, so the result depends on the arguments alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// Runs a fresh instance of the scenario with the choices that it is given, and records
/// (RunOptions::record).
using Experiment = std::function<Report(ChoiceSource&)>;

/// When shrinking ends.
struct ShrinkOptions {
    /// Shrinking ends when its runs have had this many completions, so it gives the same result on
    /// a slow machine. A simulator that makes millions a second takes about a second for them.
    std::uint64_t most_completions = 4'000'000;
    /// Asked before each run: true ends it at once.
    std::function<bool()> stop = [] { return false; };
};

/// What shrinking has found.
struct Shrunk {
    Report report;           ///< of the least run found; at worst the one to begin with
    std::uint64_t runs = 0;  ///< how many it took
    bool finished = false;   ///< nothing lesser was found by any of the means, within the bounds
};

/// Looks for the least schedule that fails as `failing` does, within the bounds of `options`.
/// `failing` is what `experiment` gave, recorded. If its schedule does not fail when it is replayed
/// (a failure that depends on more than the choices), it is given back as it is, not finished.
/// Blocks, on one thread. Throws what `experiment` throws.
Shrunk shrink(const Experiment& experiment, Report failing, const ShrinkOptions& options = {});

/// How many choices of `schedule` are not benign: the length that shrinking is judged by.
std::size_t not_benign(std::span<const Choice> schedule) noexcept;

}  // namespace drydock::sim

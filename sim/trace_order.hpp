// The steps of one run as a partial order, and how many orders of them are the same run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace drydock::sim {

/// What a step has worked on. An object has a number for the step that made it, or was the first to
/// work on it: the same in all runs with the same prefix.
struct Footprint {
    std::vector<std::uint64_t> objects;  ///< ascending
    /// It was the first to work on some object that nobody has told the making of. Another step
    /// would have given that another number, so two steps of this kind count as dependent.
    bool found = false;
    /// The run has failed with it, and so no step has come after it, whatever that works on.
    bool last = false;

    void add(std::uint64_t object);
    void add(const Footprint& other);
    bool depends_on(const Footprint& other) const noexcept;
};

/// A step of a run, in the order in which they were made.
struct TraceStep {
    Footprint footprint;
    /// It could come out only after the first so many steps (the one that started it was the last
    /// of them) and, where it had to wait for time to pass, after all of them.
    std::size_t ready_after = 0;  ///< number of the step that made it ready, plus 1; 0: none did
    bool after_all = false;       ///< all steps before that one, too, must come before
};

/// The number of orders of these steps that keep the order of all dependent ones. None: the order
/// is too wide to count.
std::optional<double> count_orders(const std::vector<TraceStep>& steps);

}  // namespace drydock::sim

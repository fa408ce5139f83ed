// The passes of shrinking: each changes a failing schedule a little, and keeps what fails and is
// less. Together they lead to a local minimum: a schedule that none of these changes makes less.
#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "sim/shrink_trials.hpp"

namespace drydock::sim {

using Choices = std::vector<Choice>;

/// The order that shrinking goes by; see shrink.hpp.
bool less(const Choices& one, const Choices& other) noexcept;

class Passes {
public:
    /// `failing` is what Trials::fails() returned.
    Passes(Trials& trials, Report failing) : trials_(trials), best_(std::move(failing)) {}

    /// The passes that remove much at once, until none of them helps.
    void remove();
    /// The same with the passes that lower and move values.
    void settle();
    /// All passes, until none helps.
    void shrink();

    const Report& best() const noexcept { return best_; }
    Report take() noexcept { return std::move(best_); }

private:
    bool attempt(const Choices& candidate);

    bool leave_out_spans();
    bool silence_labels();
    bool zero_blocks();
    bool leave_out_choices();
    bool lower_values();
    bool swap_spans();
    bool move_forward();
    bool leave_out_and_move();
    bool trade();
    bool zero_three();

    std::span<const Choice> within(const ChoiceSpan& span) const;
    Choices without(std::size_t first, std::size_t last) const;
    Choices turned_down(const ChoiceSpan& span) const;
    std::size_t end_of_neighbors(const ChoiceSpan& span) const;
    std::vector<std::size_t> places() const;
    std::vector<std::size_t> benign_before(std::size_t place) const;

    Trials& trials_;
    Report best_;
};

}  // namespace drydock::sim

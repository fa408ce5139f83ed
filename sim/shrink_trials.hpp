// The runs that shrinking makes: which of them fail in the same way, and what they have cost.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>

#include <drydock/sim/shrink.hpp>

namespace drydock::sim {

class Trials {
public:
    Trials(const Experiment& experiment, const ShrinkOptions& options, std::string property)
        : experiment_(experiment), options_(options), property_(std::move(property)) {}

    /// No further run may be made.
    bool over() const { return completions_ >= options_.most_completions || options_.stop(); }

    /// Makes one run. Returns its report if the run failed in the same way, without the benign
    /// choices at the end of its schedule. Returns nothing if it did not, or if over().
    std::optional<Report> fails(ChoiceSource& choices);
    std::optional<Report> fails(std::span<const Choice> schedule);

    std::uint64_t runs() const noexcept { return runs_; }
    std::uint64_t completions() const noexcept { return completions_; }

private:
    const Experiment& experiment_;
    const ShrinkOptions& options_;
    const std::string property_;
    std::uint64_t runs_ = 0;
    std::uint64_t completions_ = 0;
};

}  // namespace drydock::sim

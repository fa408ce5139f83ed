// The swarm: which faults are active in a run, how often each strikes, and how often it has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <drydock/sim/faults.hpp>
#include <drydock/sim/run.hpp>

#include "sim/choice_log.hpp"
#include "sim/watch.hpp"

namespace drydock::sim {

class Swarm {
public:
    Swarm(ChoiceLog& choices, Chronicle& chronicle, Watch watch, FaultSet active) noexcept
        : choices_(choices), chronicle_(chronicle), watch_(watch), active_(active) {
        one_in_.fill(usual_one_in);
    }

    /// Chooses which of the faults are active, beside those that are already, and their strengths.
    void choose(FaultSet allowed, FaultSet always);
    /// The same for the faults of hosts, when the world gets its first one: the choices of a world
    /// without hosts know nothing of them.
    void choose_for_hosts(FaultSet allowed, FaultSet always);

    FaultSet active() const noexcept { return active_; }
    bool active(Fault fault) const noexcept { return active_.has(fault); }

    /// Whether the fault strikes here and now; counts it.
    bool fires(Fault fault, const char* label) noexcept {
        if (!active_.has(fault) || choices_.silent()) return false;
        return strike(fault, label);
    }
    /// The same for a fault that comes in `shapes` kinds or sizes: which one.
    std::optional<std::uint32_t> strikes(Fault fault, const char* label, std::uint32_t shapes,
                                         const char* shape) noexcept {
        if (!active_.has(fault) || choices_.silent()) return std::nullopt;
        return strike_shaped(fault, label, shapes, shape);
    }
    /// How many of `count` bytes a fault keeps back: all but one at most.
    std::size_t part(Fault fault, std::size_t count, const char* label, const char* size) noexcept {
        if (count < 2) return 0;
        const auto which = strikes(fault, label, static_cast<std::uint32_t>(count - 1), size);
        return which ? 1 + *which : 0;
    }
    /// A fault has struck without a choice of its own.
    void hit(Fault fault) noexcept {
        ++hits_[static_cast<std::size_t>(fault)];
        chronicle_.fault(fault);
    }
    std::uint64_t hits(Fault fault) const noexcept {
        return hits_[static_cast<std::size_t>(fault)];
    }

    std::size_t pipe_capacity() const noexcept { return pipe_capacity_; }
    void set_pipe_capacity(std::size_t bytes) noexcept { pipe_capacity_ = bytes; }

    /// "short_send=1/8 small_pipe=1/4 pipe=16", for reports.
    std::string options_text() const;
    void add_hits_to(std::vector<ProbeHits>& probes) const;

private:
    static constexpr std::uint32_t usual_one_in = 4;

    bool strike(Fault fault, const char* label) noexcept;
    std::optional<std::uint32_t> strike_shaped(Fault fault, const char* label, std::uint32_t shapes,
                                               const char* shape) noexcept;
    void choose_among(FaultSet open);
    void choose_pipe_capacity();
    std::uint32_t pick(std::uint32_t options, const char* label) {
        return static_cast<std::uint32_t>(watch_.learned(choices_.pick(options, label)));
    }
    bool flip(std::uint32_t one_in, const char* label) {
        return watch_.learned(choices_.toss(one_in, label) ? 1 : 0) == 1;
    }

    ChoiceLog& choices_;
    Chronicle& chronicle_;
    const Watch watch_;
    FaultSet active_;
    std::array<std::uint32_t, fault_count> one_in_{};
    std::array<std::uint64_t, fault_count> hits_{};
    std::size_t pipe_capacity_ = 256;
};

}  // namespace drydock::sim

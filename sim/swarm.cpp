// Choosing a run's faults, and letting them strike.
#include "sim/swarm.hpp"

namespace drydock::sim {
namespace {

/// How much rarer than its strength says a fault strikes: some end what they strike.
constexpr std::uint32_t rarity(Fault fault) noexcept {
    switch (fault) {
        case Fault::network_reset:
            return 16;
        case Fault::no_buffers:
            return 8;
        case Fault::crash:
        case Fault::restart:
            return 64;
        case Fault::partition:
            return 32;
        case Fault::delay:
            return 2;
        default:
            return 1;
    }
}

}  // namespace

/// Swarm testing (Groce and others, 2012): what is left out of a run lets the rest go deeper.
void Swarm::choose(FaultSet allowed, FaultSet always) {
    if (always.has(Fault::small_pipe)) choose_pipe_capacity();
    choose_among(allowed.without(always).without(FaultSet::of_hosts()));
}

void Swarm::choose_for_hosts(FaultSet allowed, FaultSet always) {
    choose_among(FaultSet::of_hosts().without(always).without(FaultSet::all().without(allowed)));
}

void Swarm::choose_among(FaultSet open) {
    constexpr std::array<std::uint32_t, 8> densities = {0, 6, 6, 6, 6, 3, 3, 2};
    constexpr std::array<std::uint32_t, 3> strengths = {32, 8, 2};
    if (open == FaultSet()) return;
    const std::uint32_t one_in = densities[pick(densities.size(), "swarm: density")];
    if (one_in == 0) return;
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!open.has(fault)) continue;
        choices_.begin_span("fault kind");
        if (flip(one_in, name(fault).data())) {
            active_ = active_.with(fault);
            const std::uint32_t strength = strengths[pick(strengths.size(), "swarm: strength")];
            // Few cancels meet bytes underway; those that do should be decided both ways.
            // A clock is set once for each host.
            const bool even = fault == Fault::cancel_loses || fault == Fault::clock_skew;
            one_in_[static_cast<std::size_t>(i)] = even ? 2 : strength * rarity(fault);
            if (fault == Fault::small_pipe) choose_pipe_capacity();
        }
        choices_.end_span();
    }
}

void Swarm::choose_pipe_capacity() {
    constexpr std::array<std::size_t, 4> capacities = {48, 16, 3, 1};
    pipe_capacity_ = capacities[pick(capacities.size(), "swarm: pipe capacity")];
}

bool Swarm::strike(Fault fault, const char* label) noexcept {
    if (!choices_.toss(one_in_[static_cast<std::size_t>(fault)], label)) return false;
    hit(fault);
    return true;
}

std::optional<std::uint32_t> Swarm::strike_shaped(Fault fault, const char* label,
                                                  std::uint32_t shapes,
                                                  const char* shape) noexcept {
    choices_.begin_span("fault");
    std::optional<std::uint32_t> which;
    if (strike(fault, label)) which = choices_.pick(shapes, shape);
    choices_.end_span();
    return which;
}

std::string Swarm::options_text() const {
    std::string text;
    for (int i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if (!active_.has(fault)) continue;
        if (!text.empty()) text += ' ';
        text += std::string(name(fault)).substr(sizeof "fault." - 1);
        text += "=1/" + std::to_string(one_in_[static_cast<std::size_t>(i)]);
    }
    if (active_.has(Fault::small_pipe)) text += " pipe=" + std::to_string(pipe_capacity_);
    return text.empty() ? "no faults" : text;
}

void Swarm::add_hits_to(std::vector<ProbeHits>& probes) const {
    for (int i = 0; i < fault_count; ++i) {
        const std::uint64_t count = hits_[static_cast<std::size_t>(i)];
        if (count > 0) probes.push_back({name(static_cast<Fault>(i)), count});
    }
}

}  // namespace drydock::sim

// The faults: what the simulated network and system may do to a program, beyond carrying its bytes.
//
// TCP and the contract permit all of them. Each run first chooses which faults are active and how
// often they strike; an active fault then strikes by chance (swarm testing: most runs have few
// faults). docs/PROPERTIES.md says what each of them shows.
#pragma once

#include <cstdint>
#include <string_view>

namespace drydock::sim {

/// One kind of misfortune. docs/PROPERTIES.md#faults says what each of them shows.
enum class Fault : std::uint8_t {
    partial_receive,    ///< a receive completes with less than has arrived, down to one byte
    short_send,         ///< a send completes with less than there is room for
    whole_send,         ///< a send completes when all its bytes are taken; canceled, with a part
    small_pipe,         ///< connections hold very few bytes: back-pressure everywhere
    reorder,            ///< completions come out in another order than they happened
    delay,              ///< a completion comes out late
    interleave,         ///< other coroutines run before one enters a monitor
    latency,            ///< bytes, ends of streams and resets take time to arrive
    network_reset,      ///< the network aborts a connection, at any byte
    reset_discards,     ///< a reset destroys data that had arrived and was not yet received
    cancel_loses,       ///< a canceled receive still succeeds, with bytes that were on their way
    no_buffers,         ///< a start fails for want of memory
    accept_reset,       ///< a connection is gone before it is accepted
    accept_shortage,    ///< an accept fails for want of handles or memory
    connect_refused,    ///< a connect is refused
    connect_timed_out,  ///< a connect is never answered
    // Of worlds with hosts (<drydock/sim/host.hpp>):
    crash,      ///< a host ends with all that runs on it, and comes back when the world is calm
    restart,    ///< the same, and it comes back after a while
    partition,  ///< nothing gets from some hosts to others for a while
    clock_skew  ///< the clock of a host is ahead, or runs at another speed
};

/// How many faults there are: the values of Fault are 0 to fault_count - 1.
inline constexpr int fault_count = static_cast<int>(Fault::clock_skew) + 1;

/// Whether the fault concerns hosts: it is chosen and strikes in worlds that have some.
constexpr bool is_of_hosts(Fault fault) noexcept { return fault >= Fault::crash; }

/// The name of the fault's probe: "fault.delay". Reports, schedules and `--faults` use it without
/// "fault.". It lives as long as the program.
constexpr std::string_view name(Fault fault) noexcept {
    constexpr std::string_view names[] = {
        "fault.partial_receive",   "fault.short_send",      "fault.whole_send",
        "fault.small_pipe",        "fault.reorder",         "fault.delay",
        "fault.interleave",        "fault.latency",         "fault.network_reset",
        "fault.reset_discards",    "fault.cancel_loses",    "fault.no_buffers",
        "fault.accept_reset",      "fault.accept_shortage", "fault.connect_refused",
        "fault.connect_timed_out", "fault.crash",           "fault.restart",
        "fault.partition",         "fault.clock_skew"};
    static_assert(std::size(names) == fault_count);
    return names[static_cast<std::size_t>(fault)];
}

/// A set of faults. A value; its functions return new sets.
class FaultSet {
public:
    /// No faults.
    constexpr FaultSet() noexcept = default;
    /// All faults that there are.
    static constexpr FaultSet all() noexcept { return FaultSet((1U << fault_count) - 1); }

    /// The faults that is_of_hosts() says.
    static constexpr FaultSet of_hosts() noexcept {
        return FaultSet(all().bits_ & ~(bit(Fault::crash) - 1));
    }

    /// Whether `fault` is in the set.
    constexpr bool has(Fault fault) const noexcept { return (bits_ & bit(fault)) != 0; }
    /// This set and `fault`.
    constexpr FaultSet with(Fault fault) const noexcept { return FaultSet(bits_ | bit(fault)); }
    /// This set less `fault`.
    constexpr FaultSet without(Fault fault) const noexcept { return FaultSet(bits_ & ~bit(fault)); }
    /// The faults that are in either set.
    constexpr FaultSet operator|(FaultSet other) const noexcept {
        return FaultSet(bits_ | other.bits_);
    }
    /// This set less all of `other`.
    constexpr FaultSet without(FaultSet other) const noexcept {
        return FaultSet(bits_ & ~other.bits_);
    }
    constexpr bool operator==(const FaultSet&) const noexcept = default;
    /// The set as a number: bit n is set if the fault with the value n is in it.
    constexpr std::uint32_t bits() const noexcept { return bits_; }

private:
    constexpr explicit FaultSet(std::uint32_t bits) noexcept : bits_(bits) {}
    static constexpr std::uint32_t bit(Fault fault) noexcept {
        return 1U << static_cast<unsigned>(fault);
    }
    std::uint32_t bits_ = 0;
};

}  // namespace drydock::sim

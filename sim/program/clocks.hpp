// The clocks of a simulated program: all of them show the virtual time.
#pragma once

#include <ctime>

#include <drydock/time.hpp>

namespace drydock::sim {

/// What CLOCK_REALTIME shows at the beginning of a run: 2026-01-01 00:00:00 UTC. The other clocks
/// show what the queue's clock shows.
inline constexpr Duration first_real_time = std::chrono::seconds(1767225600);

/// Whether a clock shows the time since 1970.
constexpr bool is_real_time(clockid_t clock) noexcept {
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
           clock == CLOCK_REALTIME_ALARM || clock == CLOCK_TAI;
}

/// A span; those that are too long are the longest one.
Duration span_of(const timespec& span) noexcept;
/// The queue's time at which `clock` shows `time`.
Time time_of(clockid_t clock, const timespec& time) noexcept;
/// What `clock` shows at the queue's time `now`.
timespec shown_by(clockid_t clock, Time now) noexcept;

}  // namespace drydock::sim

// The time of the contract, in which CompletionQueue::now() and deadlines are given.
//
// It is monotonic and in whole nanoseconds; its epoch is arbitrary. There is no global clock: a
// program asks its queue for the time, because in the simulator time is virtual.
#pragma once

#include <chrono>
#include <cstdint>

namespace drydock {

/// The clock type of Time. It has no now(): use CompletionQueue::now().
struct QueueClock {
    using rep = std::int64_t;
    using period = std::nano;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<QueueClock>;
    static constexpr bool is_steady = true;
};

using Duration = QueueClock::duration;
using Time = QueueClock::time_point;

/// A deadline that never comes.
inline constexpr Time never = Time::max();

/// `from + span`, or `never` if the sum would overflow. `span` must not be negative.
constexpr Time later(Time from, Duration span) noexcept {
    return span >= never - from ? never : from + span;
}

}  // namespace drydock

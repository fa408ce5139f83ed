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
    /// A count of nanoseconds.
    using rep = std::int64_t;
    /// One nanosecond.
    using period = std::nano;
    /// The type of Duration.
    using duration = std::chrono::duration<rep, period>;
    /// The type of Time.
    using time_point = std::chrono::time_point<QueueClock>;
    /// The time never goes back.
    static constexpr bool is_steady = true;
};

/// A span of time, in whole nanoseconds. Every std::chrono duration that is not finer converts to
/// it.
using Duration = QueueClock::duration;
/// A moment on the clock of a queue. Times of different queues cannot be compared.
using Time = QueueClock::time_point;

/// A deadline that never comes.
inline constexpr Time never = Time::max();

/// `from + span`, or `never` if the sum would overflow. `span` must not be negative.
constexpr Time later(Time from, Duration span) noexcept {
    return span >= never - from ? never : from + span;
}

}  // namespace drydock

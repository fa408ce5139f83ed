// The time of the contract: what CompletionQueue::now() tells and deadlines are given in.
//
// Monotonic, integer nanoseconds, with an epoch that means nothing. There is no global clock to
// read: only a queue knows what time it is, because in the simulator time is invented.
#pragma once

#include <chrono>
#include <cstdint>

namespace drydock {

/// The tag of the queue's time line. It has no now(): ask the queue.
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

/// `from + span`, or `never` where the sum would not fit. `span` must not be negative.
constexpr Time later(Time from, Duration span) noexcept {
    return span >= never - from ? never : from + span;
}

}  // namespace drydock

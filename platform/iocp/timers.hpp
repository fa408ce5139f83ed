// The timers of one queue, and who among the waiters sleeps no longer than to the earliest of them.
//
// All workers share the timers. Each computes how long to sleep from the earliest one that there is
// when it goes to sleep. That is not enough: a timer may be started that is earlier, and the one
// worker that would have woken in time may be busy with something else by then. So this is kept
// true:
//
//     while there are timers and sleepers, one sleeper wakes no later than the earliest timer is
//     due, or a wake packet is on the way (which some waiter takes, and then computes anew).
//
// It is looked after where it can become false: when a timer is started, and when a worker leaves
// wait(). Not all sleepers are woken; which one takes the packet does not matter.
#pragma once

#include <atomic>
#include <mutex>
#include <span>

#include <drydock/queue.hpp>

#include "platform/common/timer_heap.hpp"
#include "platform/iocp/port.hpp"

namespace drydock::iocp {

/// A timer's native record: its place in the heap, and its packet where it needs one.
struct TimerRecord {
    platform::TimerRecord heap;  // at the beginning, where the heap looks for it
    Record record;
};

class Timers {
public:
    explicit Timers(Port& port) noexcept : port_(port) {}

    /// The operation's native record is a TimerRecord.
    void start(Operation& operation, Time deadline) noexcept;

    /// True: it was taken out, and the caller completes it. False: it is not pending.
    bool remove(Operation& operation) noexcept;

    /// Takes out what is due, as completions; as many as fit.
    std::size_t take_due(Time now, std::span<Completion> completions) noexcept;

    /// Of each worker that leaves wait().
    void leave() noexcept;

    /// A wake packet was taken.
    void woken() noexcept;

    /// A worker that sleeps in the port, from construction to destruction.
    class Sleeper {
    public:
        Sleeper(Timers& timers, Time deadline) noexcept;
        Sleeper(const Sleeper&) = delete;
        Sleeper& operator=(const Sleeper&) = delete;
        ~Sleeper();

        /// When it must wake: its own deadline, or the earliest timer's.
        Time until() const noexcept { return until_; }

    private:
        friend Timers;
        Timers& timers_;
        Time until_;
        Sleeper* next_ = nullptr;
        Sleeper* previous_ = nullptr;
    };

private:
    // Both with mutex_ held.
    void update() noexcept;
    void keep_one_awake() noexcept;

    Port& port_;
    std::mutex mutex_;  // guards the rest
    platform::TimerHeap heap_;
    Sleeper* sleepers_ = nullptr;
    bool wake_underway_ = false;
    // The earliest deadline, for a look without the lock; `never` when there is none.
    std::atomic<Time> earliest_{never};
};

}  // namespace drydock::iocp

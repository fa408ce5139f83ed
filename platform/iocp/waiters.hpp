// What workers wait for besides the port's packets, and how long each of them sleeps because of it:
// timers, and operations that were complete when their start returned.
//
// Timers. All workers share them. When a worker goes to sleep, it computes from the earliest timer
// how long to sleep. That alone is not enough: an earlier timer may be started later, and the one
// worker that would have woken in time may be busy by then. So this invariant holds:
//
//     While there are timers and sleepers, one sleeper wakes no later than the earliest timer is
//     due, or a wake packet is on the way. (Any worker may take that packet, and computes anew.)
//
// The invariant is restored where it can become false: when a timer is started, and when a worker
// leaves wait(). One sleeper is woken, not all; any one will do.
//
// Completions without a packet. The sockets are set to send no packet for a call that succeeds at
// once (FILE_SKIP_COMPLETION_PORT_ON_SUCCESS). The worker that made the call will soon be back in
// wait() and find the record in a list here, so no other worker has to be woken for it. The
// contract does not promise that it comes back: it may have called wait() once and never again, or
// stay in the program's code for long. So:
//
//     While the list is not empty and a worker sleeps, one sleeper, the watcher, checks the list
//     within `watch_period`, or a wake packet is on the way.
//
// For a thread that was not in wait() for that long, packets are sent instead. A post goes to the
// list, too, where no worker sleeps that could take it meanwhile. The watcher continues as long as
// records from other threads come, so that not each of them costs a wake packet.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <span>

#include <drydock/queue.hpp>

#include "platform/common/timer_heap.hpp"
#include "platform/iocp/record.hpp"

namespace drydock::iocp {

class Port;

/// A timer's native record: its place in the heap, and its packet where it needs one.
struct TimerRecord {
    platform::TimerRecord heap;  // at the beginning, where the heap looks for it
    Record record;
};

class Waiters {
public:
    explicit Waiters(const Port& port) noexcept : port_(port) {}

    // Timers.

    /// The operation's native record is a TimerRecord.
    void start(Operation& operation, Time deadline) noexcept;
    /// True: it was taken out, and the caller completes it. False: it is not pending.
    bool remove(Operation& operation) noexcept;
    /// Takes out what is due, as completions; as many as fit.
    std::size_t take_due(Time now, std::span<Completion> completions) noexcept;

    // Completions without a packet.

    /// Whether the calling thread has been in wait() just now, and so will be again.
    bool caller_comes_back(Time now) const noexcept;
    /// The record has its result. If no worker takes it before, the watcher does.
    void complete(Record& record, Time now) noexcept;
    /// The same if no worker sleeps that could take it meanwhile. False: one does.
    bool complete_if_all_are_awake(Record& record) noexcept;
    /// The system has no memory for a packet, nor for one that would wake a worker. The record
    /// waits for the next worker that calls wait() or wakes anyway, which may take as long as any
    /// sleep.
    void keep(Record& record) noexcept;
    /// The next one; null when there is none.
    Record* take_completed() noexcept;

    // Of each worker.

    /// It leaves wait().
    void leave(Time now) noexcept;
    /// It took a wake packet.
    void woken() noexcept;

    /// It sleeps in the port, from construction to destruction.
    class Sleeper {
    public:
        Sleeper(Waiters& waiters, Time now, Time deadline) noexcept;
        Sleeper(const Sleeper&) = delete;
        Sleeper& operator=(const Sleeper&) = delete;
        ~Sleeper();

        /// When it must wake: at its own deadline, at the earliest timer's, or to look at the list.
        Time until() const noexcept { return until_; }

    private:
        friend Waiters;
        Waiters& waiters_;
        Time until_;
        Sleeper* next_ = nullptr;
        Sleeper* previous_ = nullptr;
    };

private:
    static constexpr Duration watch_period = std::chrono::milliseconds(10);

    // All of these with mutex_ held.
    void update() noexcept;
    bool timers_are_watched() const noexcept;
    void wake_one() noexcept;
    void push(Record& record) noexcept;

    const Port& port_;
    std::mutex mutex_;  // guards the rest
    platform::TimerHeap heap_;
    RecordList completed_;
    Sleeper* sleepers_ = nullptr;
    Sleeper* watcher_ = nullptr;        // one of them
    const void* watched_ = nullptr;     // the thread that the last record came from
    Time watched_until_ = Time::min();  // until then one sleeper watches, if any sleeps
    bool wake_underway_ = false;
    // For a look without the lock: the earliest timer's deadline, `never` when there is none, and
    // whether the list has anything.
    std::atomic<Time> earliest_{never};
    std::atomic<bool> any_completed_{false};
};

}  // namespace drydock::iocp

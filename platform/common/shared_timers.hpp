// The timers of a queue whose workers share them, and the data that cancel() needs about timers and
// connects.
//
// Any worker in wait() takes out the timers that are due, so it is enough that one of the sleeping
// workers wakes in time. TimerWatch says which one. cancel() may come at any time, from any thread:
// a lock guards the timers, and the kind and record of each operation that can be canceled.
#pragma once

#include <algorithm>
#include <atomic>
#include <mutex>

#include <drydock/queue.hpp>

#include "platform/common/clock_posix.hpp"
#include "platform/common/timer_heap.hpp"

namespace drydock::platform {

/// The earliest deadline, and until when one of the sleepers sleeps at most.
///
/// A worker in the program's code that starts an earlier timer wakes no other worker, and neither
/// does one that is woken early and returns to the program's code: it will be back in wait(). For
/// the case that it stays away, the queue's watcher checks the timers, too.
class TimerWatch {
public:
    Time earliest() const noexcept { return earliest_.load(std::memory_order_relaxed); }
    void set_earliest(Time deadline) noexcept { earliest_.store(deadline); }

    /// A worker is going to sleep, and is counted as a sleeper already (a start writes its timer
    /// down before it reads the number of sleepers). Returns when it has to wake for the timers;
    /// `never` when another sleeper does.
    Time fall_asleep() noexcept {
        const Time earliest = earliest_.load();
        Time kept = kept_.load();
        while (earliest < kept) {
            if (kept_.compare_exchange_weak(kept, earliest)) {
                return earliest;
            }
        }
        return never;
    }

    /// The same worker is awake; `kept` is what fall_asleep() returned.
    void wake_up(Time kept) noexcept {
        // If another worker keeps an earlier deadline by now, that stays. If another has written
        // the same one, none is known to keep it: one more will, which costs at most a wake-up.
        if (kept != never) {
            kept_.compare_exchange_strong(kept, never);
        }
    }

private:
    std::atomic<Time> earliest_{never};
    std::atomic<Time> kept_{never};
};

/// A Record is a backend's native record: it begins with `TimerRecord timer`, and has a `Result
/// result`. The Workers finish operations and wake sleepers.
template <typename Record, typename Workers>
class SharedTimers {
public:
    SharedTimers(CompletionQueue& queue, Workers& workers) noexcept
        : queue_(queue), workers_(workers) {}

    std::mutex& mutex() noexcept { return mutex_; }
    TimerWatch& watch() noexcept { return watch_; }

    /// The first act of a start that cancel() may be called for, with the lock held. False: it was
    /// misuse. The record's result is a failure when a cancel was remembered: then the start ends
    /// with it.
    bool begin(Operation& operation, OperationKind kind) noexcept {
        if (!operation.begin(queue_, kind)) {
            return false;
        }
        Record& record = operation.emplace_native<Record>();
        if (operation.take_remembered_cancel()) {
            record.result = Result::failure(Error::canceled);
        }
        return true;
    }

    /// The record of an operation that was ever started as something that can be canceled, else
    /// null; with the lock held. (Neither in_flight() nor an unmade record may be looked at: the
    /// caller of cancel() need not be in step with the operation's owner.)
    static Record* find(Operation& operation) noexcept {
        const OperationKind kind = operation.kind();
        const bool started = kind == OperationKind::timer || kind == OperationKind::connect;
        return started ? &operation.native<Record>() : nullptr;
    }

    void start(Operation& operation, Time deadline) noexcept {
        {
            std::unique_lock lock(mutex_);
            if (!begin(operation, OperationKind::timer)) {
                return;
            }
            if (operation.native<Record>().result.ok() && deadline > monotonic_now()) {
                if (heap_.push(operation, deadline)) {
                    watch_.set_earliest(deadline);
                    lock.unlock();
                    if (!workers_.caller_comes_back()) {
                        workers_.wake_sleeper();
                    }
                }
                return;
            }
        }
        workers_.finish(operation);
    }

    /// With the lock held. False: it is no timer that is pending.
    bool remove(Operation& operation) noexcept {
        const Record* const record = find(operation);
        if (record == nullptr || !record->timer.pending()) {
            return false;
        }
        heap_.remove(operation);
        watch_.set_earliest(heap_.next_deadline());
        return true;
    }

    /// Finishes what is due.
    void collect_due() noexcept {
        const Time earliest = watch_.earliest();
        if (earliest == never) {
            return;
        }
        const Time time = monotonic_now();
        if (time < earliest) {
            return;
        }
        const std::lock_guard lock(mutex_);
        while (Operation* const operation = heap_.pop_due(time)) {
            workers_.finish(*operation);
        }
        watch_.set_earliest(heap_.next_deadline());
    }

private:
    CompletionQueue& queue_;
    Workers& workers_;
    std::mutex mutex_;
    TimerHeap heap_;
    TimerWatch watch_;
};

}  // namespace drydock::platform

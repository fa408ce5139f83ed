// Events, set from any thread and awaited by one coroutine: AsyncEvent happens once, AutoResetEvent
// again and again.
#pragma once

#include <atomic>

#include <drydock/task.hpp>

namespace drydock {

class AsyncEvent {
public:
    explicit AsyncEvent(CompletionQueue& queue) noexcept : queue_(queue) { queue.created(this); }
    AsyncEvent(const AsyncEvent&) = delete;
    AsyncEvent& operator=(const AsyncEvent&) = delete;
    ~AsyncEvent() { queue_.gone(this); }

    /// From any thread; repeating it does nothing. The waiter is resumed through the queue, and may
    /// have ended this event's life when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        queue.touched(this);
        Operation* waiter = state_.exchange(set_mark(), std::memory_order_acq_rel);
        if (waiter != nullptr && waiter != set_mark()) queue.post(*waiter);
    }

    bool is_set() const noexcept { return state_.load(std::memory_order_acquire) == set_mark(); }

    class Wait final : public detail::AwaitedOperation<> {
    public:
        Wait(AsyncEvent& event, std::source_location where) noexcept
            : AwaitedOperation(where), event_(event) {}
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            suspend(handle);
            CompletionQueue& queue = event_.queue_;
            queue.touched(&event_);
            queue.waits(*this);
            Operation* expected = nullptr;
            const bool waiting = event_.state_.compare_exchange_strong(
                expected, this, std::memory_order_acq_rel, std::memory_order_acquire);
            if (!waiting) queue.post(*this);
        }
        void await_resume() const noexcept {}

    private:
        AsyncEvent& event_;
    };

    /// Awaits set(). One waiter.
    Wait wait(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    /// Stands for "set": no operation is at this address, as the event itself is.
    Operation* set_mark() const noexcept {
        return reinterpret_cast<Operation*>(const_cast<std::atomic<Operation*>*>(&state_));
    }

    CompletionQueue& queue_;
    std::atomic<Operation*> state_{nullptr};
};

/// Each wait() takes one set() back; sets that nobody has waited for meanwhile count as one.
class AutoResetEvent {
public:
    explicit AutoResetEvent(CompletionQueue& queue) noexcept : queue_(queue) {
        queue.created(this);
    }
    AutoResetEvent(const AutoResetEvent&) = delete;
    AutoResetEvent& operator=(const AutoResetEvent&) = delete;
    ~AutoResetEvent() { queue_.gone(this); }

    /// From any thread. A waiter is resumed through the queue, and may have ended this event's life
    /// when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        queue.touched(this);
        Operation* seen = state_.load(std::memory_order_relaxed);
        Operation* next = nullptr;
        // Written also where it is set already: a waiter that takes it back must see what came
        // before this set(), or the wake-up would be lost.
        do {
            const bool waited_for = seen != nullptr && seen != set_mark();
            next = waited_for ? nullptr : set_mark();
        } while (!state_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                               std::memory_order_relaxed));
        if (next == nullptr) queue.post(*seen);
    }

    class Wait final : public detail::AwaitedOperation<> {
    public:
        Wait(AutoResetEvent& event, std::source_location where) noexcept
            : AwaitedOperation(where), event_(event) {}
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            suspend(handle);
            CompletionQueue& queue = event_.queue_;
            queue.touched(&event_);
            queue.waits(*this);
            Operation* expected = nullptr;
            const bool waiting = event_.state_.compare_exchange_strong(
                expected, this, std::memory_order_acq_rel, std::memory_order_acquire);
            if (waiting) return;
            event_.state_.exchange(nullptr, std::memory_order_acq_rel);
            queue.post(*this);
        }
        void await_resume() const noexcept {}

    private:
        AutoResetEvent& event_;
    };

    /// Awaits set(). One waiter.
    Wait wait(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    /// Stands for "set": no operation is at this address, as the event itself is.
    Operation* set_mark() const noexcept {
        return reinterpret_cast<Operation*>(const_cast<std::atomic<Operation*>*>(&state_));
    }

    CompletionQueue& queue_;
    std::atomic<Operation*> state_{nullptr};
};

}  // namespace drydock

// Events, which any thread sets and one coroutine awaits. An AsyncEvent is set once; an
// AutoResetEvent can be set again and again.
#pragma once

#include <atomic>

#include <drydock/task.hpp>

namespace drydock {

/// An event that is set once and stays set. The queue must outlive it. It must not be destroyed
/// while a coroutine waits.
class AsyncEvent {
public:
    /// An event that is not set. Its waiter is resumed through `queue`.
    explicit AsyncEvent(CompletionQueue& queue) noexcept : queue_(queue) { queue.created(this); }
    AsyncEvent(const AsyncEvent&) = delete;
    AsyncEvent& operator=(const AsyncEvent&) = delete;
    ~AsyncEvent() { queue_.gone(this); }

    /// Sets the event and resumes the waiter through the queue. From any thread. A second call does
    /// nothing. The waiter may have destroyed this event when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        queue.touched(this);
        Operation* waiter = state_.exchange(set_mark(), std::memory_order_acq_rel);
        if (waiter != nullptr && waiter != set_mark()) queue.post(*waiter);
    }

    /// Whether set() was called; everything done before that call is then visible to the caller.
    /// From any thread.
    bool is_set() const noexcept { return state_.load(std::memory_order_acquire) == set_mark(); }

    /// What wait() returns, to be awaited at once. `co_await` gives nothing.
    class Wait final : public detail::AwaitedOperation<> {
    public:
        /// For wait().
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

    /// Awaits set(). If the event is set already, the coroutine does not wait for another set(); it
    /// continues through the queue, too. Only one coroutine may wait at a time. `where` is the line
    /// that a report of a stuck run names as the place of the wait.
    Wait wait(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    /// The value that means "set". It is the address of a member, so no operation has it.
    Operation* set_mark() const noexcept {
        return reinterpret_cast<Operation*>(const_cast<std::atomic<Operation*>*>(&state_));
    }

    CompletionQueue& queue_;
    std::atomic<Operation*> state_{nullptr};
};

/// An event that each wait() resets. Several calls of set() without a wait() between them count as
/// one. The queue must outlive it. It must not be destroyed while a coroutine waits.
class AutoResetEvent {
public:
    /// An event that is not set. Its waiter is resumed through `queue`.
    explicit AutoResetEvent(CompletionQueue& queue) noexcept : queue_(queue) {
        queue.created(this);
    }
    AutoResetEvent(const AutoResetEvent&) = delete;
    AutoResetEvent& operator=(const AutoResetEvent&) = delete;
    ~AutoResetEvent() { queue_.gone(this); }

    /// Sets the event; if a coroutine waits, resumes it through the queue instead. From any thread.
    /// The waiter may have destroyed this event when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        queue.touched(this);
        Operation* seen = state_.load(std::memory_order_relaxed);
        Operation* next = nullptr;
        // Written even if it is set already: a waiter that resets it must see what the caller did
        // before this set(), or the wake-up would be lost.
        do {
            const bool waited_for = seen != nullptr && seen != set_mark();
            next = waited_for ? nullptr : set_mark();
        } while (!state_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                               std::memory_order_relaxed));
        if (next == nullptr) queue.post(*seen);
    }

    /// What wait() returns, to be awaited at once. `co_await` gives nothing.
    class Wait final : public detail::AwaitedOperation<> {
    public:
        /// For wait().
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

    /// Awaits set(), and resets the event. If the event is set already, the coroutine does not wait
    /// for another set(); it continues through the queue, too. Only one coroutine may wait at a
    /// time. `where` is the line that a report of a stuck run names as the place of the wait.
    Wait wait(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    /// The value that means "set". It is the address of a member, so no operation has it.
    Operation* set_mark() const noexcept {
        return reinterpret_cast<Operation*>(const_cast<std::atomic<Operation*>*>(&state_));
    }

    CompletionQueue& queue_;
    std::atomic<Operation*> state_{nullptr};
};

}  // namespace drydock

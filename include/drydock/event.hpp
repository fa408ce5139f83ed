// Events, which any thread sets and one coroutine awaits. An AsyncEvent is set once; an
// AutoResetEvent can be set again and again.
//
// For exploration, an event is taken to hand over all that the setter knows, as it does where the
// setter writes to a variable that the waiter reads. An event that is made with `wakes_only` hands
// over nothing but the wake: what the waiter reads then is in a Monitor, or was there before. Then
// far fewer states count as different.
#pragma once

#include <atomic>

#include <drydock/task.hpp>

namespace drydock {

/// What an event hands over to its waiter, for exploration.
enum class WakesOnly : bool {
    no,  ///< it hands over all that the setter knows
    yes  ///< nothing but the wake
};
/// For the constructor of an event that hands over nothing but the wake.
inline constexpr WakesOnly wakes_only = WakesOnly::yes;

namespace detail {

/// What the simulator is told of an event, whose state is one pointer. It knows the event by that
/// pointer's address: a struct whose first member is an event may be known by its own.
class EventUse {
public:
    EventUse(CompletionQueue& queue, const void* event, bool wakes_only) noexcept
        : queue_(queue), event_(event), wakes_only_(wakes_only) {
        if (wakes_only_) {
            queue_.entered(event_);
        } else {
            queue_.touched(event_);
        }
    }
    static void created(CompletionQueue& queue, const void* event, bool wakes_only) noexcept {
        if (wakes_only) {
            constexpr std::uint64_t neither_set_nor_awaited = 0;
            queue.created_open(event);
            queue.left(event, view_of(neither_set_nor_awaited));
        } else {
            queue.created(event);
        }
    }
    /// The use has ended, and the event is set, or waited for, or neither. The event may be gone.
    void leaves(std::uint64_t state) const noexcept {
        if (wakes_only_) queue_.left(event_, view_of(state));
    }

private:
    CompletionQueue& queue_;
    const void* event_;
    const bool wakes_only_;
};

inline constexpr std::uint64_t event_is_set = 1;
inline constexpr std::uint64_t event_is_awaited = 2;

}  // namespace detail

/// An event that is set once and stays set. The queue must outlive it. It must not be destroyed
/// while a coroutine waits.
class AsyncEvent {
public:
    /// An event that is not set. Its waiter is resumed through `queue`.
    explicit AsyncEvent(CompletionQueue& queue, WakesOnly use = WakesOnly::no) noexcept
        : queue_(queue), wakes_only_(use == wakes_only) {
        detail::EventUse::created(queue, &state_, wakes_only_);
    }
    AsyncEvent(const AsyncEvent&) = delete;
    AsyncEvent& operator=(const AsyncEvent&) = delete;
    ~AsyncEvent() { queue_.gone(&state_); }

    /// Sets the event and resumes the waiter through the queue. From any thread. A second call does
    /// nothing. The waiter may have destroyed this event when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        const detail::EventUse use(queue, &state_, wakes_only_);
        Operation* waiter = state_.exchange(set_mark(), std::memory_order_acq_rel);
        use.leaves(detail::event_is_set);
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
            const detail::EventUse use(queue, &event_.state_, event_.wakes_only_);
            queue.waits(*this);
            Operation* expected = nullptr;
            const bool waiting = event_.state_.compare_exchange_strong(
                expected, this, std::memory_order_acq_rel, std::memory_order_acquire);
            use.leaves(waiting ? detail::event_is_awaited : detail::event_is_set);
            if (!waiting) queue.post(*this);
        }
        void await_resume() const noexcept {
            if (!event_.wakes_only_) event_.queue_.touched(&event_.state_);
        }

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
    const bool wakes_only_;
    std::atomic<Operation*> state_{nullptr};
};

/// An event that each wait() resets. Several calls of set() without a wait() between them count as
/// one. The queue must outlive it. It must not be destroyed while a coroutine waits.
class AutoResetEvent {
public:
    /// An event that is not set. Its waiter is resumed through `queue`.
    explicit AutoResetEvent(CompletionQueue& queue, WakesOnly use = WakesOnly::no) noexcept
        : queue_(queue), wakes_only_(use == wakes_only) {
        detail::EventUse::created(queue, &state_, wakes_only_);
    }
    AutoResetEvent(const AutoResetEvent&) = delete;
    AutoResetEvent& operator=(const AutoResetEvent&) = delete;
    ~AutoResetEvent() { queue_.gone(&state_); }

    /// Sets the event; if a coroutine waits, resumes it through the queue instead. From any thread.
    /// The waiter may have destroyed this event when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        const detail::EventUse use(queue, &state_, wakes_only_);
        Operation* seen = state_.load(std::memory_order_relaxed);
        Operation* next = nullptr;
        // Written even if it is set already: a waiter that resets it must see what the caller did
        // before this set(), or the wake-up would be lost.
        do {
            const bool waited_for = seen != nullptr && seen != set_mark();
            next = waited_for ? nullptr : set_mark();
        } while (!state_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,
                                               std::memory_order_relaxed));
        use.leaves(next == nullptr ? 0 : detail::event_is_set);
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
            const detail::EventUse use(queue, &event_.state_, event_.wakes_only_);
            queue.waits(*this);
            Operation* expected = nullptr;
            const bool waiting = event_.state_.compare_exchange_strong(
                expected, this, std::memory_order_acq_rel, std::memory_order_acquire);
            use.leaves(waiting ? detail::event_is_awaited : 0);
            if (waiting) return;
            event_.state_.exchange(nullptr, std::memory_order_acq_rel);
            queue.post(*this);
        }
        void await_resume() const noexcept {
            if (!event_.wakes_only_) event_.queue_.touched(&event_.state_);
        }

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
    const bool wakes_only_;
    std::atomic<Operation*> state_{nullptr};
};

}  // namespace drydock

// AsyncEvent: something that happens once, set from any thread, awaited by one coroutine.
#pragma once

#include <atomic>

#include <drydock/task.hpp>

namespace drydock {

class AsyncEvent {
public:
    explicit AsyncEvent(CompletionQueue& queue) noexcept : queue_(queue) {}

    /// From any thread; repeating it does nothing. The waiter is resumed through the queue, and may
    /// have ended this event's life when set() returns.
    void set() noexcept {
        CompletionQueue& queue = queue_;
        Operation* waiter = state_.exchange(&set_mark_, std::memory_order_acq_rel);
        if (waiter != nullptr && waiter != &set_mark_) queue.post(*waiter);
    }

    bool is_set() const noexcept { return state_.load(std::memory_order_acquire) == &set_mark_; }

    class Wait final : public detail::AwaitedOperation<> {
    public:
        Wait(AsyncEvent& event, std::source_location where) noexcept
            : AwaitedOperation(where), event_(event) {}
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            suspend(handle);
            CompletionQueue& queue = event_.queue_;
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
    class Mark final : public Operation {
    public:
        Mark() noexcept : Operation(nullptr) {}
    };

    CompletionQueue& queue_;
    Mark set_mark_;  // never started: its address stands for "set"
    std::atomic<Operation*> state_{nullptr};
};

}  // namespace drydock

// AsyncQueue: passes values from any thread to one awaiting coroutine, first in, first out.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <source_location>
#include <utility>

#include <drydock/mutex.hpp>
#include <drydock/task.hpp>

namespace drydock {

/// A queue of values from any thread to one awaiting coroutine, first in, first out. push() never
/// waits, so the pushing code must limit how many values are in the queue. A queue that is not
/// emptied fast enough is a bug that plenty of memory hides for a long time; so more values than
/// `bound` in the queue are a violation (Rule::queue_unbounded). The completion queue must outlive
/// it. It must not be destroyed while a coroutine waits.
template <typename T>
class AsyncQueue {
public:
    /// The bound of a queue whose constructor is given none, in values.
    static constexpr std::size_t default_bound = 65'536;

    /// An empty queue, whose waiter is resumed through `queue`. More than `bound` values in it at a
    /// time are a violation; `where` is printed in its error message, as the place where this queue
    /// was made.
    explicit AsyncQueue(CompletionQueue& queue, std::size_t bound = default_bound,
                        std::source_location where = std::source_location::current()) noexcept
        : queue_(queue), bound_(bound), where_(where) {
        queue.created(&mutex_);
    }
    AsyncQueue(const AsyncQueue&) = delete;
    AsyncQueue& operator=(const AsyncQueue&) = delete;
    ~AsyncQueue() { queue_.gone(&mutex_); }

    /// Appends `value`, and resumes the coroutine that waits, if one does. Never waits. From any
    /// thread. After close() the value is discarded. Throws std::bad_alloc, or what moving a T
    /// throws; then nothing is appended.
    void push(T value) {
        queue_.touched(&mutex_);
        Operation* waiter = nullptr;
        bool too_many = false;
        {
            const std::lock_guard lock(mutex_);
            if (closed_) return;
            values_.push_back(std::move(value));
            too_many = values_.size() > bound_;
            waiter = std::exchange(waiter_, nullptr);
        }
        if (too_many) queue_.violated({Rule::queue_unbounded, OperationKind::none, where_});
        if (waiter != nullptr) queue_.post(*waiter);
    }

    /// Closes the queue: when the values that are in it have been taken, pop() gives none. From any
    /// thread.
    void close() noexcept {
        queue_.touched(&mutex_);
        Operation* waiter = nullptr;
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
            waiter = std::exchange(waiter_, nullptr);
        }
        if (waiter != nullptr) queue_.post(*waiter);
    }

    /// What pop() returns, to be awaited at once. `co_await` gives a std::optional<T>.
    class Pop final : public detail::AwaitedOperation<> {
    public:
        /// For pop().
        Pop(AsyncQueue& values, std::source_location where) noexcept
            : AwaitedOperation(where), values_(values) {}
        template <typename Promise>
        bool await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            suspend(handle);
            CompletionQueue& queue = values_.queue_;
            queue.touched(&values_.mutex_);
            {
                const std::lock_guard lock(values_.mutex_);
                if (values_.values_.empty() && !values_.closed_) {
                    queue.waits(*this);
                    values_.waiter_ = this;
                    return true;
                }
            }
            return queue.start_step(*this);
        }
        std::optional<T> await_resume() { return values_.take(); }

    private:
        AsyncQueue& values_;
    };

    /// Awaits the next value, which is moved out of the queue; std::nullopt when the queue is
    /// closed and empty. Only one coroutine may pop. `where` is the line that a report of a stuck
    /// run names as the place of the wait.
    Pop pop(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    std::optional<T> take() {
        queue_.touched(&mutex_);
        const std::lock_guard lock(mutex_);
        if (values_.empty()) return std::nullopt;
        std::optional<T> value(std::move(values_.front()));
        values_.pop_front();
        return value;
    }

    CompletionQueue& queue_;
    const std::size_t bound_;
    const std::source_location where_;
    /// The simulator knows the queue by this address: a struct whose first member is a queue may be
    /// known by its own.
    Mutex mutex_;
    std::deque<T> values_;
    bool closed_ = false;
    Operation* waiter_ = nullptr;
};

}  // namespace drydock

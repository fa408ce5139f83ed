// Timers: to sleep, and to cancel what takes too long.
#pragma once

#include <drydock/task.hpp>

namespace drydock {

/// A timer that one coroutine awaits and any worker can cancel. It must outlive both uses: declare
/// it in the scope that joins the sleeping task.
class Timer {
public:
    /// A timer of `queue`, which must outlive it. `where` is the line that reports name as the
    /// place where its sleeps were started.
    explicit Timer(CompletionQueue& queue,
                   std::source_location where = std::source_location::current()) noexcept
        : queue_(queue), operation_(queue, where) {
        constexpr std::uint64_t no_cancel_to_come = 0;
        queue.created_open(&operation_);
        queue.left(&operation_, detail::view_of(no_cancel_to_come));
    }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { queue_.gone(&operation_); }

    /// Awaits `deadline`: `co_await` gives a bool. True: it has come. False: the timer was
    /// canceled. One coroutine at a time. Allocates nothing.
    auto until(Time deadline) noexcept { return Sleep(operation_, deadline); }
    /// Awaits a deadline that is `span` from now, as until() does. `span` must not be negative.
    auto after(Duration span) noexcept { return Sleep(operation_, later(queue_.now(), span)); }

    /// Cancels the sleep. If no coroutine sleeps, the next sleep is canceled instead
    /// (CompletionQueue::cancel). From any worker.
    void cancel() noexcept { queue_.cancel(operation_); }

private:
    class SleepOperation final : public detail::AwaitedOperation<> {
    public:
        SleepOperation(CompletionQueue& queue, std::source_location where) noexcept
            : AwaitedOperation(where), timers_(queue) {}

        template <typename Promise>
        void start(std::coroutine_handle<Promise> handle, Time deadline) noexcept {
            suspend(handle);
            timers_.start_timer(*this, deadline);
        }
        bool elapsed() const noexcept { return result_.ok(); }

    private:
        CompletionQueue& timers_;
    };

    class Sleep {
    public:
        Sleep(SleepOperation& operation, Time deadline) noexcept
            : operation_(operation), deadline_(deadline) {}
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
            operation_.start(handle, deadline_);
        }
        bool await_resume() const noexcept { return operation_.elapsed(); }

    private:
        SleepOperation& operation_;
        Time deadline_;
    };

    CompletionQueue& queue_;
    SleepOperation operation_;
};

/// A timeout: cancels `target` at `deadline`, unless timer.cancel() comes first. `target` is
/// anything with a cancel(): a socket, a listener, another timer. Returns true if the deadline
/// came. Spawn it beside the work, and join both:
///
///     TaskGroup group(queue);
///     Timer timer(queue);
///     group.spawn(cancel_at(timer, deadline, *socket));
///     ... co_await receive(*socket, buffer) ...
///     timer.cancel();
///     co_await group.join();
template <typename Target>
Task<bool> cancel_at(Timer& timer, Time deadline, Target& target) {
    const bool came = co_await timer.until(deadline);
    if (came) target.cancel();
    co_return came;
}

}  // namespace drydock

// An idle watch: cancels work on which nothing has moved for a span.
//
// The work calls moved() each time that it makes progress, which moves the deadline. A call costs a
// look at the clock and a store, and no system call: the watch's timer is not started anew. A
// coroutine of the watch sleeps until the deadline that it knows of, and then, if the deadline has
// moved meanwhile, until the new one. So it wakes at most once in a span, however much moves.
//
//     // Receives a file, and gives up when nothing has come for 30 seconds.
//     Task<Result> download(CompletionQueue& queue, AsyncSocket& socket, std::string& file) {
//         IdleWatch watch(queue, std::chrono::seconds(30));
//         TaskGroup watching(queue);
//         watching.spawn(cancel_when_idle(watch, socket));
//         ReceiveResult received;
//         do {
//             received = co_await receive(socket, 64 * 1024);
//             watch.moved();
//             file += as_text(received.bytes());
//         } while (received.ok() && !received.end_of_stream());
//         watch.stop();
//         co_await watching.join();
//         const Error error = watch.is_idle() ? Error::timed_out : received.error;
//         co_return Result{error, received.native, file.size()};
//     }
//
// For sends, send_all() with progress calls moved() after each part. A server with many connections
// uses the idle timeout of <drydock/server.hpp>, which has one timer for all of them.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <drydock/timer.hpp>

namespace drydock {

/// Finds out when nothing has moved for a span: the work calls moved(), and a task awaits
/// until_idle(). It must outlive that task and all callers of moved(): declare it in the scope that
/// joins the task. The queue must outlive it.
class IdleWatch {
public:
    /// A watch for `span`, which must be greater than 0, on the clock of `queue`. It is not running
    /// yet: see until_idle(). `where` is the line that a report of a stuck run names as the place
    /// of the wait.
    IdleWatch(CompletionQueue& queue, Duration span,
              std::source_location where = std::source_location::current()) noexcept
        : queue_(queue), span_(span), last_(queue.now()), timer_(queue, where) {
        queue.created_open(this);
    }
    IdleWatch(const IdleWatch&) = delete;
    IdleWatch& operator=(const IdleWatch&) = delete;
    ~IdleWatch() { queue_.gone(this); }

    /// Something has moved: the deadline is a span from now. From any worker, at any time.
    void moved() noexcept {
        queue_.entered(this);
        const Time now = queue_.now();
        Time last = last_.load(std::memory_order_relaxed);
        // Another worker may have stored a later time than the one that this worker has read.
        while (last < now && !last_.compare_exchange_weak(last, now, std::memory_order_relaxed)) {}
        queue_.left(this, StateView{this, &hash});
    }

    /// Waits until nothing has moved for the span, which begins anew with this call, or until `end`
    /// at the latest. True: that has come, and is_idle() says so from now on. False: stop() was
    /// called. One coroutine at a time. Most callers want cancel_when_idle().
    Task<bool> until_idle(Time end = never) {
        moved();
        for (;;) {
            const bool elapsed = co_await timer_.until(std::min(deadline(), end));
            if (!elapsed) co_return false;
            if (queue_.now() >= std::min(deadline(), end)) break;
        }
        queue_.entered(this);
        idle_.store(true, std::memory_order_release);
        queue_.left(this, StateView{this, &hash});
        co_return true;
    }

    /// Ends until_idle(), or the next call of it if none waits (as Timer::cancel() does). A stop
    /// that comes at the deadline may be too late: is_idle() tells. From any worker.
    void stop() noexcept { timer_.cancel(); }

    /// Whether until_idle() has returned true. From any worker.
    bool is_idle() const noexcept {
        queue_.entered(this);
        const bool idle = idle_.load(std::memory_order_acquire);
        queue_.left(this, StateView{this, &hash});
        queue_.learned(idle ? 1 : 0);
        return idle;
    }

private:
    Time deadline() const noexcept {
        queue_.entered(this);
        const Time last = last_.load(std::memory_order_relaxed);
        queue_.left(this, StateView{this, &hash});
        return later(last, span_);
    }
    static std::uint64_t hash(const void* watch) {
        const auto& self = *static_cast<const IdleWatch*>(watch);
        const Time last = self.last_.load(std::memory_order_relaxed);
        return hash_of({static_cast<std::uint64_t>(last.time_since_epoch().count()),
                        self.idle_.load(std::memory_order_relaxed) ? 1U : 0U});
    }

    CompletionQueue& queue_;
    const Duration span_;
    std::atomic<Time> last_;
    std::atomic<bool> idle_{false};
    Timer timer_;
};

/// Cancels `target` when the watch has found nothing moving for its span, or at `end`; ends without
/// that when watch.stop() comes first. `target` is anything with a cancel(): a socket, a listener,
/// a timer. Returns whether it has canceled it. Spawn it beside the work, and join both.
template <typename Target>
Task<bool> cancel_when_idle(IdleWatch& watch, Target& target, Time end = never) {
    const bool idle = co_await watch.until_idle(end);
    if (idle) target.cancel();
    co_return idle;
}

}  // namespace drydock

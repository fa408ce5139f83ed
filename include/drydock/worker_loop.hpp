// The worker loop: N threads take completions out of one queue until the main task has ended.
#pragma once

#include <atomic>

#include <drydock/queue.hpp>
#include <drydock/task.hpp>
#include <drydock/task_group.hpp>

namespace drydock {

/// Runs one main task on `workers` threads. The program makes the threads; each calls run() once.
///
///     WorkerLoop loop(queue, server.run(), 4);
///     std::vector<std::jthread> others;
///     for (int i = 0; i < 3; ++i) others.emplace_back([&] { loop.run(); });
///     loop.run();
///
/// The main task must join all that it has started. Then nothing is in flight when run() has
/// returned on every thread, and the sockets, the listeners and the queue can be destroyed. To end
/// the main task from outside, give the server a way to stop (an AsyncEvent that it awaits).
class WorkerLoop {
public:
    /// Takes ownership of the task `main` and starts it through `queue`, which must outlive the
    /// loop. `workers` is how many threads will call run(), at least 1. An exception that leaves
    /// `main` terminates the program. Throws std::bad_alloc.
    WorkerLoop(CompletionQueue& queue, Task<void> main, unsigned workers);

    /// Runs completions until the main task has ended. When it has, a posted operation wakes one
    /// worker after another, and run() returns on each.
    void run() noexcept;

private:
    class Sentinel final : public Operation {
    public:
        Sentinel() noexcept : Operation(&Sentinel::ignore) {}

    private:
        static void ignore(Operation&, const Result&) noexcept {}
    };

    Task<void> supervise(Task<void> main);

    CompletionQueue& queue_;
    TaskGroup group_;
    std::atomic<unsigned> working_;
    // One operation for all workers: each worker that leaves posts it again for the next one.
    // (Closing a completion port does not reliably wake the threads that wait on it.)
    Sentinel sentinel_;
};

}  // namespace drydock

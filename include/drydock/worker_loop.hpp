// The worker loop: N threads take completions out of one queue until the main task has ended.
#pragma once

#include <atomic>

#include <drydock/queue.hpp>
#include <drydock/task.hpp>
#include <drydock/task_group.hpp>

namespace drydock {

/// Runs one main task. Threads are the program's to make: each of `workers` threads calls run()
/// once.
///
///     WorkerLoop loop(queue, server.run(), 4);
///     std::vector<std::jthread> others;          // 3 of them: loop.run()
///     loop.run();
///
/// The main task joins all that it started, so nothing is in flight when run() returns.
class WorkerLoop {
public:
    WorkerLoop(CompletionQueue& queue, Task<void> main, unsigned workers);

    /// Works until the main task has ended and each worker has been told.
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
    // One for all: each worker that leaves posts it again for the next. (Closing a completion port
    // does not reliably wake those who wait on it.)
    Sentinel sentinel_;
};

}  // namespace drydock

// The loop that each worker runs, and how it ends.
#include <drydock/worker_loop.hpp>

#include <array>

namespace drydock {

WorkerLoop::WorkerLoop(CompletionQueue& queue, Task<void> main, unsigned workers)
    : queue_(queue), group_(queue), working_(workers) {
    group_.spawn(supervise(std::move(main)));
}

Task<void> WorkerLoop::supervise(Task<void> main) {
    co_await std::move(main);
    queue_.post(sentinel_);
}

void WorkerLoop::run() noexcept {
    std::array<Completion, 64> batch;
    bool told = false;
    while (!told) {
        const std::size_t count = queue_.wait(batch, never);
        for (std::size_t i = 0; i < count; ++i) {
            const Completion& completion = batch[i];
            told = told || completion.operation == &sentinel_;
            completion.operation->complete(completion.result);
        }
    }
    if (working_.fetch_sub(1) > 1) queue_.post(sentinel_);
}

}  // namespace drydock

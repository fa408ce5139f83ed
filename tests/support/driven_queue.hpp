// Coroutines in tests: a simulated queue without faults, a group to spawn into, and a pump.
#pragma once

#include <memory>
#include <utility>

#include <drydock/sim/run.hpp>
#include <drydock/task_group.hpp>

namespace drydock::test {

/// Runs coroutines on the simulator's queue. Faults are off unless given; a broken rule aborts.
class DrivenQueue {
public:
    explicit DrivenQueue(sim::FaultSet faults = {}, std::uint64_t seed = 1)
        : queue_(sim::make_queue(seed, faults)), group_(*queue_) {}

    CompletionQueue& queue() { return *queue_; }
    TaskGroup& group() { return group_; }

    /// Starts a task, or a callable that returns one, beside the others.
    template <typename Child>
    void spawn(Child child, std::source_location where = std::source_location::current()) {
        group_.spawn(std::move(child), where);
    }

    /// Hands on completions until nothing is ready at the present virtual time.
    void pump() { run_until(queue_->now()); }

    /// The same, and lets virtual time pass up to `deadline`.
    void run_until(Time deadline) {
        Completion completion;
        while (queue_->wait({&completion, 1}, deadline) == 1) {
            completion.operation->complete(completion.result);
        }
    }

    /// Hands on completions until all spawned tasks have ended. False: an hour of virtual time was
    /// not enough.
    bool finish() {
        const Time deadline = later(queue_->now(), std::chrono::hours(1));
        Completion completion;
        while (group_.size() > 0) {
            if (queue_->wait({&completion, 1}, deadline) == 0) return false;
            completion.operation->complete(completion.result);
        }
        return true;
    }

private:
    std::unique_ptr<CompletionQueue> queue_;
    TaskGroup group_;
};

}  // namespace drydock::test

// The workers of a queue: which operations are ready for each, which workers sleep, and when to
// wake one.
//
// A worker is a thread that has called wait(). An operation that becomes ready on a running worker
// (inside wait(), or in the program's code between two calls) goes to that worker's own list, which
// costs no system call: the worker will take it at its next wait(). An operation that becomes ready
// elsewhere, or is posted while some worker sleeps, goes to the shared list, and a sleeping worker
// is woken.
//
// The contract does not promise that a worker returns to wait(): a thread may call wait() once and
// never again, or stay in the program's code for long. So while one worker sleeps and another is
// outside of wait(), one sleeper is the watcher. Every few milliseconds it checks which workers
// have not returned since its last check, takes over the operations that are ready for those, and
// makes them use the shared list until they return. When every worker is in wait(), or is known to
// be away, no watcher is needed and nothing is polled.
//
// Two threads that each write one variable and then read the other's must not both miss the other's
// write. These pairs are sequentially consistent: sleepers_ with shared_size_ (share /
// fall_asleep), with outside_ (leave / fall_asleep), and with the earliest timer
// (SharedTimers::start / TimerWatch::fall_asleep).
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <drydock/queue.hpp>

#include "platform/common/thread_workers.hpp"
#include "platform/epoll/record.hpp"

namespace drydock::epoll {

class Workers;

/// One thread's part in one queue.
struct alignas(64) Worker {
    enum class Place : std::uint8_t {
        waiting,  // in wait()
        outside,  // in the program's code; will be back
        away      // outside for so long that nothing is kept for it any more
    };

    Workers* home = nullptr;       // null when the queue has ended: see ThreadWorkers
    unsigned rounds_in_a_row = 0;  // without a look at epoll; the worker's own

    std::mutex mutex;  // guards the rest
    OperationList ready;
    Place place = Place::away;
    std::uint64_t round = 0;          // how often it entered wait()
    std::uint64_t watched_round = 0;  // what `round` was when a watcher looked last
};

class Workers {
public:
    /// `wake_file` is an eventfd that epoll watches, edge triggered, so that it need not be read.
    explicit Workers(int wake_file) noexcept;
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers();

    /// The calling thread begins and ends a wait().
    Worker& enter() noexcept;
    void leave(Worker& me) noexcept;

    /// Takes out what is ready for this worker, and what is shared.
    std::size_t take(Worker& me, std::span<Completion> completions) noexcept;

    /// The operation has its result in its record. The calling thread may touch it no more.
    void finish(Operation& operation) noexcept;
    /// The same, for an operation that the first free worker should take, sleepers included.
    void post(Operation& operation) noexcept;

    /// Whether the calling thread will soon be in wait() and see for itself what it changed.
    bool caller_comes_back() noexcept;
    /// Makes one sleeper, if there is any, look again at all that it waits for.
    void wake_sleeper() noexcept;
    /// The eventfd's event was taken out of epoll.
    void woken() noexcept { wake_pending_.store(false); }

    /// A worker that found nothing: how long it may sleep.
    struct Nap {
        Time until = never;
        bool watching = false;
    };
    Nap fall_asleep(Worker& me) noexcept;
    void wake_up(const Nap& nap) noexcept;

    /// The calling thread ends. For the thread's own bookkeeping.
    void detach(Worker& worker) noexcept;

private:
    static constexpr Duration watch_period = std::chrono::milliseconds(10);

    Worker& attach();
    void share(OperationList& list) noexcept;
    std::size_t take_own(Worker& me, std::span<Completion> completions) noexcept;
    std::size_t take_shared(std::span<Completion> completions) noexcept;
    bool inspect_others(Worker& me) noexcept;
    void take_over(Worker& other, OperationList& list) noexcept;

    platform::ThreadWorkers<Worker> threads_;
    const int wake_file_;

    std::mutex workers_mutex_;
    std::vector<std::shared_ptr<Worker>> workers_;

    std::mutex shared_mutex_;
    OperationList shared_;

    alignas(64) std::atomic<std::size_t> shared_size_{0};  // written with shared_mutex_ held
    std::atomic<unsigned> sleepers_{0};
    std::atomic<unsigned> outside_{0};  // workers whose place is outside
    std::atomic<bool> wake_pending_{false};
    std::atomic<bool> watched_{false};
    std::atomic<Time> next_inspection_{Time::min()};
};

}  // namespace drydock::epoll

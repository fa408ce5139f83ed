// The workers of a queue: which operations are ready for each, which requests each has to submit,
// which workers sleep, and when to wake one.
//
// A worker is a thread that has called wait(). It has a ring of its own (ring.hpp), which no other
// thread can use. A start on a worker goes to that worker's list; the worker submits the whole list
// to its ring when it is in wait() and has nothing else to do. A start on any other thread goes to
// a shared list, and a cancel goes to the worker in whose ring the request is. Both wake a sleeping
// worker.
//
// An operation that becomes ready without a ring goes to the list of the worker that made it so.
// From another thread, and where some worker sleeps, it goes to a shared list, as in
// platform/epoll.
//
// A thread may call wait() once and never again, or stay in the program's code for long. So while
// one worker sleeps and another is outside of wait(), one sleeper is the watcher. Every few
// milliseconds it checks which workers have not returned since its last check. It takes over the
// operations that are ready for those, and the starts that they have not submitted to their rings,
// and makes them use the shared lists until they return. A thread that ends cancels the requests in
// its ring and leaves them to other workers to start again. Requests that the kernel holds for a
// worker that stays away cannot be taken over: they complete when that worker returns or ends.
//
// Locks, in the order in which they may be taken: inspection_mutex_, a requester's, workers_mutex_,
// a worker's. The locks of the shared lists and of the sleepers come last.
//
// Two threads that each write one variable and then read the other's must not both miss the other's
// write. These pairs are sequentially consistent: sleepers_ with shared_size_ and
// shared_starts_size_ (share / fall_asleep), with outside_ (leave / fall_asleep), and with the
// earliest timer (SharedTimers::start / TimerWatch::fall_asleep).
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

#include "platform/common/buffer_pool.hpp"
#include "platform/common/file_posix.hpp"
#include "platform/common/shared_timers.hpp"
#include "platform/common/thread_workers.hpp"
#include "platform/uring/record.hpp"
#include "platform/uring/ring.hpp"

namespace drydock::uring {

class Workers;

/// What one wait() gives.
class Batch {
public:
    explicit Batch(std::span<Completion> completions) noexcept : completions_(completions) {}

    std::size_t count() const noexcept { return count_; }
    bool full() const noexcept { return count_ == completions_.size(); }

    /// From the moment of the count-down on, the owner of the socket may destroy it as far as this
    /// operation is concerned.
    void add(Operation& operation, const Result& result,
             std::atomic<std::uint32_t>* in_flight) noexcept {
        completions_[count_++] = {&operation, result};
        if (in_flight != nullptr) {
            in_flight->fetch_sub(1, std::memory_order_release);
        }
    }

private:
    std::span<Completion> completions_;
    std::size_t count_ = 0;
};

/// One thread's part in one queue.
struct alignas(64) Worker {
    enum class Place : std::uint8_t {
        waiting,  // in wait()
        outside,  // in the program's code; will be back
        away      // outside for so long that nothing is kept for it any more
    };

    Workers* home = nullptr;  // null when the queue has ended: see ThreadWorkers
    platform::File wake_file;

    // The worker's own.
    std::unique_ptr<Ring> ring;    // null: the system had none, so far
    Batch* batch = nullptr;        // inside wait()
    unsigned rounds_in_a_row = 0;  // without a look at the ring

    std::atomic<bool> asleep{false};  // set with the lock held

    std::mutex mutex;  // guards the rest
    OperationList ready;
    RequestList starts;
    MailList cancels;
    bool has_ring = false;
    Place place = Place::away;
    std::uint64_t round = 0;          // how often it entered wait()
    std::uint64_t watched_round = 0;  // what `round` was when a watcher looked last
};

class Workers {
public:
    explicit Workers(platform::BufferPool& pool) noexcept;
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() { close_rings(); }
    /// Rings for so many workers; more may come. False: the system gives not even one, and errno
    /// says why.
    bool prepare(unsigned count);
    /// The queue ends: threads that wait()ed for it have nothing to do with it any more.
    void close_rings() noexcept;

    // For wait(), by its thread.

    Worker& enter() noexcept;
    void leave(Worker& me) noexcept;
    /// Puts into the batch what is ready for this worker, what is shared, and its ring's events.
    void take(Worker& me) noexcept;
    /// Submits starts and cancels to the ring, and waits for events until `until` at the latest.
    void sleep(Worker& me, Time until, platform::TimerWatch& timers) noexcept;
    /// The same without waiting.
    void look(Worker& me) noexcept;

    // Operations that are finished. The calling thread may touch them no more.

    /// The operation has its result in its record.
    void finish(Operation& operation) noexcept;
    /// The same, for an operation that the first free worker should take, sleepers included.
    void post(Operation& operation) noexcept;
    /// By a requester's completed().
    void finish(Worker& me, Operation& operation, const Result& result,
                std::atomic<std::uint32_t>* in_flight) noexcept;

    // Requests. With the requester's lock held.

    /// Brings a request to a ring: the calling worker's if it is one.
    void start(Request& request) noexcept;
    /// The same, to one worker's after another.
    void start_at_the_next(Request& request) noexcept;
    /// By a requester's completed(): this request has to be made once more.
    void restart(Worker& me, Request& request) noexcept;
    /// Makes completed() come soon: most likely with ECANCELED.
    void cancel(Request& request) noexcept;
    /// The first act of completed(), for a request of which no more comes.
    static void settle(Request& request) noexcept;

    /// Whether the calling thread will soon be in wait() and see for itself what it changed.
    bool caller_comes_back() noexcept;
    /// Makes one sleeper, if there is any, look again at all that it waits for.
    void wake_sleeper() noexcept;

    /// The calling thread ends. For the thread's own bookkeeping.
    void detach(Worker& worker) noexcept;

private:
    static constexpr Duration watch_period = std::chrono::milliseconds(10);

    struct Nap {
        Time until = never;
        bool watching = false;
    };

    Worker& attach();
    void open_ring(Worker& worker) noexcept;
    static void enable_ring(Worker& me) noexcept;
    void share(OperationList& list) noexcept;
    void share(Request& request) noexcept;
    bool start_at(Worker& worker, Request& request) noexcept;
    void mail(Worker& home, Request& request) noexcept;
    void take_own(Worker& me) noexcept;
    void take_shared(Worker& me) noexcept;
    void take_events(Worker& me) noexcept;
    void take_shared_starts(Worker& me) noexcept;
    void adopt(RequestList& requests, Worker* worker) noexcept;
    void tell_ring(Worker& me, bool going_to_sleep) noexcept;
    void drain(Worker& worker) noexcept;
    void doze(Worker& me, Time until) noexcept;
    Nap fall_asleep(Worker& me) noexcept;
    void wake_up(Worker& me, const Nap& nap) noexcept;
    bool inspect_others(Worker& me) noexcept;
    void take_over(Worker& other, OperationList& ready, RequestList& starts) noexcept;

    platform::ThreadWorkers<Worker> threads_;
    platform::BufferPool& pool_;

    std::mutex inspection_mutex_;  // held to take work over, and to end

    std::mutex workers_mutex_;
    std::vector<std::shared_ptr<Worker>> workers_;
    std::vector<std::shared_ptr<Worker>> prepared_;  // for threads that have not come yet
    std::size_t next_worker_ = 0;

    std::mutex shared_mutex_;
    OperationList shared_;
    RequestList shared_starts_;

    std::mutex sleepers_mutex_;
    std::vector<Worker*> asleep_;

    alignas(64) std::atomic<std::size_t> shared_size_{0};  // written with shared_mutex_ held
    std::atomic<std::size_t> shared_starts_size_{0};       // the same
    std::atomic<std::size_t> sleepers_{0};                 // written with sleepers_mutex_ held
    std::atomic<unsigned> outside_{0};                     // workers whose place is outside
    std::atomic<bool> watched_{false};
    std::atomic<Time> next_inspection_{Time::min()};
};

}  // namespace drydock::uring

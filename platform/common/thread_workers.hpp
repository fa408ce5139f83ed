// Finds the worker that a thread is in a queue.
//
// A worker is one thread's part in one queue. It is made when the thread calls wait() there for the
// first time. A thread may wait on several queues, and has a worker in each. Every start and every
// completion looks up its thread's worker, so the look-up must cost next to nothing: a thread
// remembers its worker in the queue that it used last, which nearly always is the one looked up.
//
// Threads and queues end in any order, and at the same time. A worker's `home` says whether its
// queue still exists. It is changed and used with a lock held that all queues share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace drydock::platform {

/// One queue's look at the threads. A Worker has a member `home`: a pointer to something with a
/// detach(Worker&), which is called when the worker's thread ends before the queue.
template <typename Worker>
class ThreadWorkers {
public:
    ThreadWorkers() noexcept = default;
    ThreadWorkers(const ThreadWorkers&) = delete;
    ThreadWorkers& operator=(const ThreadWorkers&) = delete;

    /// The calling thread's worker. Null: it has none here.
    Worker* find_caller() const noexcept {
        if (last_used_.id != id_) {
            Worker* const worker = thread_ != nullptr ? thread_->find(id_) : nullptr;
            if (worker == nullptr) {
                return nullptr;
            }
            last_used_ = {id_, worker};
        }
        return last_used_.worker;
    }

    /// From here on this is the calling thread's worker. Its home is set.
    void add_caller(std::shared_ptr<Worker> worker) {
        of_this_thread().add(id_, std::move(worker));
    }

    /// The queue ends: its threads have nothing to do with it any more. (The vector itself, since a
    /// thread that ends at the same time takes its worker out of it.)
    static void end(const std::vector<std::shared_ptr<Worker>>& workers) noexcept {
        const std::lock_guard lock(homes_mutex_);
        for (const std::shared_ptr<Worker>& worker : workers) {
            worker->home = nullptr;
        }
    }

private:
    struct Entry {
        std::uint64_t id = 0;
        Worker* worker = nullptr;
    };

    /// A thread's workers of all queues that it has waited on.
    class Thread {
    public:
        ~Thread() {
            last_used_ = {};
            const std::lock_guard lock(homes_mutex_);
            for (const auto& [id, worker] : workers_) {
                if (worker->home != nullptr) {
                    worker->home->detach(*worker);
                }
            }
        }

        Worker* find(std::uint64_t id) const noexcept {
            for (const auto& [other, worker] : workers_) {
                if (other == id) {
                    return worker.get();
                }
            }
            return nullptr;
        }

        void add(std::uint64_t id, std::shared_ptr<Worker> worker) {
            const std::lock_guard lock(homes_mutex_);
            std::erase_if(workers_,
                          [](const auto& entry) { return entry.second->home == nullptr; });
            workers_.emplace_back(id, std::move(worker));
        }

    private:
        std::vector<std::pair<std::uint64_t, std::shared_ptr<Worker>>> workers_;
    };

    /// Ends a thread's list with the thread.
    struct Owner {
        ~Owner() {
            over_ = true;
            const std::unique_ptr<Thread> ended(std::exchange(thread_, nullptr));
        }
    };

    /// The destructors of static objects run after those of the main thread's thread_local ones,
    /// and may wait on a queue. The list of workers that they need is never deleted.
    static Thread& of_this_thread() {
        if (thread_ == nullptr) {
            thread_ = new Thread;  // tidy: allow(banned-call) Owner deletes it
            if (!over_) {
                static thread_local const Owner owner;
            }
        }
        return *thread_;
    }

    static inline std::mutex homes_mutex_;
    static inline std::atomic<std::uint64_t> next_id_{1};
    static inline constinit thread_local Entry last_used_;
    static inline constinit thread_local Thread* thread_ = nullptr;
    static inline constinit thread_local bool over_ = false;

    // Tells queues apart, also those that lived at the same address.
    const std::uint64_t id_ = next_id_.fetch_add(1);
};

}  // namespace drydock::platform

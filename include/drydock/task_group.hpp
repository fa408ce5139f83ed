// TaskGroup: structured concurrency. Its tasks run concurrently, and join() waits for all of them.
//
// A child is started through the queue: any worker may run it, and in the simulator the schedule
// decides when. A group must be joined before it is destroyed (Rule::task_group_not_joined), so no
// child outlives the scope of its group. To stop the children, cancel what they wait for (their
// sockets, listeners and timers), and then join.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include <drydock/task.hpp>

namespace drydock {

namespace detail {

/// The coroutine frame at the bottom of each spawned chain.
struct RootPromise;

class Root {
public:
    using promise_type = RootPromise;
    explicit Root(RootPromise& promise) noexcept : promise_(&promise) {}
    RootPromise& promise() const noexcept { return *promise_; }

private:
    RootPromise* promise_;
};

}  // namespace detail

class TaskGroup {
public:
    explicit TaskGroup(CompletionQueue& queue,
                       std::source_location where = std::source_location::current()) noexcept
        : queue_(queue), where_(where) {
        queue.created(this);
    }
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    /// Takes ownership of the task and starts it through the queue. From any worker, as long as the
    /// group is going to be joined. An exception that leaves the task terminates the program.
    template <typename T>
    void spawn(Task<T> task) {
        start(run(std::move(task)));
    }

    /// The number of children that have not ended.
    std::size_t size() const noexcept;

    class Join final {
    public:
        Join(TaskGroup& group, std::source_location where) noexcept
            : group_(group), where_(where) {}
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) {
            end_ = std::make_unique<detail::Resumption>(where_);
            end_->suspend(handle);
            group_.start_join(*end_);
        }
        void await_resume() const noexcept {}

    private:
        TaskGroup& group_;
        std::source_location where_;
        std::unique_ptr<detail::Resumption> end_;
    };

    /// Awaits the end of all children, including those that are spawned meanwhile. Only one
    /// coroutine may join at a time. The group can be used again afterwards.
    Join join(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    friend detail::RootPromise;

    template <typename T>
    static detail::Root run(Task<T> task) {
        static_cast<void>(co_await std::move(task));
    }

    void start(detail::Root root) noexcept;
    void start_join(Operation& joiner) noexcept;
    void ended(detail::RootPromise& root) noexcept;

    CompletionQueue& queue_;
    std::source_location where_;
    mutable std::mutex mutex_;
    detail::RootPromise* first_ = nullptr;
    std::size_t size_ = 0;
    Operation* joiner_ = nullptr;
};

namespace detail {

struct RootPromise : PromiseBase {
    class Start final : public Operation {
    public:
        explicit Start(RootPromise& root) noexcept : Operation(&Start::run), root_(root) {}

    private:
        static void run(Operation& operation, const Result&) noexcept;
        RootPromise& root_;
    };

    struct Ended {
        Ended() noexcept {}
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<RootPromise> handle) const noexcept;
        void await_resume() const noexcept {}
    };

    RootPromise() : start(std::make_unique<Start>(*this)) { context = &own_context; }

    Root get_return_object() noexcept { return Root(*this); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Ended final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }

    TaskContext own_context;
    std::unique_ptr<Start> start;  // until the chain has been started
    TaskGroup* group = nullptr;
    RootPromise* next = nullptr;
    RootPromise* previous = nullptr;
};

}  // namespace detail
}  // namespace drydock

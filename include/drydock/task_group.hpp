// TaskGroup: structured concurrency. Its tasks run concurrently, and join() waits for all of them.
//
// A child is started through the queue: any worker may run it, and in the simulator the schedule
// decides when. A group must be joined before it is destroyed (Rule::task_group_not_joined), so no
// child outlives the scope of its group. To stop the children, cancel what they wait for (their
// sockets, listeners and timers), and then join.
//
//     TaskGroup group(queue);
//     group.spawn(serve(std::move(socket)));                  // a task
//     group.spawn([&log, name]() -> Task<void> { ... });      // a callable that makes one
//     co_await group.join();
//
// A lambda that is a coroutine has its captures in the lambda, not in the coroutine. So spawn the
// lambda, as above, and not the task that a call of it returns: in
//
//     group.spawn([&log, name]() -> Task<void> { ... }());    // wrong
//
// the lambda ends with the statement, and the coroutine, which starts later, uses its captures
// after their end.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <type_traits>

#include <drydock/mutex.hpp>
#include <drydock/task.hpp>

namespace drydock {

namespace detail {

/// The coroutine frame at the bottom of each spawned chain.
struct RootPromise;

/// Owns the frame until release().
class Root {
public:
    using promise_type = RootPromise;
    explicit Root(RootPromise& promise) noexcept : promise_(&promise) {}
    Root(const Root&) = delete;
    Root& operator=(const Root&) = delete;
    ~Root();
    RootPromise& promise() const noexcept { return *promise_; }
    void release() noexcept { promise_ = nullptr; }

private:
    RootPromise* promise_;
};

template <typename>
inline constexpr bool is_task = false;
template <typename T>
inline constexpr bool is_task<Task<T>> = true;

/// Can be called without arguments, and returns a Task.
template <typename Function>
concept MakesTask = std::invocable<Function&> && is_task<std::invoke_result_t<Function&>>;

}  // namespace detail

/// Tasks that run concurrently and are waited for together. <drydock/task_group.hpp> explains how
/// they are started and stopped. Its queue must outlive the group.
class TaskGroup {
public:
    /// A group without children, which starts them through `queue`.
    explicit TaskGroup(CompletionQueue& queue) noexcept : queue_(queue) {
        queue.created_open(&first_);
    }
    TaskGroup(const TaskGroup&) = delete;
    TaskGroup& operator=(const TaskGroup&) = delete;
    ~TaskGroup();

    /// Takes ownership of `task` and starts it through the queue. From any worker, as long as the
    /// group is going to be joined. An exception that leaves the task terminates the program.
    /// Reports name `where` as the place where the child was started. Throws std::bad_alloc; then
    /// the task is not started.
    template <typename T>
    void spawn(Task<T> task, std::source_location where = std::source_location::current()) {
        start(run(std::move(task)), where);
    }

    /// The same for a `function` that returns a task, such as a lambda. The callable is moved into
    /// the child, which calls it on the worker that starts the child, and keeps it until the task
    /// has ended. What it captures by reference must live until join() has returned.
    template <detail::MakesTask Function>
    void spawn(Function function, std::source_location where = std::source_location::current()) {
        start(run_callable(std::move(function)), where);
    }

    /// The number of children that have not ended. From any thread; another worker may change it at
    /// once.
    std::size_t size() const noexcept;

    /// What join() returns, to be awaited at once. `co_await` gives nothing.
    class Join final {
    public:
        /// For join().
        Join(TaskGroup& group, std::source_location where) noexcept
            : group_(group), where_(where) {}
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) {
            end_ = std::make_unique<detail::Resumption>(where_);
            end_->suspend(handle);
            group_.start_join(*end_);
        }
        void await_resume() const noexcept { group_.queue_.touched(&group_.first_); }

    private:
        TaskGroup& group_;
        std::source_location where_;
        std::unique_ptr<detail::Resumption> end_;
    };

    /// Awaits the end of all children, including those that are spawned meanwhile. Only one
    /// coroutine may join at a time. The group can be used again afterwards. The awaiting allocates
    /// one operation (std::bad_alloc). `where` is the line that a report of a stuck run names as
    /// the place of the wait.
    Join join(std::source_location where = std::source_location::current()) noexcept {
        return {*this, where};
    }

private:
    friend detail::RootPromise;

    template <typename T>
    static detail::Root run(Task<T> task) {
        static_cast<void>(co_await std::move(task));
    }
    template <typename Function>
    static detail::Root run_callable(Function function) {
        static_cast<void>(co_await function());
    }

    void start(detail::Root root, std::source_location where);
    void start_join(Operation& joiner) noexcept;
    void ended(detail::RootPromise& root) noexcept;

    CompletionQueue& queue_;
    mutable Mutex mutex_;
    /// The simulator knows the group by this address: a struct whose first member is a group may be
    /// known by its own.
    detail::RootPromise* first_ = nullptr;
    std::size_t size_ = 0;
    Operation* joiner_ = nullptr;
};

namespace detail {

struct RootPromise : PromiseBase {
    class Start final : public Operation {
    public:
        Start(RootPromise& root, std::source_location where) noexcept
            : Operation(&Start::run, where), root_(root) {}

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

    RootPromise() noexcept { context = &own_context; }

    Root get_return_object() noexcept { return Root(*this); }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    Ended final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() noexcept { std::terminate(); }

    TaskContext own_context;
    std::unique_ptr<Start> start;  // until the chain has been started
    std::source_location spawned;
    TaskGroup* group = nullptr;
    RootPromise* next = nullptr;
    RootPromise* previous = nullptr;
};

}  // namespace detail
}  // namespace drydock

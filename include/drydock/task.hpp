// Task: a coroutine that starts when another coroutine awaits it.
//
//     Task<int> count(AsyncSocket& socket);      // int n = co_await count(socket);
//
// Implementation: no coroutine resumes another one from inside itself. It stores the coroutine to
// run next in the trampoline of the worker that runs the chain, and returns there. So the depth of
// the stack does not depend on the length of a chain. Symmetric transfer promises the same, but it
// needs tail calls, which compilers do not make at -O0 or under the sanitizers.
//
// The trampoline is on the worker's stack and not in the coroutine: once a coroutine has started an
// operation, another worker may run it already, and the first worker must not touch it again.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include <drydock/queue.hpp>

namespace drydock {

template <typename T = void>
class Task;

namespace detail {

struct Trampoline {
    std::coroutine_handle<> next;
};

/// What the coroutines of one chain share. A chain is a spawned task and all tasks that it awaits.
struct TaskContext {
    CompletionQueue* queue = nullptr;
    Trampoline* trampoline = nullptr;

    /// Runs the chain, starting with `handle`, until it waits for an operation or ends.
    void resume(std::coroutine_handle<> handle) noexcept {
        Trampoline here{handle};
        trampoline = &here;
        while (here.next) std::exchange(here.next, nullptr).resume();
    }
};

struct PromiseBase {
    TaskContext* context = nullptr;
};

struct TaskPromiseBase : PromiseBase {
    std::coroutine_handle<> continuation;
    std::exception_ptr exception;

    struct FinalAwaiter {
        FinalAwaiter() noexcept {}
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> handle) const noexcept {
            TaskPromiseBase& promise = handle.promise();
            promise.context->trampoline->next = promise.continuation;
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    FinalAwaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { exception = std::current_exception(); }
};

template <typename T>
struct TaskPromise : TaskPromiseBase {
    std::optional<T> value;

    Task<T> get_return_object() noexcept;
    template <typename U>
    void return_value(U&& result) {
        value.emplace(std::forward<U>(result));
    }
    T take() {
        if (exception) std::rethrow_exception(exception);
        return std::move(*value);
    }
};

template <>
struct TaskPromise<void> : TaskPromiseBase {
    Task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const {
        if (exception) std::rethrow_exception(exception);
    }
};

}  // namespace detail

/// A coroutine that starts when it is awaited, and resumes its awaiter when it has ended. It can be
/// awaited once. An exception that leaves the coroutine is rethrown by the co_await.
///
/// A Task owns its coroutine frame. Destroying a Task that was never awaited, or that has ended, is
/// allowed. A Task that is suspended must not be destroyed: its frame contains the operation that
/// it waits for, which would be destroyed in flight (Rule::operation_destroyed_in_flight). To end a
/// task early, cancel what it waits for, and let it run to its end.
template <typename T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::TaskPromise<T>;

    /// Takes the coroutine over; `other` has none afterwards and must not be awaited.
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    /// Exchanges the coroutines of the two tasks.
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    /// What `co_await` uses. It gives what the coroutine returns.
    class Awaiter {
    public:
        /// For operator co_await().
        explicit Awaiter(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
        bool await_ready() const noexcept { return false; }
        template <typename Promise>
        void await_suspend(std::coroutine_handle<Promise> awaiting) const noexcept {
            promise_type& promise = handle_.promise();
            promise.context = awaiting.promise().context;
            promise.continuation = awaiting;
            promise.context->trampoline->next = handle_;
        }
        T await_resume() const { return handle_.promise().take(); }

    private:
        std::coroutine_handle<promise_type> handle_;
    };

    /// Starts the coroutine on the worker that awaits. For a temporary or a moved task: `co_await
    /// count(socket)`, `co_await std::move(task)`. Only a coroutine of a chain that a TaskGroup or
    /// a WorkerLoop has started can await.
    Awaiter operator co_await() && noexcept { return Awaiter(handle_); }

private:
    friend promise_type;
    explicit Task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

    std::coroutine_handle<promise_type> handle_;
};

template <typename T>
Task<T> detail::TaskPromise<T>::get_return_object() noexcept {
    return Task<T>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

inline Task<void> detail::TaskPromise<void>::get_return_object() noexcept {
    return Task<void>(std::coroutine_handle<TaskPromise>::from_promise(*this));
}

namespace detail {

/// Base of the awaitables: an operation whose completion resumes the coroutine that awaits it.
template <typename Base = Operation>
class AwaitedOperation : public Base {
public:
    explicit AwaitedOperation(std::source_location where) noexcept
        : Base(&AwaitedOperation::completed, where) {}

    bool await_ready() const noexcept { return false; }

protected:
    AwaitedOperation(Operation::Function function, std::source_location where) noexcept
        : Base(function, where) {}
    ~AwaitedOperation() = default;

    /// Called before the start. After the start, no member may be touched: another worker may be
    /// resuming the coroutine, which destroys this object.
    template <typename Promise>
    void suspend(std::coroutine_handle<Promise> handle) noexcept {
        handle_ = handle;
        context_ = handle.promise().context;
    }

    CompletionQueue& queue() const noexcept { return *context_->queue; }
    void resume() noexcept { context_->resume(handle_); }

    Result result_;

private:
    static void completed(Operation& operation, const Result& result) noexcept {
        auto& self = static_cast<AwaitedOperation&>(operation);
        self.result_ = result;
        self.resume();
    }

    std::coroutine_handle<> handle_;
    TaskContext* context_ = nullptr;
};

/// A heap-allocated operation, which an awaitable makes only when it has to wait. An operation is
/// large; as a member of the awaitable it would enlarge the coroutine's frame for its whole life.
class Resumption final : public AwaitedOperation<> {
public:
    using AwaitedOperation::AwaitedOperation;
    using AwaitedOperation::suspend;
};

}  // namespace detail
}  // namespace drydock

// Task: a lazily started coroutine that another coroutine awaits, and the trampoline that runs
// them.
//
// No coroutine ever resumes another from inside itself. Each puts the one to run next into the
// trampoline of the worker that is resuming the chain, and returns there. So the depth of the stack
// does not depend on the depth or length of a chain, whatever the compiler's optimisation;
// symmetric transfer promises the same but needs tail calls, which neither -O0 nor the sanitizers
// make.
//
// The trampoline lives on the worker's stack, not in the coroutine: once a coroutine has started an
// operation, another worker may already be running it, and the first one must not look at it again.
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

/// What the coroutines of one chain (a spawned task and all that it awaits) share.
struct TaskContext {
    CompletionQueue* queue = nullptr;
    Trampoline* trampoline = nullptr;

    /// Runs the chain, from `handle` on, until it waits for an operation or ends.
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

/// A coroutine that starts when it is awaited, once, and resumes its awaiter when it has ended. An
/// exception that leaves it is thrown again from the co_await. Destroying a Task that waits
/// destroys its frame, and what the frame holds.
template <typename T>
class [[nodiscard]] Task {
public:
    using promise_type = detail::TaskPromise<T>;

    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~Task() {
        if (handle_) handle_.destroy();
    }

    class Awaiter {
    public:
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

/// An operation whose completion resumes the coroutine that awaits it.
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

    /// To be called before the start. After the start, nothing here may be touched.
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

/// One that an awaitable makes when it has to wait: an operation is large, and as a part of the
/// awaitable it would be a part of the coroutine's frame from the beginning to the end.
class Resumption final : public AwaitedOperation<> {
public:
    using AwaitedOperation::AwaitedOperation;
    using AwaitedOperation::suspend;
};

}  // namespace detail
}  // namespace drydock

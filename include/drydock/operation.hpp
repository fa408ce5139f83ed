// The operation: a record of one asynchronous request, and its result.
//
// An Operation is the analogue of Win32's OVERLAPPED. The caller owns it. It is neither copied nor
// moved, and it has room inside for the backend's record, so that a start allocates nothing. It is
// in flight from its start to its completion. In that time it must not be started again
// (Rule::operation_reused_in_flight) or destroyed (Rule::operation_destroyed_in_flight).
//
// Usually an operation is a part of the awaitable in the frame of the coroutine that awaits it
// (<drydock/io.hpp>). That coroutine is suspended until the completion, so it cannot end too early
// by itself. A program can still break the rule: by destroying a suspended Task, or by keeping
// operations in an object that it frees too early.
//
// Every operation that is started completes exactly once, and always through
// CompletionQueue::wait(). That includes operations that succeed or fail immediately, and canceled
// ones. Starts have no return value, so there is none to forget.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <source_location>
#include <string_view>
#include <type_traits>
#include <utility>

#include <drydock/buffer.hpp>
#include <drydock/error.hpp>

namespace drydock {

class AsyncSocket;
class CompletionQueue;

/// The result of an operation.
struct Result {
    Error error = Error::ok;
    /// The operating system's code for `error`; 0 if it gave none. For logs. Programs must not
    /// decide by it: it differs between systems, and the simulator gives 0.
    std::int32_t native = 0;
    /// The bytes received or sent. A send that failed may have sent some: then both are set.
    std::size_t bytes = 0;

    constexpr bool ok() const noexcept { return error == Error::ok; }

    static constexpr Result success(std::size_t bytes = 0) noexcept {
        return {Error::ok, 0, bytes};
    }
    static constexpr Result failure(Error error, std::int32_t native = 0) noexcept {
        return {error, native, 0};
    }
};

enum class OperationKind : std::uint8_t { none, receive, send, accept, connect, timer, post, step };

constexpr std::string_view name(OperationKind kind) noexcept {
    constexpr std::string_view names[] = {"none",    "receive", "send", "accept",
                                          "connect", "timer",   "post", "step"};
    return names[static_cast<std::size_t>(kind)];
}

class Operation {
public:
    /// The function that complete() calls, on the worker that took the completion out. The
    /// operation is then no longer in flight: the function may start it again or destroy it.
    using Function = void (*)(Operation&, const Result&) noexcept;

    /// `where` is printed in the error message of a violation, as the place where the operation was
    /// started.
    explicit Operation(Function function,
                       std::source_location where = std::source_location::current()) noexcept
        : function_(function), where_(where) {}
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    bool in_flight() const noexcept { return queue_ != nullptr; }
    OperationKind kind() const noexcept { return kind_; }
    std::source_location where() const noexcept { return where_; }

    /// For workers: passes the result of a completion that wait() returned to its operation. The
    /// operation may be destroyed when this returns.
    void complete(const Result& result) noexcept {
        queue_ = nullptr;
        function_(*this, result);
    }

    // ---------------------------------------------------------------------------------------------
    // For backends. A program needs nothing of the rest of this class.
    // ---------------------------------------------------------------------------------------------

    /// Every start calls this first. False: the operation is in flight already; the violation has
    /// been reported, and the start must do nothing. For timers and connects the backend calls it
    /// while it holds the lock that its cancel() takes. For cancel() may come at any time: it reads
    /// kind() and the native record only under that lock, and must not read in_flight().
    bool begin(CompletionQueue& queue, OperationKind kind) noexcept;

    /// A pending cancel: cancel() was called while the operation was not in flight. Guarded by the
    /// backend's lock.
    void remember_cancel() noexcept { cancel_remembered_ = true; }
    bool take_remembered_cancel() noexcept { return std::exchange(cancel_remembered_, false); }

    static constexpr std::size_t native_size = 128;

    /// Constructs the backend's record inside the operation. Its destructor is never run.
    template <typename Record, typename... Arguments>
    Record& emplace_native(Arguments&&... arguments) noexcept {
        static_assert(sizeof(Record) <= native_size &&
                      alignof(Record) <= alignof(std::max_align_t));
        static_assert(std::is_trivially_destructible_v<Record>);
        return *::new (static_cast<void*>(native_)) Record{std::forward<Arguments>(arguments)...};
    }

    template <typename Record>
    Record& native() noexcept {
        return *std::launder(reinterpret_cast<Record*>(native_));
    }

    /// The operation that contains this record. A backend uses it to get from an OVERLAPPED pointer
    /// to the operation.
    template <typename Record>
    static Operation& of_native(Record& record) noexcept {
        std::byte* inside = reinterpret_cast<std::byte*>(&record);
        return *reinterpret_cast<Operation*>(inside - offset_of_native());
    }

protected:
    ~Operation();

private:
    static std::size_t offset_of_native() noexcept;

    CompletionQueue* queue_ = nullptr;  // the queue that it is in flight on
    Function function_;
    std::source_location where_;
    OperationKind kind_ = OperationKind::none;
    bool cancel_remembered_ = false;
    alignas(std::max_align_t) std::byte native_[native_size];
};

/// A receive into a buffer that the queue provides.
class ReceiveOperation : public Operation {
public:
    using Operation::Operation;

    /// Moves out the buffer of a receive that succeeded with more than 0 bytes. Empty otherwise,
    /// and when called again.
    ProvidedBuffer take_buffer() noexcept { return std::move(buffer_); }

    /// For backends: called before the completion is queued.
    void deliver(ProvidedBuffer buffer) noexcept { buffer_ = std::move(buffer); }

protected:
    ~ReceiveOperation() = default;

private:
    ProvidedBuffer buffer_;
};

/// An operation that completes with a socket: an accept or a connect.
class SocketOperation : public Operation {
public:
    using Operation::Operation;

    /// Moves out the socket of an operation that succeeded. Null after a failure, and when called
    /// again. The caller owns the socket.
    std::unique_ptr<AsyncSocket> take_socket() noexcept;

    /// For backends: called before the completion is queued.
    void deliver(std::unique_ptr<AsyncSocket> socket) noexcept;

protected:
    ~SocketOperation();

private:
    std::unique_ptr<AsyncSocket> socket_;
};

}  // namespace drydock

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
    Error error = Error::ok;  ///< why the operation failed; ok if it did not
    /// The operating system's code for `error`; 0 if it gave none. For logs. Programs must not
    /// decide by it: it differs between systems, and the simulator gives 0.
    std::int32_t native = 0;
    /// The bytes received or sent. A send that failed may have sent some: then both are set.
    std::size_t bytes = 0;

    /// Whether the operation succeeded. A receive at the end of the stream has: with 0 bytes.
    constexpr bool ok() const noexcept { return error == Error::ok; }

    /// A result without an error: `bytes` were received or sent.
    static constexpr Result success(std::size_t bytes = 0) noexcept {
        return {Error::ok, 0, bytes};
    }
    /// A result with `error`, the system's code `native` for it, and no bytes.
    static constexpr Result failure(Error error, std::int32_t native = 0) noexcept {
        return {error, native, 0};
    }
};

/// What an operation was last started as. Reports and traces name it.
enum class OperationKind : std::uint8_t {
    none,     ///< never started
    receive,  ///< AsyncSocket::receive()
    send,     ///< AsyncSocket::send()
    accept,   ///< AsyncListener::accept()
    connect,  ///< CompletionQueue::connect()
    timer,    ///< CompletionQueue::start_timer()
    post,     ///< CompletionQueue::post()
    step      ///< CompletionQueue::start_step(), in the simulator alone
};

/// The name of the enumerator: "receive", "timer", ... It lives as long as the program.
constexpr std::string_view name(OperationKind kind) noexcept {
    constexpr std::string_view names[] = {"none",    "receive", "send", "accept",
                                          "connect", "timer",   "post", "step"};
    return names[static_cast<std::size_t>(kind)];
}

/// One asynchronous request: the analogue of Win32's OVERLAPPED. The caller owns it, and it must
/// exist, in one place, from its start to its completion. It can then be started again. Classes
/// derive from it; most programs only use the awaitables of <drydock/io.hpp>.
class Operation {
public:
    /// The function that complete() calls, on the worker that took the completion out. The
    /// operation is then no longer in flight: the function may start it again or destroy it.
    using Function = void (*)(Operation&, const Result&) noexcept;

    /// An operation that is not in flight. `function` is called by each completion. `where` is
    /// printed in the error message of a violation, as the place where the operation was started.
    explicit Operation(Function function,
                       std::source_location where = std::source_location::current()) noexcept
        : function_(function), where_(where) {}
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    /// Whether it was started and has not completed. Only the thread that starts or completes the
    /// operation can rely on the answer.
    bool in_flight() const noexcept { return queue_ != nullptr; }
    /// What it was last started as.
    OperationKind kind() const noexcept { return kind_; }
    /// The place in the source that reports name for this operation.
    std::source_location where() const noexcept { return where_; }

    /// For workers: passes the `result` of a completion that wait() returned to its operation, by a
    /// call of its Function on this thread. The operation may be destroyed when this returns.
    void complete(const Result& result) noexcept {
        queue_ = nullptr;
        function_(*this, result);
    }

    // ---------------------------------------------------------------------------------------------
    // For backends. A program needs nothing of the rest of this class.
    // ---------------------------------------------------------------------------------------------

    /// For backends: every start calls this first, with the `queue` and `kind` of the start. False:
    /// the operation is in flight already; the violation has been reported, and the start must do
    /// nothing. For timers and connects the backend calls it while it holds the lock that its
    /// cancel() takes. For cancel() may come at any time: it reads kind() and the native record
    /// only under that lock, and must not read in_flight().
    bool begin(CompletionQueue& queue, OperationKind kind) noexcept;

    /// For the simulator: the operation is in flight and will never complete, because the machine
    /// that it was started on has crashed.
    void abandon() noexcept { queue_ = nullptr; }

    /// For backends: notes a pending cancel. cancel() was called while the operation was not in
    /// flight. Guarded by the backend's lock.
    void remember_cancel() noexcept { cancel_remembered_ = true; }
    /// For backends: whether a cancel is pending, which this call ends. Guarded by the backend's
    /// lock.
    bool take_remembered_cancel() noexcept { return std::exchange(cancel_remembered_, false); }

    /// For backends: the room for a record, in bytes. OVERLAPPED with what `iocp` adds fits in.
    static constexpr std::size_t native_size = 128;

    /// For backends: constructs a Record from `arguments` inside the operation, in place of the one
    /// before. It must fit into native_size bytes. Its destructor is never run.
    template <typename Record, typename... Arguments>
    Record& emplace_native(Arguments&&... arguments) noexcept {
        static_assert(sizeof(Record) <= native_size &&
                      alignof(Record) <= alignof(std::max_align_t));
        static_assert(std::is_trivially_destructible_v<Record>);
        return *::new (static_cast<void*>(native_)) Record{std::forward<Arguments>(arguments)...};
    }

    /// For backends: the record. It must have been made by emplace_native() with the same type.
    template <typename Record>
    Record& native() noexcept {
        return *std::launder(reinterpret_cast<Record*>(native_));
    }

    /// For backends: the operation that contains this `record`. A backend uses it to get from an
    /// OVERLAPPED pointer to the operation.
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

    /// For backends: stores the `buffer` for take_buffer(). Called before the completion is queued.
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

    /// For backends: stores the `socket` for take_socket(). Called before the completion is queued.
    void deliver(std::unique_ptr<AsyncSocket> socket) noexcept;

protected:
    ~SocketOperation();

private:
    std::unique_ptr<AsyncSocket> socket_;
};

}  // namespace drydock

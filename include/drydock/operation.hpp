// The operation: one I/O request in flight, and what came of it.
//
// An Operation is the analogue of Win32's OVERLAPPED. It belongs to whoever starts it, stays where
// it is (it is neither copied nor moved), has room inside for the backend's own record, so that no
// start allocates, and is in flight from its start to its completion. In that time it must not be
// destroyed or started again. In practice it lives in the frame of the coroutine that awaits it,
// which cannot end before; see <drydock/io.hpp>.
//
// Every operation that is started completes exactly once, and always through
// CompletionQueue::wait(): success at once, failure at once and cancellation included. There is no
// return value to look at, and so none to forget.
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

/// What came of an operation.
struct Result {
    Error error = Error::ok;
    /// The operating system's code for `error`, 0 where it gave none. For logs; never decide by it.
    std::int32_t native = 0;
    /// Bytes received or sent. A canceled send may have sent some: then both are set.
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
    /// Called by the worker that dequeued the completion. By then the operation is no longer in
    /// flight: the function may start it again, or end its life.
    using Function = void (*)(Operation&, const Result&) noexcept;

    /// `where` is told in a violation's sentence, as the place where the operation was started.
    explicit Operation(Function function,
                       std::source_location where = std::source_location::current()) noexcept
        : function_(function), where_(where) {}
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;

    bool in_flight() const noexcept { return queue_ != nullptr; }
    OperationKind kind() const noexcept { return kind_; }
    std::source_location where() const noexcept { return where_; }

    /// Workers: hands the result of a completion that wait() returned to its operation. The
    /// operation may be gone when this returns.
    void complete(const Result& result) noexcept {
        queue_ = nullptr;
        function_(*this, result);
    }

    // For backends. The rest of this class is of no use to a program.

    /// The first act of each start. False: the operation is in flight already; the misuse has been
    /// reported, and the start must do nothing. Timers and connects begin with the lock held that
    /// CompletionQueue::cancel() takes: cancel() may come at any time, and may look at kind() and
    /// at the native record under that lock only, and never at in_flight().
    bool begin(CompletionQueue& queue, OperationKind kind) noexcept;

    /// Whether cancel() came while the operation was not in flight. Guarded by the backend's own
    /// lock.
    void remember_cancel() noexcept { cancel_remembered_ = true; }
    bool take_remembered_cancel() noexcept { return std::exchange(cancel_remembered_, false); }

    static constexpr std::size_t native_size = 128;

    /// Makes the backend's record inside the operation. No destructor is run for it.
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

    /// The operation whose native record this is: the way back from an OVERLAPPED pointer.
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

    /// What a success with more than 0 bytes brought, once. Otherwise none.
    ProvidedBuffer take_buffer() noexcept { return std::move(buffer_); }

    /// For backends: to be called before the completion is queued.
    void deliver(ProvidedBuffer buffer) noexcept { buffer_ = std::move(buffer); }

protected:
    ~ReceiveOperation() = default;

private:
    ProvidedBuffer buffer_;
};

/// An operation that yields a socket: accept and connect.
class SocketOperation : public Operation {
public:
    using Operation::Operation;

    /// The socket of a success, once. Null after a failure.
    std::unique_ptr<AsyncSocket> take_socket() noexcept;

    /// For backends: to be called before the completion is queued.
    void deliver(std::unique_ptr<AsyncSocket> socket) noexcept;

protected:
    ~SocketOperation();

private:
    std::unique_ptr<AsyncSocket> socket_;
};

}  // namespace drydock

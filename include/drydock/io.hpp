// The operations as awaitables: receive, send_some, send_all, accept, connect.
//
//     const Result received = co_await receive(socket, buffer);
//
// Each function returns an awaitable that is the operation itself. It is stored in the frame of the
// awaiting coroutine, so nothing is allocated; the coroutine is suspended until the completion, so
// the operation lives long enough. Errors are values; nothing throws. The rules and errors of each
// operation are those of <drydock/socket.hpp> and <drydock/queue.hpp>. For a host that has several
// addresses, see connect_any() in <drydock/connect.hpp>.
//
// Await each awaitable immediately, as above: it starts when it is awaited, and the temporaries of
// the expression, such as a string that is sent, live until it has completed. The coroutine may
// continue on another worker.
//
// A send takes anything that a ConstBuffer views: bytes, a std::string, a string literal.
//
//     const Result sent = co_await send_all(socket, "hello, " + name + "\n");
#pragma once

#include <concepts>
#include <limits>
#include <memory>
#include <span>
#include <utility>

#include <drydock/task.hpp>

namespace drydock {

/// The result of an accept or a connect: a socket, or an error and the system's code for it.
struct SocketResult {
    /// Neither an error nor a socket.
    SocketResult() noexcept {}
    /// An error, and the system's code for it.
    SocketResult(Error failure, std::int32_t code) noexcept : error(failure), native(code) {}
    /// A success, which owns the socket `made`.
    explicit SocketResult(std::unique_ptr<AsyncSocket> made) noexcept : socket(std::move(made)) {}

    /// Whether there was no error.
    bool ok() const noexcept { return error == Error::ok; }

    Error error = Error::ok;  ///< those of AsyncListener::accept() or CompletionQueue::connect()
    std::int32_t native = 0;  ///< the system's code for `error`, for logs; 0 if it gave none
    std::unique_ptr<AsyncSocket> socket;  ///< the caller's own; null after an error
};

/// The result of a receive into a provided buffer: the bytes (none at the end of the stream), or an
/// error and the system's code for it.
struct ReceiveResult {
    /// The end of a stream: no error and no bytes.
    ReceiveResult() noexcept {}
    /// What a receive completed with: its result, and the buffer that it brought, if any.
    ReceiveResult(const Result& result, ProvidedBuffer brought) noexcept
        : error(result.error), native(result.native), buffer(std::move(brought)) {}

    /// Whether there was no error: bytes have come, or the end of the stream.
    bool ok() const noexcept { return error == Error::ok; }
    /// Whether the peer has ended its stream: no more bytes come.
    bool end_of_stream() const noexcept { return ok() && bytes().empty(); }
    /// The bytes received. They are valid as long as this result holds its buffer.
    MutableBuffer bytes() const noexcept { return buffer.bytes(); }

    Error error = Error::ok;  ///< those of AsyncSocket::receive()
    std::int32_t native = 0;  ///< the system's code for `error`, for logs; 0 if it gave none
    ProvidedBuffer buffer;    ///< goes back to the queue when it is destroyed
};

namespace detail {

class ReceiveAwaitable final : public AwaitedOperation<> {
public:
    ReceiveAwaitable(AsyncSocket& socket, MutableBuffer buffer, std::source_location where) noexcept
        : AwaitedOperation(where), socket_(socket), buffer_(buffer) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        socket_.receive(*this, buffer_);
    }
    Result await_resume() const noexcept { return result_; }

private:
    AsyncSocket& socket_;
    MutableBuffer buffer_;
};

class ReceiveProvidedAwaitable final : public AwaitedOperation<ReceiveOperation> {
public:
    ReceiveProvidedAwaitable(AsyncSocket& socket, std::size_t most,
                             std::source_location where) noexcept
        : AwaitedOperation(where), socket_(socket), most_(most) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        socket_.receive(*this, most_);
    }
    ReceiveResult await_resume() noexcept { return ReceiveResult(result_, take_buffer()); }

private:
    AsyncSocket& socket_;
    std::size_t most_;
};

class SendSomeAwaitable final : public AwaitedOperation<> {
public:
    SendSomeAwaitable(AsyncSocket& socket, ConstBuffer buffer, std::source_location where) noexcept
        : AwaitedOperation(where), socket_(socket), single_(buffer), buffers_(&single_, 1) {}
    SendSomeAwaitable(AsyncSocket& socket, std::span<const ConstBuffer> buffers,
                      std::source_location where) noexcept
        : AwaitedOperation(where), socket_(socket), buffers_(buffers) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        socket_.send(*this, buffers_);
    }
    Result await_resume() const noexcept { return result_; }

private:
    AsyncSocket& socket_;
    ConstBuffer single_;
    std::span<const ConstBuffer> buffers_;
};

inline constexpr std::size_t no_limit = std::numeric_limits<std::size_t>::max();

/// How a send_all() proceeds: all that is left at a time, and nobody is told.
struct SendWhole {
    std::span<const ConstBuffer> next(std::span<const ConstBuffer> rest) noexcept { return rest; }
    void sent(std::size_t) noexcept {}
};

/// At most `most` bytes at a time, and `on_part` is told of each part.
template <typename OnPart>
struct SendInParts {
    std::span<const ConstBuffer> next(std::span<const ConstBuffer> rest) noexcept {
        if (rest.empty()) return rest;
        if (rest.front().size > most) {
            part = ConstBuffer(rest.front().data, most);
            return {&part, 1};
        }
        std::size_t count = 1;
        std::size_t size = rest.front().size;
        while (count < rest.size() && rest[count].size <= most - size) size += rest[count++].size;
        return rest.first(count);
    }
    void sent(std::size_t bytes) noexcept { on_part(bytes); }

    OnPart on_part;
    std::size_t most;
    ConstBuffer part{};
};

/// After a short send it starts the next send from its own completion. So the coroutine is resumed
/// only once, and the loop needs no coroutine frame of its own.
template <typename Manner>
class SendAllAwaitable final : public AwaitedOperation<> {
public:
    SendAllAwaitable(AsyncSocket& socket, ConstBuffer buffer, Manner manner,
                     std::source_location where) noexcept
        : AwaitedOperation(&SendAllAwaitable::sent, where),
          socket_(socket),
          single_(buffer),
          rest_(&single_, 1),
          manner_(std::move(manner)) {}
    SendAllAwaitable(AsyncSocket& socket, std::span<ConstBuffer> buffers, Manner manner,
                     std::source_location where) noexcept
        : AwaitedOperation(&SendAllAwaitable::sent, where),
          socket_(socket),
          rest_(buffers),
          manner_(std::move(manner)) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        socket_.send(*this, manner_.next(rest_));
    }
    Result await_resume() const noexcept { return result_; }

private:
    static void sent(Operation& operation, const Result& result) noexcept {
        auto& self = static_cast<SendAllAwaitable&>(operation);
        self.result_.error = result.error;
        self.result_.native = result.native;
        self.result_.bytes += result.bytes;
        if (result.bytes > 0) self.manner_.sent(result.bytes);
        if (!result.ok() || result.bytes == 0) return self.resume();
        self.advance(result.bytes);
        if (self.rest_.empty()) return self.resume();
        self.socket_.send(self, self.manner_.next(self.rest_));
    }

    /// Also past the empty pieces behind those bytes, so that `rest_` is empty when all is sent.
    void advance(std::size_t bytes) noexcept {
        while (!rest_.empty() && bytes >= rest_.front().size) {
            bytes -= rest_.front().size;
            rest_ = rest_.subspan(1);
        }
        if (rest_.empty()) return;
        rest_.front().data += bytes;
        rest_.front().size -= bytes;
    }

    AsyncSocket& socket_;
    ConstBuffer single_;
    std::span<ConstBuffer> rest_;
    [[no_unique_address]] Manner manner_;
};

class SocketAwaitable : public AwaitedOperation<SocketOperation> {
public:
    using AwaitedOperation::AwaitedOperation;

    SocketResult await_resume() noexcept {
        if (!result_.ok()) return SocketResult(result_.error, result_.native);
        return SocketResult(take_socket());
    }

protected:
    ~SocketAwaitable() = default;
};

class AcceptAwaitable final : public SocketAwaitable {
public:
    AcceptAwaitable(AsyncListener& listener, std::source_location where) noexcept
        : SocketAwaitable(where), listener_(listener) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        listener_.accept(*this);
    }

private:
    AsyncListener& listener_;
};

class ConnectAwaitable final : public SocketAwaitable {
public:
    ConnectAwaitable(CompletionQueue& queue, const Endpoint& endpoint,
                     std::source_location where) noexcept
        : SocketAwaitable(where), queue_(queue), endpoint_(endpoint) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        queue_.connect(*this, endpoint_);
    }

private:
    CompletionQueue& queue_;
    Endpoint endpoint_;
};

}  // namespace detail

/// Awaits one receive on `socket` into `buffer`; `co_await` gives a Result. It has 1 to
/// `buffer.size()` bytes, 0 bytes at the end of the stream, or an error (those of
/// AsyncSocket::receive()). Until the completion, `buffer` must exist and stay untouched. `where`
/// is printed in the error message of a violation, as the place where the receive was started; so
/// it is in all functions of this header.
inline detail::ReceiveAwaitable receive(
    AsyncSocket& socket, MutableBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// Awaits one receive on `socket` into a buffer that the queue provides, so that waiting for bytes
/// pins no memory; `co_await` gives a ReceiveResult, which owns the buffer. Receives at most `most`
/// bytes; `most` must be at least 1. Errors are those of AsyncSocket::receive().
inline detail::ReceiveProvidedAwaitable receive(
    AsyncSocket& socket, std::size_t most,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, most, where};
}

/// Awaits one send of `buffer` on `socket`, which may be short; `co_await` gives a Result with the
/// bytes that were sent. Errors are those of AsyncSocket::send(). The memory must stay unchanged
/// until the completion. Most callers want send_all().
inline detail::SendSomeAwaitable send_some(
    AsyncSocket& socket, ConstBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// Awaits one gather send of several `buffers`, in order. The array and its bytes must stay
/// unchanged until the completion.
inline detail::SendSomeAwaitable send_some(
    AsyncSocket& socket, std::span<const ConstBuffer> buffers,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, where};
}

/// Awaits as many sends of `buffer` on `socket` as it takes until all bytes are sent or a send
/// fails; `co_await` gives a Result. Result::bytes is the sum over all of them, after a failure
/// too. Errors are those of AsyncSocket::send(). The memory must stay unchanged until the end.
/// Allocates nothing.
inline detail::SendAllAwaitable<detail::SendWhole> send_all(
    AsyncSocket& socket, ConstBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, {}, where};
}

/// Sends several `buffers`, in order. send_all() modifies the array, which names the bytes that are
/// left to send; do not use its contents afterwards. The array and its bytes must exist until the
/// end.
inline detail::SendAllAwaitable<detail::SendWhole> send_all(
    AsyncSocket& socket, std::span<ConstBuffer> buffers,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, {}, where};
}

/// The same with progress: calls `on_part(bytes)` each time that the system has taken some of the
/// bytes, before the rest is sent, with how many it has taken. The sum over all calls is
/// Result::bytes, after a failure too. Allocates nothing.
///
///     co_await send_all(socket, answer, [&](std::size_t) noexcept { watch.moved(); });
///
/// The call is made on the worker that took the send's completion, while the coroutine is still
/// suspended; it must neither throw nor block. `on_part` is kept until the end.
///
/// Some systems complete no send before they have taken all of it. So a caller to whom progress
/// matters limits the size of each send by `most_at_once`, which must be at least 1.
template <std::invocable<std::size_t> OnPart>
detail::SendAllAwaitable<detail::SendInParts<OnPart>> send_all(
    AsyncSocket& socket, ConstBuffer buffer, OnPart on_part,
    std::size_t most_at_once = detail::no_limit,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, {std::move(on_part), most_at_once}, where};
}

/// Sends several buffers with progress. A part ends where a buffer ends, if the whole of the next
/// one would exceed `most_at_once`.
template <std::invocable<std::size_t> OnPart>
detail::SendAllAwaitable<detail::SendInParts<OnPart>> send_all(
    AsyncSocket& socket, std::span<ConstBuffer> buffers, OnPart on_part,
    std::size_t most_at_once = detail::no_limit,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, {std::move(on_part), most_at_once}, where};
}

/// Awaits the next connection of `listener`; `co_await` gives a SocketResult, whose socket the
/// caller owns. Errors are those of AsyncListener::accept().
inline detail::AcceptAwaitable accept(
    AsyncListener& listener,
    std::source_location where = std::source_location::current()) noexcept {
    return {listener, where};
}

/// Awaits a connection to `endpoint`; `co_await` gives a SocketResult, whose socket the caller
/// owns. Errors are those of CompletionQueue::connect(). For a connect that can be canceled, see
/// Connector.
inline detail::ConnectAwaitable connect(
    CompletionQueue& queue, const Endpoint& endpoint,
    std::source_location where = std::source_location::current()) noexcept {
    return {queue, endpoint, where};
}

}  // namespace drydock

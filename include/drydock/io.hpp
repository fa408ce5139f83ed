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
// Await each awaitable immediately, as above: it starts when it is awaited. The coroutine may
// continue on another worker.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include <drydock/task.hpp>

namespace drydock {

/// The result of an accept or a connect: a socket, or an error and the system's code for it.
struct SocketResult {
    SocketResult() noexcept {}
    SocketResult(Error failure, std::int32_t code) noexcept : error(failure), native(code) {}
    explicit SocketResult(std::unique_ptr<AsyncSocket> made) noexcept : socket(std::move(made)) {}

    bool ok() const noexcept { return error == Error::ok; }

    Error error = Error::ok;
    std::int32_t native = 0;
    std::unique_ptr<AsyncSocket> socket;
};

/// The result of a receive into a provided buffer: the bytes (none at the end of the stream), or an
/// error and the system's code for it.
struct ReceiveResult {
    ReceiveResult() noexcept {}
    ReceiveResult(const Result& result, ProvidedBuffer brought) noexcept
        : error(result.error), native(result.native), buffer(std::move(brought)) {}

    bool ok() const noexcept { return error == Error::ok; }
    bool end_of_stream() const noexcept { return ok() && bytes().empty(); }
    MutableBuffer bytes() const noexcept { return buffer.bytes(); }

    Error error = Error::ok;
    std::int32_t native = 0;
    ProvidedBuffer buffer;
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

/// After a short send it starts the next send from its own completion. So the coroutine is resumed
/// only once, and the loop needs no coroutine frame of its own.
class SendAllAwaitable final : public AwaitedOperation<> {
public:
    SendAllAwaitable(AsyncSocket& socket, ConstBuffer buffer, std::source_location where) noexcept
        : AwaitedOperation(&SendAllAwaitable::sent, where),
          socket_(socket),
          single_(buffer),
          rest_(&single_, 1),
          total_(buffer.size) {}
    SendAllAwaitable(AsyncSocket& socket, std::span<ConstBuffer> buffers,
                     std::source_location where) noexcept
        : AwaitedOperation(&SendAllAwaitable::sent, where),
          socket_(socket),
          rest_(buffers),
          total_(total_size(buffers)) {}

    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> handle) noexcept {
        suspend(handle);
        socket_.send(*this, rest_);
    }
    Result await_resume() const noexcept { return result_; }

private:
    static void sent(Operation& operation, const Result& result) noexcept {
        auto& self = static_cast<SendAllAwaitable&>(operation);
        self.result_.error = result.error;
        self.result_.native = result.native;
        self.result_.bytes += result.bytes;
        const bool more = result.ok() && result.bytes > 0 && self.result_.bytes < self.total_;
        if (!more) return self.resume();
        self.advance(result.bytes);
        self.socket_.send(self, self.rest_);
    }

    void advance(std::size_t bytes) noexcept {
        while (bytes >= rest_.front().size) {
            bytes -= rest_.front().size;
            rest_ = rest_.subspan(1);
        }
        rest_.front().data += bytes;
        rest_.front().size -= bytes;
    }

    AsyncSocket& socket_;
    ConstBuffer single_;
    std::span<ConstBuffer> rest_;
    std::size_t total_;
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

/// Awaits one receive into `buffer`. The result has 1 to `buffer.size()` bytes, 0 bytes at the end
/// of the stream, or an error. Until the completion, `buffer` must exist and stay untouched.
inline detail::ReceiveAwaitable receive(
    AsyncSocket& socket, MutableBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// Awaits one receive into a buffer that the queue provides, so that waiting for bytes pins no
/// memory. Receives at most `most` bytes; `most` must be at least 1.
inline detail::ReceiveProvidedAwaitable receive(
    AsyncSocket& socket, std::size_t most,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, most, where};
}

/// Awaits one send, which may be short. Most callers want send_all().
inline detail::SendSomeAwaitable send_some(
    AsyncSocket& socket, ConstBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// Awaits one send of several buffers. The array and its bytes must stay until the completion.
inline detail::SendSomeAwaitable send_some(
    AsyncSocket& socket, std::span<const ConstBuffer> buffers,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, where};
}

/// Awaits as many sends as it takes until all bytes are sent or a send fails. Result::bytes is the
/// sum over all of them, after a failure too.
inline detail::SendAllAwaitable send_all(
    AsyncSocket& socket, ConstBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// Sends several buffers. send_all() modifies the array, which names the bytes that are left to
/// send; do not use its contents afterwards.
inline detail::SendAllAwaitable send_all(
    AsyncSocket& socket, std::span<ConstBuffer> buffers,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, where};
}

/// Awaits the next connection of a listener.
inline detail::AcceptAwaitable accept(
    AsyncListener& listener,
    std::source_location where = std::source_location::current()) noexcept {
    return {listener, where};
}

/// Awaits a connection to `endpoint`. For a connect that can be canceled, see Connector.
inline detail::ConnectAwaitable connect(
    CompletionQueue& queue, const Endpoint& endpoint,
    std::source_location where = std::source_location::current()) noexcept {
    return {queue, endpoint, where};
}

}  // namespace drydock

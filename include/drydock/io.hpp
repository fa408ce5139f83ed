// What a coroutine awaits: receive, send_some, send_all, accept, connect.
//
// Each function makes an awaitable that is the operation itself. It lives in the awaiting
// coroutine's frame, which cannot end before the completion, so nothing is allocated. Results are
// values. To reach a host that has several addresses there is connect_any(), in
// <drydock/connect.hpp>.
#pragma once

#include <memory>
#include <span>
#include <utility>

#include <drydock/task.hpp>

namespace drydock {

/// What an accept or a connect gives: a socket, or the error and the system's code for it.
struct SocketResult {
    SocketResult() noexcept {}
    SocketResult(Error failure, std::int32_t code) noexcept : error(failure), native(code) {}
    explicit SocketResult(std::unique_ptr<AsyncSocket> made) noexcept : socket(std::move(made)) {}

    bool ok() const noexcept { return error == Error::ok; }

    Error error = Error::ok;
    std::int32_t native = 0;
    std::unique_ptr<AsyncSocket> socket;
};

/// What a receive into a provided buffer gives: the bytes, none at the end of the stream, or the
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

/// Sends again from its own completion while a send was short, so that the coroutine is resumed
/// once and no frame is needed for the loop.
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

/// Awaits one receive: 1..n bytes, 0 at the end of the stream, or an error.
inline detail::ReceiveAwaitable receive(
    AsyncSocket& socket, MutableBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// The same into a buffer that the queue provides, so that waiting for bytes pins no memory. At
/// most `most` bytes, which is at least 1.
inline detail::ReceiveProvidedAwaitable receive(
    AsyncSocket& socket, std::size_t most,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, most, where};
}

/// Awaits one send, which may be short. Nearly always send_all is what is wanted.
inline detail::SendSomeAwaitable send_some(
    AsyncSocket& socket, ConstBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// The gather form. The array and its bytes stay until the completion.
inline detail::SendSomeAwaitable send_some(
    AsyncSocket& socket, std::span<const ConstBuffer> buffers,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, where};
}

/// Awaits sends until all bytes were taken or one failed. Result::bytes is the sum, also then.
inline detail::SendAllAwaitable send_all(
    AsyncSocket& socket, ConstBuffer buffer,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffer, where};
}

/// The gather form. The array is used up: it names what is left to send while the sending goes on.
inline detail::SendAllAwaitable send_all(
    AsyncSocket& socket, std::span<ConstBuffer> buffers,
    std::source_location where = std::source_location::current()) noexcept {
    return {socket, buffers, where};
}

/// Awaits the next connection.
inline detail::AcceptAwaitable accept(
    AsyncListener& listener,
    std::source_location where = std::source_location::current()) noexcept {
    return {listener, where};
}

/// Awaits a connection to `endpoint`.
inline detail::ConnectAwaitable connect(
    CompletionQueue& queue, const Endpoint& endpoint,
    std::source_location where = std::source_location::current()) noexcept {
    return {queue, endpoint, where};
}

}  // namespace drydock

// Receiving, sending and closing.
#include "platform/uring/socket.hpp"

#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <limits>
#include <new>
#include <utility>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/uring/uring_queue.hpp"

namespace drydock::uring {
namespace {

// A gather send hands the caller's array to the kernel as it is.
static_assert(sizeof(ConstBuffer) == sizeof(::iovec));
static_assert(offsetof(ConstBuffer, data) == offsetof(::iovec, iov_base));
static_assert(offsetof(ConstBuffer, size) == offsetof(::iovec, iov_len));

constexpr std::size_t max_gather = 1024;       // the kernel's UIO_MAXIOV
constexpr std::size_t max_bytes = 0x40000000;  // an entry's length has 32 bits

/// Nothing has happened, and the request is to be made once more.
bool to_be_repeated(int code) noexcept {
    return platform::would_block(code) || platform::interrupted(code);
}

}  // namespace

std::unique_ptr<Socket> Socket::make(UringQueue& queue, platform::File file,
                                     const Endpoint& peer) noexcept {
    return std::unique_ptr<Socket>(new (std::nothrow) Socket(queue, std::move(file), peer));
}

Socket::~Socket() { check_idle(); }

void Socket::check_idle() noexcept {
    const bool receiving = receives_in_flight_.load(std::memory_order_acquire) != 0;
    const bool sending = sends_in_flight_.load(std::memory_order_acquire) != 0;
    if (!receiving && !sending) {
        return;
    }
    const std::lock_guard lock(mutex);
    const OperationKind kind = receiving ? OperationKind::receive : OperationKind::send;
    queue_.violated(
        {Rule::socket_destroyed_in_flight, kind, receiving ? receive_where_ : send_where_});
}

// --- starts --------------------------------------------------------------------------------------

void Socket::receive(Operation& operation, MutableBuffer buffer) noexcept {
    const Into into = buffer.empty() ? Into::nothing : Into::buffer;
    start_receive(operation, into, buffer.data(), std::min(buffer.size(), max_bytes));
}

void Socket::receive(ReceiveOperation& operation, std::size_t most) noexcept {
    const std::size_t room = std::min({most, queue_.buffers().buffer_size(), max_bytes});
    start_receive(operation, Into::provided, nullptr, room);
}

void Socket::start_receive(Operation& operation, Into into, std::byte* data,
                           std::size_t size) noexcept {
    if (!operation.begin(queue_, OperationKind::receive)) {
        return;
    }
    operation.emplace_native<Record>();
    if (receives_in_flight_.exchange(1, std::memory_order_acquire) != 0) {
        return queue_.violated({Rule::second_receive, OperationKind::receive, operation.where()});
    }
    // Copies, because only an operation in flight keeps this object: see finish().
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = receives_in_flight_;
    Result result;
    {
        const std::lock_guard lock(mutex);
        receive_data_ = data;
        receive_size_ = size;
        into_ = into;
        receive_where_ = operation.where();
        if (!finish_receive_at_once(result)) {
            receive_ = &operation;
            return start(operation, OperationKind::receive);
        }
    }
    queue.finish(operation, result, &in_flight);
}

/// False: it needs the kernel.
bool Socket::finish_receive_at_once(Result& result) noexcept {
    if (canceled_ || std::exchange(interrupt_next_receive_, false)) {
        result = Result::failure(Error::canceled);
        return true;
    }
    result = Result::success();
    return end_.stream_has_ended();
}

/// The kernel receives for this socket only while a receive is in flight, so no ring holds bytes
/// that this call could miss.
Result Socket::try_receive(MutableBuffer buffer) noexcept {
    const std::lock_guard lock(mutex);
    if (receives_in_flight_.load(std::memory_order_acquire) != 0) {
        queue_.violated({Rule::second_receive, OperationKind::receive, receive_where_});
        return Result::failure(Error::canceled);
    }
    if (canceled_) {
        return Result::failure(Error::canceled);
    }
    if (end_.stream_has_ended()) {
        return Result::success();
    }
    std::byte look;
    const bool only_look = buffer.empty();
    std::byte* const to = only_look ? &look : buffer.data();
    const std::size_t room = only_look ? 1 : std::min(buffer.size(), max_bytes);
    ::ssize_t count = 0;
    do {
        count = ::recv(descriptor(), to, room, MSG_DONTWAIT | (only_look ? MSG_PEEK : 0));
    } while (count < 0 && platform::interrupted(errno));
    if (count < 0) {
        return platform::would_block(errno) ? Result::failure(Error::would_block)
                                            : end_.failed(errno, OperationKind::receive);
    }
    bytes_wait_ = only_look || static_cast<std::size_t>(count) == room;
    if (count == 0) {
        return end_of_stream();
    }
    return Result::success(only_look ? 0 : static_cast<std::size_t>(count));
}

void Socket::send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept {
    if (!operation.begin(queue_, OperationKind::send)) {
        return;
    }
    operation.emplace_native<Record>();
    if (sends_in_flight_.exchange(1, std::memory_order_acquire) != 0) {
        return queue_.violated({Rule::second_send, OperationKind::send, operation.where()});
    }
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = sends_in_flight_;
    Result result;
    {
        const std::lock_guard lock(mutex);
        if (send_shut_down_) {
            return queue.violated(
                {Rule::send_after_shutdown, OperationKind::send, operation.where()});
        }
        // Empty pieces at the front must not fill the array that one call takes.
        while (!buffers.empty() && buffers.front().size == 0) {
            buffers = buffers.subspan(1);
        }
        send_buffers_ = buffers;
        send_where_ = operation.where();
        if (!finish_send_at_once(result)) {
            send_ = &operation;
            return start(operation, OperationKind::send);
        }
    }
    queue.finish(operation, result, &in_flight);
}

bool Socket::finish_send_at_once(Result& result) noexcept {
    if (canceled_ || std::exchange(interrupt_next_send_, false)) {
        result = Result::failure(Error::canceled);
        return true;
    }
    result = Result::success();
    return send_buffers_.empty();
}

void Socket::start(Operation& operation, OperationKind kind) noexcept {
    Request& request = operation.native<Record>().request;
    request.requester = this;
    request.kind = kind;
    if (std::exchange(settled_, true)) {
        queue_.workers().start(request);
    } else {
        queue_.workers().start_at_the_next(request);
    }
}

// --- what the ring is asked for ------------------------------------------------------------------

void Socket::prepare(const Request& request, ::io_uring_sqe& entry) noexcept {
    if (request.kind == OperationKind::receive) {
        prepare_receive(entry);
    } else if (request.kind == OperationKind::send) {
        prepare_send(entry);
    } else {
        entry.opcode = IORING_OP_POLL_ADD;
        entry.fd = descriptor();
        entry.poll32_events = POLLOUT;
    }
}

void Socket::prepare_receive(::io_uring_sqe& entry) noexcept {
    entry.fd = descriptor();
    if (into_ == Into::nothing) {
        entry.opcode = IORING_OP_POLL_ADD;
        entry.poll32_events = POLLIN | POLLRDHUP;
        return;
    }
    entry.opcode = IORING_OP_RECV;
    // What answers a question is not there yet when the answer to the last one has just been sent.
    entry.ioprio = bytes_wait_ ? 0 : IORING_RECVSEND_POLL_FIRST;
    entry.len = static_cast<std::uint32_t>(receive_size_);
    if (into_ == Into::provided) {
        entry.flags = IOSQE_BUFFER_SELECT;
    } else {
        entry.addr = reinterpret_cast<std::uintptr_t>(receive_data_);
    }
}

/// MSG_NOSIGNAL: a connection that is gone is an error, not a SIGPIPE.
void Socket::prepare_send(::io_uring_sqe& entry) noexcept {
    entry.fd = descriptor();
    entry.msg_flags = MSG_NOSIGNAL;
    if (send_buffers_.size() == 1) {
        entry.opcode = IORING_OP_SEND;
        entry.addr = reinterpret_cast<std::uintptr_t>(send_buffers_.front().data);
        entry.len = static_cast<std::uint32_t>(std::min(send_buffers_.front().size, max_bytes));
        return;
    }
    // The kernel only reads the array; iovec has no const form.
    message_.msg_iov = reinterpret_cast<::iovec*>(const_cast<ConstBuffer*>(send_buffers_.data()));
    message_.msg_iovlen = std::min(send_buffers_.size(), max_gather);
    entry.opcode = IORING_OP_SENDMSG;
    entry.addr = reinterpret_cast<std::uintptr_t>(&message_);
    entry.len = 1;
}

// --- what the ring says --------------------------------------------------------------------------

void Socket::completed(Request& request, const Event& event, Worker& me) noexcept {
    if (request.kind == OperationKind::receive) {
        receive_completed(request, event, me);
    } else if (request.kind == OperationKind::send) {
        send_completed(request, event, me);
    } else {
        connect_completed(request, event, me);
    }
}

void Socket::receive_completed(Request& request, const Event& event, Worker& me) noexcept {
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = receives_in_flight_;
    Operation* operation = nullptr;
    Result result;
    {
        const std::lock_guard lock(mutex);
        Workers::settle(request);
        if (!finish_receive(event, me, result)) {
            return queue.workers().restart(me, request);
        }
        operation = std::exchange(receive_, nullptr);
    }
    queue.workers().finish(me, *operation, result, &in_flight);
}

/// False: once more.
bool Socket::finish_receive(const Event& event, Worker& me, Result& result) noexcept {
    const int code = event.result < 0 ? -event.result : 0;
    if (code == ECANCELED) {
        // Not by us: the thread ended in whose ring it was.
        if (!canceled_ && !std::exchange(interrupt_next_receive_, false)) {
            return false;
        }
        result = Result::failure(Error::canceled);
        return true;
    }
    if (to_be_repeated(code)) {
        return false;
    }
    if (into_ == Into::nothing && code == 0) {
        return finish_look(result);
    }
    bytes_wait_ = event.bytes_left;
    if (into_ == Into::provided && code == ENOBUFS && me.ring->more_buffers()) {
        bytes_wait_ = true;
        return false;
    }
    const auto bytes = static_cast<std::size_t>(std::max(event.result, 0));
    if (event.buffer != nullptr) {
        ProvidedBuffer buffer(queue_.buffers(), event.buffer, bytes);
        if (bytes > 0) {
            static_cast<ReceiveOperation&>(*receive_).deliver(std::move(buffer));
        }
    }
    if (code != 0) {
        result = end_.failed(code, OperationKind::receive);
    } else {
        result = bytes > 0 ? Result::success(bytes) : end_of_stream();
    }
    return true;
}

/// There is something to receive, or there was.
bool Socket::finish_look(Result& result) noexcept {
    std::byte look;
    const ::ssize_t count = ::recv(descriptor(), &look, 1, MSG_PEEK | MSG_DONTWAIT);
    const int code = count < 0 ? errno : 0;
    if (to_be_repeated(code)) {
        return false;
    }
    bytes_wait_ = true;
    if (code != 0) {
        result = end_.failed(code, OperationKind::receive);
    } else {
        result = count > 0 ? Result::success() : end_of_stream();
    }
    return true;
}

/// The kernel may have told a send of the connection's end that is still to be heard of, here or in
/// another worker's ring.
Result Socket::end_of_stream() noexcept {
    const bool send_may_know = send_ != nullptr && !send_shut_down_;
    if (!end_.is_fatal() && send_may_know && platform::is_gone(descriptor())) {
        return end_.failed(ECONNRESET, OperationKind::receive);
    }
    return end_.end_of_stream();
}

void Socket::send_completed(Request& request, const Event& event, Worker& me) noexcept {
    UringQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = sends_in_flight_;
    Operation* operation = nullptr;
    Result result;
    {
        const std::lock_guard lock(mutex);
        Workers::settle(request);
        if (!finish_send(event, result)) {
            return queue.workers().restart(me, request);
        }
        operation = std::exchange(send_, nullptr);
    }
    queue.workers().finish(me, *operation, result, &in_flight);
}

/// False: once more; nothing was sent.
bool Socket::finish_send(const Event& event, Result& result) noexcept {
    if (event.result >= 0) {
        result = Result::success(static_cast<std::size_t>(event.result));
        return true;
    }
    const int code = -event.result;
    if (to_be_repeated(code)) {
        return false;
    }
    if (code == ECANCELED && !canceled_ && !std::exchange(interrupt_next_send_, false)) {
        return false;  // not by us: the thread ended in whose ring it was
    }
    result = code == ECANCELED ? Result::failure(Error::canceled)
                               : end_.failed(code, OperationKind::send);
    return true;
}

// --- ends ----------------------------------------------------------------------------------------

void Socket::shutdown_send() noexcept {
    const std::lock_guard lock(mutex);
    if (sends_in_flight_.load(std::memory_order_acquire) != 0) {
        return queue_.violated({Rule::send_after_shutdown, OperationKind::send, send_where_});
    }
    send_shut_down_ = true;
    ::shutdown(descriptor(), SHUT_WR);  // fails when the connection is gone, and nothing is lost
}

void Socket::cancel_pending(Operation* operation) noexcept {
    if (operation != nullptr) {
        queue_.workers().cancel(operation->native<Record>().request);
    }
}

void Socket::cancel() noexcept {
    const std::lock_guard lock(mutex);
    canceled_ = true;
    cancel_pending(receive_);
    cancel_pending(send_);
}

void Socket::interrupt_receive() noexcept {
    const std::lock_guard lock(mutex);
    // A receive that has its result already has won the race: then the next one is meant.
    interrupt_next_receive_ = true;
    cancel_pending(receive_);
}

void Socket::interrupt_send() noexcept {
    const std::lock_guard lock(mutex);
    interrupt_next_send_ = true;
    cancel_pending(send_);
}

void Socket::set_abortive_close() noexcept { platform::set_abortive_close(descriptor()); }

Endpoint Socket::local_endpoint() const noexcept { return platform::local_address(descriptor()); }

}  // namespace drydock::uring

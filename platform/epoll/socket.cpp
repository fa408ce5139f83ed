// Receiving, sending and closing.
#include "platform/epoll/socket.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <new>
#include <utility>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/epoll/epoll_queue.hpp"

namespace drydock::epoll {
namespace {

// A gather send hands the caller's array to the kernel as it is.
static_assert(sizeof(ConstBuffer) == sizeof(::iovec));
static_assert(offsetof(ConstBuffer, data) == offsetof(::iovec, iov_base));
static_assert(offsetof(ConstBuffer, size) == offsetof(::iovec, iov_len));

constexpr std::size_t max_gather = 1024;  // the kernel's UIO_MAXIOV

constexpr std::uint32_t more_may_wait = EPOLLRDHUP | EPOLLHUP | EPOLLERR | EPOLLPRI;

/// One send call. MSG_NOSIGNAL: a connection that is gone is an error, not a SIGPIPE.
::ssize_t send_gather(int descriptor, std::span<const ConstBuffer> buffers) noexcept {
    if (buffers.size() == 1) {
        return ::send(descriptor, buffers.front().data, buffers.front().size, MSG_NOSIGNAL);
    }
    ::msghdr message{};
    // The kernel only reads the array; iovec has no const form.
    message.msg_iov = reinterpret_cast<::iovec*>(const_cast<ConstBuffer*>(buffers.data()));
    message.msg_iovlen = std::min(buffers.size(), max_gather);
    return ::sendmsg(descriptor, &message, MSG_NOSIGNAL);
}

}  // namespace

std::unique_ptr<Socket> Socket::make(EpollQueue& queue, platform::File file,
                                     const Endpoint& peer) noexcept {
    std::unique_ptr<Socket> socket(new (std::nothrow) Socket(queue, std::move(file), peer));
    if (socket != nullptr) {
        socket->slot_ = queue.slots().acquire(*socket);
    }
    return socket != nullptr && socket->slot_ != nullptr ? std::move(socket) : nullptr;
}

int Socket::watch() noexcept { return queue_.watch(descriptor(), *slot_); }

Socket::~Socket() {
    if (slot_ == nullptr) {
        return;
    }
    check_idle();
    // First the slot, then the descriptor: no worker with old events finds this object any more,
    // and none can use the number of a descriptor that is somebody else's by now.
    queue_.slots().release(*slot_);
    file_.close();
}

void Socket::check_idle() noexcept {
    const bool receiving = receives_in_flight_.load(std::memory_order_acquire) != 0;
    const bool sending = sends_in_flight_.load(std::memory_order_acquire) != 0;
    if (!receiving && !sending) {
        return;
    }
    const std::lock_guard lock(slot_->mutex);
    const OperationKind kind = receiving ? OperationKind::receive : OperationKind::send;
    queue_.violated(
        {Rule::socket_destroyed_in_flight, kind, receiving ? receive_where_ : send_where_});
}

// --- starts --------------------------------------------------------------------------------------

void Socket::receive(Operation& operation, MutableBuffer buffer) noexcept {
    if (begin_receive(operation)) {
        receive(operation, Target{buffer.data(), buffer.size(), nullptr});
    }
}

void Socket::receive(ReceiveOperation& operation, std::size_t most) noexcept {
    if (begin_receive(operation)) {
        receive(operation, Target{nullptr, most, &operation});
    }
}

bool Socket::begin_receive(Operation& operation) noexcept {
    if (!operation.begin(queue_, OperationKind::receive)) {
        return false;
    }
    operation.emplace_native<Record>();
    if (receives_in_flight_.exchange(1, std::memory_order_acquire) != 0) {
        queue_.violated({Rule::second_receive, OperationKind::receive, operation.where()});
        return false;
    }
    return true;
}

void Socket::receive(Operation& operation, const Target& target) noexcept {
    // Copies, because only an operation in flight keeps this object: see finish().
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = receives_in_flight_;
    Result result;
    {
        const std::lock_guard lock(slot_->mutex);
        target_ = target;
        receive_where_ = operation.where();
        if (!start_receive(result)) {
            receive_ = &operation;
            return;
        }
    }
    queue.finish(operation, result, &in_flight);
}

/// False: it has to wait for an edge.
bool Socket::start_receive(Result& result) noexcept {
    if (canceled_ || std::exchange(interrupt_next_receive_, false)) {
        result = Result::failure(Error::canceled);
        return true;
    }
    return readable_ && receive_now(result);
}

/// Asks the system even if no edge has reported anything: this worker may not have been in wait()
/// since the bytes arrived. The edge that reports bytes which are taken here comes later and finds
/// nothing.
Result Socket::try_receive(MutableBuffer buffer) noexcept {
    const std::lock_guard lock(slot_->mutex);
    if (receives_in_flight_.load(std::memory_order_acquire) != 0) {
        queue_.violated({Rule::second_receive, OperationKind::receive, receive_where_});
        return Result::failure(Error::canceled);
    }
    if (canceled_) {
        return Result::failure(Error::canceled);
    }
    target_ = {buffer.data(), buffer.size(), nullptr};
    Result result;
    return receive_now(result) ? result : Result::failure(Error::would_block);
}

void Socket::send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept {
    if (!operation.begin(queue_, OperationKind::send)) {
        return;
    }
    operation.emplace_native<Record>();
    if (sends_in_flight_.exchange(1, std::memory_order_acquire) != 0) {
        return queue_.violated({Rule::second_send, OperationKind::send, operation.where()});
    }
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = sends_in_flight_;
    Result result;
    {
        const std::lock_guard lock(slot_->mutex);
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
        if (!start_send(result)) {
            send_ = &operation;
            return;
        }
    }
    queue.finish(operation, result, &in_flight);
}

bool Socket::start_send(Result& result) noexcept {
    if (canceled_ || std::exchange(interrupt_next_send_, false)) {
        result = Result::failure(Error::canceled);
        return true;
    }
    if (send_buffers_.empty()) {
        result = Result::success();
        return true;
    }
    return writable_ && send_now(result);
}

// --- system calls --------------------------------------------------------------------------------

/// False: nothing is there, and the next edge will tell when there is.
bool Socket::receive_now(Result& result) noexcept {
    if (end_.stream_has_ended()) {
        result = Result::success();
        return true;
    }
    readable_ = drain_;
    for (;;) {
        const ::ssize_t count = receive_into_target();
        if (count >= 0) {
            result = received(static_cast<std::size_t>(count));
            return true;
        }
        const int code = errno;
        if (platform::interrupted(code)) {
            continue;
        }
        if (platform::would_block(code)) {
            readable_ = drain_ = false;
            return false;
        }
        readable_ = true;
        result = end_.failed(code, OperationKind::receive);
        return true;
    }
}

/// One receive call. Into an empty buffer it takes nothing, but looks whether there is something:
/// 1 stands for bytes, 0 for the end.
::ssize_t Socket::receive_into_target() noexcept {
    if (target_.provided_for != nullptr) {
        return receive_into_provided();
    }
    if (target_.size == 0) {
        std::byte look;
        return ::recv(descriptor(), &look, 1, MSG_PEEK);
    }
    return ::recv(descriptor(), target_.data, target_.size, 0);
}

/// The buffer is provided for the moment of the call, and stays only with bytes in it.
::ssize_t Socket::receive_into_provided() noexcept {
    platform::BufferPool& buffers = queue_.buffers();
    std::byte* const memory = buffers.take();
    if (memory == nullptr) {
        errno = ENOBUFS;
        return -1;
    }
    target_.size = std::min(target_.size, buffers.buffer_size());
    const ::ssize_t count = ::recv(descriptor(), memory, target_.size, 0);
    const int code = errno;
    ProvidedBuffer buffer(buffers, memory, count > 0 ? static_cast<std::size_t>(count) : 0);
    if (count > 0) {
        target_.provided_for->deliver(std::move(buffer));
    }
    buffer.reset();
    errno = code;
    return count;
}

Result Socket::received(std::size_t bytes) noexcept {
    if (bytes == 0) {
        readable_ = true;
        return end_.end_of_stream();
    }
    const bool looked = target_.size == 0;
    if (looked || bytes == target_.size) {
        readable_ = true;  // there is, or may be, more
    }
    return Result::success(looked ? 0 : bytes);
}

bool Socket::send_now(Result& result) noexcept {
    for (;;) {
        const ::ssize_t count = send_gather(descriptor(), send_buffers_);
        if (count >= 0) {
            result = Result::success(static_cast<std::size_t>(count));
            return true;
        }
        const int code = errno;
        if (platform::interrupted(code)) {
            continue;
        }
        if (platform::would_block(code)) {
            writable_ = false;
            return false;
        }
        result = end_.failed(code, OperationKind::send);
        return true;
    }
}

// --- events --------------------------------------------------------------------------------------

void Socket::note_readiness(std::uint32_t events) noexcept {
    if ((events & more_may_wait) != 0) {
        drain_ = true;
    }
    if ((events & (EPOLLIN | more_may_wait)) != 0) {
        readable_ = true;
    }
    if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0) {
        writable_ = true;
    }
}

void Socket::on_events(std::uint32_t events, std::unique_lock<std::mutex> lock) noexcept {
    EpollQueue& queue = queue_;
    if (connecting_ != nullptr) {
        Slot& slot = *slot_;
        const std::uint32_t generation = slot.generation;
        lock.unlock();
        return queue.finish_connect(slot, generation, events);
    }
    note_readiness(events);
    Result received;
    Result sent;
    Operation* receive = nullptr;
    Operation* send = nullptr;
    if (receive_ != nullptr && readable_ && receive_now(received)) {
        receive = std::exchange(receive_, nullptr);
    }
    if (send_ != nullptr && writable_ && send_now(sent)) {
        send = std::exchange(send_, nullptr);
    }
    std::atomic<std::uint32_t>& receives_in_flight = receives_in_flight_;
    std::atomic<std::uint32_t>& sends_in_flight = sends_in_flight_;
    lock.unlock();
    // Each of them keeps this object until it is finished; after the last one it may be gone.
    if (receive != nullptr) {
        queue.finish(*receive, received, &receives_in_flight);
    }
    if (send != nullptr) {
        queue.finish(*send, sent, &sends_in_flight);
    }
}

// --- ends ----------------------------------------------------------------------------------------

void Socket::shutdown_send() noexcept {
    const std::lock_guard lock(slot_->mutex);
    if (sends_in_flight_.load(std::memory_order_acquire) != 0) {
        return queue_.violated({Rule::send_after_shutdown, OperationKind::send, send_where_});
    }
    send_shut_down_ = true;
    ::shutdown(descriptor(), SHUT_WR);  // fails when the connection is gone, and nothing is lost
}

void Socket::cancel() noexcept {
    EpollQueue& queue = queue_;
    Operation* receive = nullptr;
    Operation* send = nullptr;
    std::atomic<std::uint32_t>& receives_in_flight = receives_in_flight_;
    std::atomic<std::uint32_t>& sends_in_flight = sends_in_flight_;
    {
        const std::lock_guard lock(slot_->mutex);
        canceled_ = true;
        receive = std::exchange(receive_, nullptr);
        send = std::exchange(send_, nullptr);
    }
    const Result canceled = Result::failure(Error::canceled);
    if (receive != nullptr) {
        queue.finish(*receive, canceled, &receives_in_flight);
    }
    if (send != nullptr) {
        queue.finish(*send, canceled, &sends_in_flight);
    }
}

void Socket::interrupt_receive() noexcept {
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = receives_in_flight_;
    Operation* receive = nullptr;
    {
        const std::lock_guard lock(slot_->mutex);
        receive = std::exchange(receive_, nullptr);
        // A receive that has its result already has won the race: then the next one is meant.
        interrupt_next_receive_ = receive == nullptr;
    }
    if (receive != nullptr) {
        queue.finish(*receive, Result::failure(Error::canceled), &in_flight);
    }
}

void Socket::interrupt_send() noexcept {
    EpollQueue& queue = queue_;
    std::atomic<std::uint32_t>& in_flight = sends_in_flight_;
    Operation* send = nullptr;
    {
        const std::lock_guard lock(slot_->mutex);
        send = std::exchange(send_, nullptr);
        // A send that has its result already has won the race: then the next one is meant.
        interrupt_next_send_ = send == nullptr;
    }
    if (send != nullptr) {
        queue.finish(*send, Result::failure(Error::canceled), &in_flight);
    }
}

void Socket::set_abortive_close() noexcept { platform::set_abortive_close(descriptor()); }

Endpoint Socket::local_endpoint() const noexcept { return platform::local_address(descriptor()); }

}  // namespace drydock::epoll

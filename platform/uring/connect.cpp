// Connecting, and canceling a connect.
//
// While a connect is in flight, its socket belongs to the operation, and the operation's record
// names the socket. The lock on the timers guards both, since cancel() may come at any time.
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>

#include <cerrno>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/uring/socket.hpp"
#include "platform/uring/uring_queue.hpp"

namespace drydock::uring {

void UringQueue::connect(SocketOperation& operation, const Endpoint& endpoint) noexcept {
    {
        const std::lock_guard lock(timers_.mutex());
        if (!timers_.begin(operation, OperationKind::connect)) {
            return;
        }
    }
    Result result = operation.native<Record>().result;
    if (result.ok()) {
        platform::File file;
        const int code = platform::open_connection(endpoint, file);
        if (code == 0 || platform::in_progress(code)) {
            ::fcntl(file.get(), F_SETFL, 0);  // the ring waits, so that a call need not say EAGAIN
            result = await_connection(operation,
                                      Socket::make(*this, std::move(file), endpoint.unmapped()));
            if (result.ok()) {
                return;  // the operation may be gone by now
            }
        } else {
            result = platform::failure(code, OperationKind::connect);
        }
    }
    finish(operation, result);
}

/// Success: the operation is left to the ring and cancel().
Result UringQueue::await_connection(SocketOperation& operation,
                                    std::unique_ptr<Socket> made) noexcept {
    if (made == nullptr) {
        return platform::failure(ENOMEM, OperationKind::connect);
    }
    Socket& socket = *made;
    const std::lock_guard lock(timers_.mutex());
    if (operation.take_remembered_cancel()) {  // it came during the system calls
        return Result::failure(Error::canceled);
    }
    operation.deliver(std::move(made));
    operation.native<Record>().connecting = &socket;
    socket.await_connection(operation);
    return Result::success();
}

void Socket::await_connection(SocketOperation& operation) noexcept {
    Request& request = operation.native<Record>().request;
    request.requester = this;
    request.kind = OperationKind::connect;
    const std::lock_guard lock(mutex);
    connecting_ = &operation;
    queue_.workers().start(request);
}

void Socket::cancel_connect(Request& request) noexcept {
    const std::lock_guard lock(mutex);
    queue_.workers().cancel(request);
}

/// When it fails this object is gone at the end.
void Socket::connect_completed(Request& request, const Event& event, Worker& me) noexcept {
    UringQueue& queue = queue_;
    SocketOperation* operation = nullptr;
    Result result;
    {
        const std::lock_guard timers_lock(queue.timers_mutex());
        const std::lock_guard lock(mutex);
        Workers::settle(request);
        if (request.cancel_wanted) {
            result = Result::failure(Error::canceled);
        } else if (event.result < 0) {
            return queue.workers().restart(me, request);
        } else {
            result = platform::failure(platform::connection_outcome(descriptor(), peer_),
                                       OperationKind::connect);
        }
        operation = std::exchange(connecting_, nullptr);
        operation->native<Record>().connecting = nullptr;
    }
    if (!result.ok()) {
        operation->take_socket().reset();
    }
    queue.workers().finish(me, *operation, result, nullptr);
}

}  // namespace drydock::uring

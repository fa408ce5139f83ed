// Connecting, and canceling a connect.
//
// While a connect is in flight, its socket belongs to the operation, and the operation's record
// names the socket. The record and the socket's connecting() change together, with the lock on the
// timers and the slot's lock held, in that order. One of three parties gets the operation: the
// kernel's event, cancel(), or a failure to watch the socket. The other two then find that no
// connect is in flight.
#include <cerrno>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/epoll/epoll_queue.hpp"
#include "platform/epoll/socket.hpp"

namespace drydock::epoll {
namespace {

/// What became of a connection that was being made. EINPROGRESS: it still is.
int outcome(const Socket& socket, std::uint32_t events) noexcept {
    const int code = platform::connection_outcome(socket.descriptor(), socket.peer_endpoint());
    return code == 0 && (events & EPOLLOUT) == 0 ? EINPROGRESS : code;
}

}  // namespace

void EpollQueue::connect(SocketOperation& operation, const Endpoint& endpoint) noexcept {
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

/// Success: the operation is left to events and cancel(). (A connection that was made at once has
/// its first event waiting, so it needs no path of its own.)
Result EpollQueue::await_connection(SocketOperation& operation,
                                    std::unique_ptr<Socket> made) noexcept {
    if (made == nullptr) {
        return platform::failure(ENOMEM, OperationKind::connect);
    }
    Socket& socket = *made;
    int code = 0;
    {
        const std::lock_guard lock(timers_.mutex());
        if (operation.take_remembered_cancel()) {  // it came during the system calls
            return Result::failure(Error::canceled);
        }
        const std::lock_guard slot_lock(socket.slot().mutex);
        code = socket.watch();
        if (code == 0) {
            operation.deliver(std::move(made));
            socket.set_connecting(&operation);
            operation.native<Record>().connecting = &socket;
        }
    }
    return platform::failure(code, OperationKind::connect);
}

void EpollQueue::detach_connect(Record& record, Socket& socket) noexcept {
    record.connecting = nullptr;
    socket.set_connecting(nullptr);
}

void EpollQueue::finish_connect(Slot& slot, std::uint32_t generation,
                                std::uint32_t events) noexcept {
    SocketOperation* operation = nullptr;
    Result result;
    {
        const std::lock_guard lock(timers_.mutex());
        std::unique_lock slot_lock(slot.mutex);
        if (slot.generation != generation) {
            return;
        }
        Socket& socket = Socket::of(slot);
        operation = socket.connecting();
        if (operation != nullptr) {
            const int code = outcome(socket, events);
            if (platform::in_progress(code)) {
                return;
            }
            result = platform::failure(code, OperationKind::connect);
            detach_connect(operation->native<Record>(), socket);
        }
        // What else the events say is for the socket: bytes may have come with the connection.
        // (Nobody has it yet, or another worker's event came first; nothing is finished under these
        // locks.)
        if (result.ok()) {
            socket.on_events(events, std::move(slot_lock));
        }
    }
    if (operation == nullptr) {
        return;
    }
    if (!result.ok()) {
        operation->take_socket().reset();
    }
    finish(*operation, result);
}

}  // namespace drydock::epoll

// Connecting: ConnectEx, and canceling a connect by its operation. See connector.hpp.
#include "platform/iocp/connector.hpp"

#include <memory>
#include <utility>

#include "platform/iocp/error.hpp"
#include "platform/iocp/socket.hpp"

namespace drydock::iocp {

void Connector::start(SocketOperation& operation, const Endpoint& endpoint) noexcept {
    const platform::SocketAddress address(endpoint);
    // Held across ConnectEx: cancel() finds either a connect that the system knows of, or none.
    const std::lock_guard lock(locks_.of(operation));
    if (!operation.begin(queue_, OperationKind::connect)) {
        return;
    }
    Record& record = operation.emplace_native<Record>();
    record.operation = &operation;
    record.owner = this;
    record.finish = &Connector::finished;
    if (operation.take_remembered_cancel()) {
        return port_.complete(record, Result::failure(Error::canceled));
    }
    record.in_flight = true;
    const DWORD code = start_connecting(record, address);
    if (code != 0 && code != ERROR_IO_PENDING) {
        port_.complete(record, failure(code));
    }
}

DWORD Connector::start_connecting(Record& record, const platform::SocketAddress& address) noexcept {
    DWORD code = platform::open_connecting_socket(address.family(), record.handle);
    if (code != 0) {
        return code;
    }
    code = port_.associate(record.handle, Key::io);
    if (code != 0) {
        return code;
    }
    const BOOL done = port_.winsock().connect_ex(record.handle, address.get(), address.size(),
                                                 nullptr, 0, nullptr, &record);
    return done != 0 ? 0 : static_cast<DWORD>(::WSAGetLastError());
}

bool Connector::cancel(Operation& operation) noexcept {
    Record& record = operation.native<Record>();
    if (!record.in_flight) {
        return false;
    }
    record.cancel_requested = true;
    // Where the system knows nothing of it, the start has failed, and its completion is on the way.
    if (record.handle != INVALID_SOCKET) {
        ::CancelIoEx(reinterpret_cast<HANDLE>(record.handle), &record);
    }
    return true;
}

bool Connector::finished(Record& record, Result& result) noexcept {
    Connector& self = *static_cast<Connector*>(record.owner);
    const std::lock_guard lock(self.locks_.of(*record.operation));
    record.in_flight = false;
    if (result.ok()) {
        const DWORD code = self.deliver(record);
        if (code != 0) {
            result = failure(code);
        }
    }
    // Still here when it was not delivered; nothing is in flight on it any more.
    if (record.handle != INVALID_SOCKET) {
        ::closesocket(record.handle);
    }
    if (!record.cancel_requested) {
        return true;
    }
    if (!result.ok() && may_mean_canceled(result.native)) {
        result.error = Error::canceled;
    }
    // A cancel that lost the race is owed to the next start.
    if (result.error != Error::canceled) {
        record.operation->remember_cancel();
    }
    return true;
}

// The context comes first: without it getpeername() and shutdown() fail on this socket.
DWORD Connector::deliver(Record& record) noexcept {
    if (::setsockopt(record.handle, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0) != 0) {
        return static_cast<DWORD>(::WSAGetLastError());
    }
    const SOCKET handle = std::exchange(record.handle, INVALID_SOCKET);
    platform::SocketAddress local;
    platform::SocketAddress peer;
    ::getsockname(handle, local.get(), local.size_pointer());
    ::getpeername(handle, peer.get(), peer.size_pointer());
    auto socket = make_socket(queue_, port_, handle, local, peer);
    if (socket == nullptr) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    static_cast<SocketOperation*>(record.operation)->deliver(std::move(socket));
    return 0;
}

}  // namespace drydock::iocp

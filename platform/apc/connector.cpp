// Connecting: ConnectEx with an event, and canceling a connect by its operation. See connector.hpp.
#include "platform/apc/connector.hpp"

#include <memory>
#include <utility>

#include "platform/apc/error.hpp"
#include "platform/apc/socket.hpp"

namespace drydock::apc {

void Connector::start(SocketOperation& operation, const Endpoint& endpoint) noexcept {
    const std::lock_guard lock(mutex_);
    if (!operation.begin(queue_, OperationKind::connect)) {
        return;
    }
    ConnectRecord& record = operation.emplace_native<ConnectRecord>();
    record.operation = &operation;
    record.owner = this;
    record.endpoint = endpoint;
    if (operation.take_remembered_cancel()) {
        return worker_.complete(record, Result::failure(Error::canceled));
    }
    record.step = &Connector::issue;
    record.finish = &Connector::finished;
    record.in_flight = true;
    worker_.submit(record);
}

bool Connector::cancel(Operation& operation) noexcept {
    ConnectRecord& record = operation.native<ConnectRecord>();
    if (!record.in_flight) {
        return false;
    }
    record.cancel_requested = true;
    if (record.issued) {
        ::CancelIoEx(reinterpret_cast<HANDLE>(record.handle), &record);
    }
    return true;
}

void Connector::issue(Record& record) noexcept {
    auto& connect = static_cast<ConnectRecord&>(record);
    Connector& self = *static_cast<Connector*>(record.owner);
    // Held across ConnectEx: cancel() finds either a call that the system knows of, or none.
    const std::lock_guard lock(self.mutex_);
    record.step = nullptr;
    if (connect.cancel_requested) {
        return self.worker_.ready(record, Result::failure(Error::canceled));
    }
    const DWORD code = self.call(connect);
    if (code != 0 && code != ERROR_IO_PENDING) {
        return self.worker_.ready(record, failure(code));
    }
    connect.issued = true;
    self.worker_.call_started(record);
}

DWORD Connector::call(ConnectRecord& record) noexcept {
    const platform::SocketAddress address(record.endpoint);
    const DWORD code = platform::open_connecting_socket(address.family(), record.handle);
    if (code != 0) {
        return code;
    }
    record.hEvent = worker_.call_event();
    const BOOL done = worker_.winsock.connect_ex(record.handle, address.get(), address.size(),
                                                 nullptr, 0, nullptr, &record);
    return done != 0 ? 0 : static_cast<DWORD>(::WSAGetLastError());
}

bool Connector::finished(Record& record) noexcept {
    auto& connect = static_cast<ConnectRecord&>(record);
    Connector& self = *static_cast<Connector*>(record.owner);
    const std::lock_guard lock(self.mutex_);
    Result& result = record.result;
    connect.in_flight = false;
    if (result.ok()) {
        const DWORD code = self.deliver(connect);
        if (code != 0) {
            result = failure(code);
        }
    }
    // Still here when it was not delivered; nothing is in flight on it any more.
    if (connect.handle != INVALID_SOCKET) {
        ::closesocket(connect.handle);
    }
    if (!connect.cancel_requested) {
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
DWORD Connector::deliver(ConnectRecord& record) noexcept {
    if (::setsockopt(record.handle, SOL_SOCKET, SO_UPDATE_CONNECT_CONTEXT, nullptr, 0) != 0) {
        return static_cast<DWORD>(::WSAGetLastError());
    }
    const SOCKET handle = std::exchange(record.handle, INVALID_SOCKET);
    platform::SocketAddress local;
    platform::SocketAddress peer;
    ::getsockname(handle, local.get(), local.size_pointer());
    ::getpeername(handle, peer.get(), peer.size_pointer());
    auto socket = make_socket(queue_, worker_, handle, local, peer);
    if (socket == nullptr) {
        return ERROR_NOT_ENOUGH_MEMORY;
    }
    static_cast<SocketOperation*>(record.operation)->deliver(std::move(socket));
    return 0;
}

}  // namespace drydock::apc

// What is behind a listener: a pool of posted AcceptEx calls. See acceptor.hpp.
//
// The mutex is held across AcceptEx, so that a packet which is dequeued before the call has
// returned waits until the slot is complete. Whoever calls in holds a reference, so that the mutex
// lives until it is unlocked even where the completion that was just posted ends the listener on
// another worker.
#include "platform/iocp/acceptor.hpp"

#include <utility>

#include "platform/common/socket_address_win32.hpp"
#include "platform/iocp/error.hpp"
#include "platform/iocp/socket.hpp"

namespace drydock::iocp {
namespace {

/// AcceptEx also fails for connections that are gone already; there are at most as many in a row as
/// the backlog holds, but no call here should take that long.
constexpr int most_resets_in_a_row = 64;

void close_abortively(SOCKET handle) noexcept {
    const linger abort{1, 0};
    ::setsockopt(handle, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&abort),
                 sizeof abort);
    ::closesocket(handle);
}

/// What an accept may fail with: one connection's end, or a shortage that asks the caller to pause.
/// Anything else is treated as a shortage, so that nobody spins; the native code tells.
Result as_accept_failure(Result result) noexcept {
    if (result.error == Error::broken) {
        result.error = Error::reset;
    }
    const bool own = result.error == Error::reset || is_resource_shortage(result.error);
    if (!own) {
        result.error = Error::no_buffers;
    }
    return result;
}

}  // namespace

Acceptor::Acceptor(CompletionQueue& queue, Port& port, SOCKET handle, int family) noexcept
    : queue_(queue), port_(port), handle_(handle), family_(family) {
    for (Slot& slot : slots_) {
        idle_.push_back(&slot);
    }
}

void Acceptor::accept(SocketOperation& operation) noexcept {
    if (!operation.begin(queue_, OperationKind::accept)) {
        return;
    }
    Record& record = operation.emplace_native<Record>();
    record.operation = &operation;
    record.owner = this;
    record.finish = &Acceptor::accept_finished;

    const std::lock_guard lock(mutex_);
    ++in_flight_;
    latest_ = operation.where();
    if (canceled_) {
        return port_.post(record, Result::failure(Error::canceled));
    }
    waiting_.push(record);
    if (Record* const match = next_match()) {
        port_.post(*match, match->result);
    }
    // Slots that could not be posted before are tried again here, too.
    post_idle_slots();
}

void Acceptor::cancel() noexcept {
    const std::lock_guard lock(mutex_);
    if (std::exchange(canceled_, true)) {
        return;
    }
    if (posted_ > 0) {
        ::CancelIoEx(reinterpret_cast<HANDLE>(handle_), nullptr);
    }
    complete_waiting(Result::failure(Error::canceled));
}

void Acceptor::close() noexcept {
    const std::lock_guard lock(mutex_);
    if (in_flight_ > 0) {
        queue_.violated({Rule::listener_destroyed_in_flight, OperationKind::accept, latest_});
    }
    closed_ = true;
    for (const Slot* slot : holding_) {
        close_abortively(slot->accepted);
    }
    if (posted_ > 0) {
        ::CancelIoEx(reinterpret_cast<HANDLE>(handle_), nullptr);
    }
    ::closesocket(handle_);
}

Record* Acceptor::slot_finished(Slot& slot, const Result& result) noexcept {
    // Declared first, so that it goes last: the slot may have been all that kept the acceptor
    // alive.
    const std::shared_ptr<Acceptor> self = std::move(slot.posted_by);
    const std::lock_guard lock(self->mutex_);
    --self->posted_;
    self->port_.slots_posted.fetch_sub(1);
    Record* const record = self->arrived(slot, result);
    if (record != nullptr) {
        --self->in_flight_;
    }
    return record;
}

bool Acceptor::accept_finished(Record& record, Result&) noexcept {
    Acceptor& self = *static_cast<Acceptor*>(record.owner);
    const std::lock_guard lock(self.mutex_);
    --self.in_flight_;
    return true;
}

Record* Acceptor::arrived(Slot& slot, Result result) noexcept {
    if (closed_) {
        close_abortively(slot.accepted);
        return nullptr;
    }
    if (result.ok()) {
        const DWORD code = adopt(slot);
        if (code != 0) {
            result = failure(code);
        }
    }
    if (!result.ok()) {
        return refused(slot, result);
    }
    holding_.push_back(&slot);
    Record* const record = next_match();
    post_idle_slots();
    return record;
}

Record* Acceptor::refused(Slot& slot, Result result) noexcept {
    ::closesocket(slot.accepted);
    idle_.push_back(&slot);
    if (canceled_) {
        return nullptr;
    }
    // Aborted, though not by us: the thread that had posted it has ended. No connection was lost.
    const bool aborted = result.error == Error::canceled;
    Record* const record = aborted ? nullptr : waiting_.pop();
    result = as_accept_failure(result);
    if (record != nullptr) {
        record->result = result;
    }
    // In a shortage the next try is left to the next accept, which comes when the caller thinks
    // fit.
    if (aborted || result.error == Error::reset) {
        post_idle_slots();
    }
    return record;
}

Record* Acceptor::next_match() noexcept {
    if (holding_.empty() || waiting_.empty()) {
        return nullptr;
    }
    Slot& slot = *holding_.front();
    holding_.pop_front();
    idle_.push_back(&slot);
    Record* const record = waiting_.pop();
    std::unique_ptr<AsyncSocket> socket = take_connection(slot);
    record->result = socket != nullptr ? Result::success() : failure(ERROR_NOT_ENOUGH_MEMORY);
    static_cast<SocketOperation*>(record->operation)->deliver(std::move(socket));
    return record;
}

// The context comes before any other call: until then the socket does not know that it is
// connected.
DWORD Acceptor::adopt(Slot& slot) noexcept {
    const int status = ::setsockopt(slot.accepted, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                                    reinterpret_cast<const char*>(&handle_), sizeof handle_);
    if (status != 0) {
        return static_cast<DWORD>(::WSAGetLastError());
    }
    return port_.associate(slot.accepted, Key::io);
}

std::unique_ptr<AsyncSocket> Acceptor::take_connection(Slot& slot) noexcept {
    sockaddr* local = nullptr;
    sockaddr* peer = nullptr;
    int local_size = 0;
    int peer_size = 0;
    // Not getpeername(), which fails for a peer that has gone meanwhile.
    port_.extensions().get_accept_ex_addresses(slot.addresses.data(), 0, Slot::address_size,
                                               Slot::address_size, &local, &local_size, &peer,
                                               &peer_size);
    return make_socket(queue_, port_, std::exchange(slot.accepted, INVALID_SOCKET),
                       platform::SocketAddress(local, local_size),
                       platform::SocketAddress(peer, peer_size));
}

void Acceptor::post_idle_slots() noexcept {
    DWORD code = 0;
    while (code == 0 && !canceled_ && !idle_.empty()) {
        code = post_slot(*idle_.front());
        if (code == 0) {
            idle_.pop_front();
        }
    }
    // While one slot is posted, connections come and the rest is posted again with the next of
    // them.
    if (code != 0 && posted_ == 0) {
        complete_waiting(as_accept_failure(failure(code)));
    }
}

DWORD Acceptor::post_slot(Slot& slot) noexcept {
    const DWORD opened = port_.open(family_, slot.accepted);
    if (opened != 0) {
        return opened;
    }
    DWORD code = start(slot);
    for (int resets = 0; code == WSAECONNRESET && resets < most_resets_in_a_row; ++resets) {
        code = start(slot);
    }
    if (code != 0) {
        ::closesocket(std::exchange(slot.accepted, INVALID_SOCKET));
    }
    return code;
}

DWORD Acceptor::start(Slot& slot) noexcept {
    static_cast<OVERLAPPED&>(slot) = OVERLAPPED{};
    slot.posted_by = shared_from_this();
    ++posted_;
    port_.slots_posted.fetch_add(1);
    // Length 0: an AcceptEx that may also receive completes only when data comes.
    const BOOL done =
        port_.extensions().accept_ex(handle_, slot.accepted, slot.addresses.data(), 0,
                                     Slot::address_size, Slot::address_size, &slot.bytes, &slot);
    const auto code = done != 0 ? DWORD{0} : static_cast<DWORD>(::WSAGetLastError());
    if (code == 0 || code == ERROR_IO_PENDING) {
        return 0;
    }
    port_.slots_posted.fetch_sub(1);
    --posted_;
    slot.posted_by.reset();
    return code;
}

void Acceptor::complete_waiting(const Result& result) noexcept {
    while (Record* const record = waiting_.pop()) {
        port_.post(*record, result);
    }
}

}  // namespace drydock::iocp

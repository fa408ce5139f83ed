// The pool of AcceptEx calls behind a listener. See acceptor.hpp.
//
// The mutex is held across AcceptEx, so that a worker which dequeues the packet before the call has
// returned waits until the slot is complete. Every caller holds a reference to the acceptor. So the
// mutex lives until it is unlocked, even where the completion that was just posted makes another
// worker destroy the listener.
#include "platform/iocp/acceptor.hpp"

#include <utility>

#include "platform/iocp/error.hpp"
#include "platform/iocp/socket.hpp"

namespace drydock::iocp {

using platform::as_accept_failure;

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
    if (canceled_ || operation.take_remembered_cancel() || std::exchange(interrupt_next_, false)) {
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

/// An accept that waits has no connection yet, so none is lost: the slots keep what comes.
void Acceptor::interrupt_accept() noexcept {
    const std::lock_guard lock(mutex_);
    Record* const oldest = waiting_.pop();
    if (oldest == nullptr) {
        interrupt_next_ = true;
        return;
    }
    port_.post(*oldest, Result::failure(Error::canceled));
}

void Acceptor::interrupt_accept(SocketOperation& operation) noexcept {
    const std::lock_guard lock(mutex_);
    Record* const record =
        waiting_.take_first([&](const Record& other) { return other.operation == &operation; });
    if (record == nullptr) {
        return operation.remember_cancel();
    }
    port_.post(*record, Result::failure(Error::canceled));
}

void Acceptor::close() noexcept {
    const std::lock_guard lock(mutex_);
    if (in_flight_ > 0) {
        queue_.violated({Rule::listener_destroyed_in_flight, OperationKind::accept, latest_});
    }
    closed_ = true;
    for (Slot* slot : holding_) {
        slot->call.drop_abortively();
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
        slot.call.drop_abortively();
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
    slot.call.drop();
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

DWORD Acceptor::adopt(Slot& slot) noexcept {
    const DWORD code = slot.call.adopt(handle_);
    return code != 0 ? code : port_.associate(slot.call.handle(), Key::io);
}

std::unique_ptr<AsyncSocket> Acceptor::take_connection(Slot& slot) noexcept {
    const platform::AcceptCall::Addresses addresses = slot.call.addresses(port_.winsock());
    return make_socket(queue_, port_, slot.call.take(), addresses.local, addresses.peer);
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
    static_cast<OVERLAPPED&>(slot) = OVERLAPPED{};
    slot.posted_by = shared_from_this();
    ++posted_;
    port_.slots_posted.fetch_add(1);
    const DWORD code = slot.call.start(port_.winsock(), handle_, family_, slot);
    if (code == 0) {
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

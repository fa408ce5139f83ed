// The pool of AcceptEx calls behind a listener. See acceptor.hpp.
#include "platform/apc/acceptor.hpp"

#include <utility>

#include "platform/apc/error.hpp"
#include "platform/apc/socket.hpp"

namespace drydock::apc {

using platform::as_accept_failure;

Acceptor::Acceptor(CompletionQueue& queue, Worker& worker, SOCKET handle, int family) noexcept
    : queue_(queue), worker_(worker), handle_(handle), family_(family) {
    for (Slot& slot : slots_) {
        idle_.push_back(&slot);
    }
}

// --- from any thread -----------------------------------------------------------------------------

// The caller holds a reference, so that the mutex lives until it is unlocked even where the worker
// has handed out the completion, and the listener is gone, by then.
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
        return worker_.complete(record, Result::failure(Error::canceled));
    }
    waiting_.push(record);
    // Where all calls are out, the next one that is done serves this accept.
    if (!holding_.empty() || !idle_.empty()) {
        request_calls();
    }
}

void Acceptor::cancel() noexcept {
    const std::lock_guard lock(mutex_);
    if (std::exchange(canceled_, true)) {
        return;
    }
    if (out_ > 0) {
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
    worker_.complete(*oldest, Result::failure(Error::canceled));
}

void Acceptor::interrupt_accept(SocketOperation& operation) noexcept {
    const std::lock_guard lock(mutex_);
    Record* const record =
        waiting_.take_first([&](const Record& other) { return other.operation == &operation; });
    if (record == nullptr) {
        return operation.remember_cancel();
    }
    worker_.complete(*record, Result::failure(Error::canceled));
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
    holding_.clear();
    if (out_ > 0) {
        ::CancelIoEx(reinterpret_cast<HANDLE>(handle_), nullptr);
    }
    ::closesocket(handle_);
}

void Acceptor::request_calls() noexcept {
    if (request_.for_whom != nullptr) {
        return;
    }
    request_.for_whom = shared_from_this();
    request_.step = &Acceptor::requested;
    worker_.submit(request_);
}

void Acceptor::complete_waiting(const Result& result) noexcept {
    while (Record* const record = waiting_.pop()) {
        worker_.complete(*record, result);
    }
}

// --- by the worker -------------------------------------------------------------------------------

void Acceptor::requested(Record& record) noexcept {
    // Declared first, so that it goes last: it may be all that keeps the acceptor alive.
    std::shared_ptr<Acceptor> self = static_cast<Request&>(record).for_whom;
    const std::lock_guard lock(self->mutex_);
    self->request_.for_whom.reset();
    self->match();
    self->call_idle_slots();
}

void Acceptor::slot_done(Record& record) noexcept {
    auto& slot = static_cast<Slot&>(record);
    const std::shared_ptr<Acceptor> self = std::move(slot.out_for);
    const std::lock_guard lock(self->mutex_);
    --self->out_;
    --self->worker_.accept_calls;
    self->arrived(slot, slot.result);
}

bool Acceptor::accept_finished(Record& record) noexcept {
    Acceptor& self = *static_cast<Acceptor*>(record.owner);
    const std::lock_guard lock(self.mutex_);
    --self.in_flight_;
    return true;
}

void Acceptor::arrived(Slot& slot, Result result) noexcept {
    if (closed_) {
        return slot.call.drop_abortively();
    }
    if (result.ok()) {
        const DWORD code = slot.call.adopt(handle_);
        if (code != 0) {
            result = failure(code);
        }
    }
    if (!result.ok()) {
        return failed(slot, result);
    }
    holding_.push_back(&slot);
    match();
    call_idle_slots();
}

void Acceptor::failed(Slot& slot, const Result& result) noexcept {
    slot.call.drop();
    idle_.push_back(&slot);
    if (canceled_) {
        return;
    }
    // Aborted, though not by us: the thread that had made the call has ended. No connection was
    // lost.
    const bool aborted = result.error == Error::canceled;
    const Result told = as_accept_failure(result);
    if (Record* const record = aborted ? nullptr : waiting_.pop()) {
        worker_.ready(*record, told);
    }
    // In a shortage the next try is left to the next accept, which comes when the caller thinks
    // fit.
    if (aborted || told.error == Error::reset) {
        call_idle_slots();
    }
}

/// Gives the connections that are here to the accepts that wait.
void Acceptor::match() noexcept {
    while (!closed_ && !holding_.empty() && !waiting_.empty()) {
        Slot& slot = *holding_.front();
        holding_.pop_front();
        idle_.push_back(&slot);
        Record& record = *waiting_.pop();
        const platform::AcceptCall::Addresses addresses = slot.call.addresses(worker_.winsock);
        std::unique_ptr<AsyncSocket> socket =
            make_socket(queue_, worker_, slot.call.take(), addresses.local, addresses.peer);
        const bool made = socket != nullptr;
        static_cast<SocketOperation*>(record.operation)->deliver(std::move(socket));
        worker_.ready(record, made ? Result::success() : failure(ERROR_NOT_ENOUGH_MEMORY));
    }
}

void Acceptor::call_idle_slots() noexcept {
    DWORD code = 0;
    while (code == 0 && !canceled_ && !closed_ && !idle_.empty()) {
        code = call(*idle_.front());
        if (code == 0) {
            idle_.pop_front();
        }
    }
    // While one call is out, connections come and the rest is called again with the next of them.
    if (code != 0 && out_ == 0) {
        complete_waiting(as_accept_failure(failure(code)));
    }
}

DWORD Acceptor::call(Slot& slot) noexcept {
    static_cast<OVERLAPPED&>(slot) = OVERLAPPED{};
    slot.hEvent = worker_.call_event();
    const DWORD code = slot.call.start(worker_.winsock, handle_, family_, slot);
    if (code != 0) {
        return code;
    }
    slot.out_for = shared_from_this();
    slot.step = &Acceptor::slot_done;
    ++out_;
    ++worker_.accept_calls;
    worker_.call_started(slot);
    return 0;
}

}  // namespace drydock::apc

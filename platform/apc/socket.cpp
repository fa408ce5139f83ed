// The connected socket: WSARecv and gather WSASend with completion routines, and which of them are
// in flight.
//
// A start only marks the operation as in flight and submits it; the worker makes the call. After it
// has submitted the operation, a start touches nothing of the socket: before the start returns, the
// worker may hand out the completion, and the coroutine that waits for it may destroy the socket.
//
// The worker tries a send at once, and also a receive whose peer answered quickly last time. Only a
// call that has to wait, for room or for bytes, uses a completion routine.
//
// A receive without a buffer is usually a call with an empty one. It completes when there is
// something to receive, and pins no memory. The bytes are fetched when the completion is handed
// out. See receive_win32.hpp.
#include "platform/apc/socket.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "platform/apc/error.hpp"

namespace drydock::apc {
namespace {

std::optional<Result> unless_it_would_block(DWORD code) noexcept {
    if (code == WSAEWOULDBLOCK) {
        return std::nullopt;
    }
    return failure(code);
}

}  // namespace

/// Has the system abort what it knows of. What it does not know of will look for the mark.
void Socket::Direction::abort(SOCKET handle) const noexcept {
    if (in_flight != nullptr && in_flight->issued) {
        ::CancelIoEx(reinterpret_cast<HANDLE>(handle), in_flight);
    }
}

/// Ends the bookkeeping, and tells a cancellation from a reset.
void Socket::Direction::finished(Result& result) noexcept {
    in_flight = nullptr;
    const bool canceling = canceled || interrupted;
    if (canceling && may_mean_canceled(result.native)) {
        result.error = Error::canceled;
    }
}

Socket::Socket(CompletionQueue& queue, Worker& worker, SOCKET handle, const Endpoint& local,
               const Endpoint& peer) noexcept
    : queue_(queue), worker_(worker), handle_(handle), local_(local), peer_(peer) {
    platform::prepare_connected(handle);
}

Socket::~Socket() {
    check_idle(receiving_);
    check_idle(sending_);
    ::closesocket(handle_);
}

void Socket::check_idle(Direction& direction) noexcept {
    const std::lock_guard lock(direction.mutex);
    if (direction.in_flight == nullptr) {
        return;
    }
    const Operation& operation = *direction.in_flight->operation;
    queue_.violated({Rule::socket_destroyed_in_flight, operation.kind(), operation.where()});
}

// --- starts, from any thread ---------------------------------------------------------------------

void Socket::receive(Operation& operation, MutableBuffer buffer) noexcept {
    start_receive(operation, buffer.data(), buffer.size(), false);
}

void Socket::receive(ReceiveOperation& operation, std::size_t most) noexcept {
    start_receive(operation, nullptr, most, true);
}

void Socket::start_receive(Operation& operation, std::byte* memory, std::size_t most,
                           bool provides) noexcept {
    if (!operation.begin(queue_, OperationKind::receive)) {
        return;
    }
    TransferRecord& record = operation.emplace_native<TransferRecord>();
    record.operation = &operation;
    record.owner = this;
    record.step = &Socket::issue_receive;
    record.finish = &Socket::receive_finished;
    record.memory = memory;
    record.most = most;
    record.provides = provides;
    if (enter(receiving_, record, Rule::second_receive)) {
        worker_.submit(record);
    }
}

/// The system receives for this socket only while a receive is in flight, so no routine holds bytes
/// that this call could miss.
Result Socket::try_receive(MutableBuffer buffer) noexcept {
    const std::lock_guard lock(receiving_.mutex);
    if (receiving_.in_flight != nullptr) {
        const Operation& operation = *receiving_.in_flight->operation;
        queue_.violated({Rule::second_receive, operation.kind(), operation.where()});
        return Result::failure(Error::invalid_argument);
    }
    if (receiving_.canceled) {
        return Result::failure(Error::canceled);
    }
    const bool wants_bytes = !buffer.empty();
    Result result =
        platform::receive_now(handle_, buffer).value_or(Result::failure(Error::would_block));
    tell_reset_from_end(result, wants_bytes);
    return ended(result, wants_bytes);
}

void Socket::send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept {
    if (!operation.begin(queue_, OperationKind::send)) {
        return;
    }
    TransferRecord& record = operation.emplace_native<TransferRecord>();
    record.operation = &operation;
    record.owner = this;
    record.buffers = buffers;
    record.step = &Socket::issue_send;
    record.finish = &Socket::send_finished;
    if (enter(sending_, record, Rule::second_send)) {
        worker_.submit(record);
    }
}

/// False: the start is misuse, and was completed so.
bool Socket::enter(Direction& direction, TransferRecord& record, Rule rule) noexcept {
    Result refusal;
    {
        const std::lock_guard lock(direction.mutex);
        if (direction.shut_down) {
            rule = Rule::send_after_shutdown;
            refusal = Result::failure(Error::broken);
        } else if (direction.in_flight != nullptr) {
            refusal = Result::failure(Error::invalid_argument);
        } else {
            direction.in_flight = &record;
            return true;
        }
    }
    queue_.violated({rule, record.operation->kind(), record.operation->where()});
    record.finish = nullptr;  // the other one goes on
    worker_.complete(record, refusal);
    return false;
}

void Socket::shutdown_send() noexcept {
    const std::lock_guard lock(sending_.mutex);
    if (sending_.in_flight != nullptr) {
        const Operation& operation = *sending_.in_flight->operation;
        queue_.violated({Rule::send_after_shutdown, operation.kind(), operation.where()});
    }
    if (std::exchange(sending_.shut_down, true)) {
        return;
    }
    ::shutdown(handle_, SD_SEND);  // fails on a connection that is gone: as wanted
}

void Socket::cancel() noexcept {
    for (Direction* direction : {&receiving_, &sending_}) {
        const std::lock_guard lock(direction->mutex);
        if (!std::exchange(direction->canceled, true)) {
            direction->abort(handle_);
        }
    }
}

void Socket::interrupt_receive() noexcept {
    const std::lock_guard lock(receiving_.mutex);
    receiving_.interrupted = true;
    receiving_.abort(handle_);
}

void Socket::interrupt_send() noexcept {
    const std::lock_guard lock(sending_.mutex);
    sending_.interrupted = true;
    sending_.abort(handle_);
}

void Socket::set_abortive_close() noexcept { platform::set_abortive_close(handle_); }

// --- calls, by the worker ------------------------------------------------------------------------

void Socket::issue_receive(Record& record) noexcept {
    auto& transfer = static_cast<TransferRecord&>(record);
    Socket& socket = *static_cast<Socket*>(record.owner);
    const std::lock_guard lock(socket.receiving_.mutex);
    if (!socket.may_issue(socket.receiving_, transfer)) {
        return;
    }
    MutableBuffer buffer{transfer.memory, transfer.most};
    if (transfer.provides) {
        buffer = socket.receiving_.waiting.choose(socket.worker_.buffers, transfer.most);
    }
    socket.call_receive(transfer, buffer);
}

/// An empty buffer waits for data or the end.
void Socket::call_receive(TransferRecord& record, MutableBuffer buffer) noexcept {
    static_cast<OVERLAPPED&>(record) = OVERLAPPED{};
    record.flags = 0;
    // The system captures the WSABUF before it returns.
    WSABUF target{static_cast<ULONG>(std::min(buffer.size(), platform::most_bytes)),
                  reinterpret_cast<CHAR*>(buffer.data())};
    if (const std::optional<Result> received = receive_at_once(target)) {
        return worker_.ready(record, *received);
    }
    const int status =
        ::WSARecv(handle_, &target, 1, nullptr, &record.flags, &record, &Socket::routine);
    receiving_.prompt = status == 0;
    issued(record, status);
}

/// Where the peer is quick, what is there is taken without a routine. Asking costs a call where it
/// is not, so this is done only as long as there was something each time. None: there is nothing,
/// or it was not asked.
std::optional<Result> Socket::receive_at_once(WSABUF buffer) noexcept {
    if (!receiving_.prompt || buffer.len == 0) {
        return std::nullopt;
    }
    DWORD bytes = 0;
    DWORD flags = 0;
    if (::WSARecv(handle_, &buffer, 1, &bytes, &flags, nullptr, nullptr) == 0) {
        return Result::success(bytes);
    }
    return unless_it_would_block(static_cast<DWORD>(::WSAGetLastError()));
}

void Socket::issue_send(Record& record) noexcept {
    auto& transfer = static_cast<TransferRecord&>(record);
    Socket& socket = *static_cast<Socket*>(record.owner);
    platform::Gather gather(transfer.buffers);  // the system captures it before it returns
    const std::lock_guard lock(socket.sending_.mutex);
    if (!socket.may_issue(socket.sending_, transfer)) {
        return;
    }
    const std::optional<Result> sent = socket.send_at_once(gather);
    if (sent) {
        return socket.worker_.ready(record, *sent);
    }
    socket.issued(transfer, ::WSASend(socket.handle_, gather.data(), gather.count(), nullptr, 0,
                                      &transfer, &Socket::routine));
}

/// Most sends find room. Those are complete without a routine, which would have to be queued first
/// and then be let run by a wait. None: there is no room.
std::optional<Result> Socket::send_at_once(platform::Gather& gather) noexcept {
    if (gather.count() == 0) {
        return Result::success();
    }
    DWORD bytes = 0;
    if (::WSASend(handle_, gather.data(), gather.count(), &bytes, 0, nullptr, nullptr) == 0) {
        return Result::success(bytes);
    }
    return unless_it_would_block(static_cast<DWORD>(::WSAGetLastError()));
}

/// False: it is canceled before the system knows of it.
bool Socket::may_issue(Direction& direction, TransferRecord& record) noexcept {
    if (!direction.canceled && !std::exchange(direction.interrupted, false)) {
        return true;
    }
    worker_.ready(record, Result::failure(Error::canceled));
    return false;
}

/// `status` is what the call gave. Unless the system took it, no routine will run.
void Socket::issued(TransferRecord& record, int status) noexcept {
    const DWORD code = status == 0 ? DWORD{0} : static_cast<DWORD>(::WSAGetLastError());
    if (code != 0 && code != WSA_IO_PENDING) {
        return worker_.ready(record, failure(code));
    }
    record.issued = true;
    worker_.transfer_started();
}

void CALLBACK Socket::routine(DWORD code, DWORD bytes, OVERLAPPED* overlapped, DWORD) noexcept {
    Record& record = *static_cast<Record*>(overlapped);
    Result result = code == 0 ? Result::success() : failure(code);
    result.bytes = bytes;
    static_cast<Socket*>(record.owner)->worker_.transfer_finished(record, result);
}

// --- completions, by the worker ------------------------------------------------------------------

bool Socket::receive_finished(Record& record) noexcept {
    auto& transfer = static_cast<TransferRecord&>(record);
    Socket& socket = *static_cast<Socket*>(record.owner);
    Direction& receiving = socket.receiving_;
    const std::lock_guard lock(receiving.mutex);
    transfer.issued = false;
    const bool wants_bytes = transfer.most > 0;  // so 0 bytes are the end of the stream
    if (transfer.provides && !socket.provide(transfer)) {
        return false;
    }
    Result& result = record.result;
    socket.tell_reset_from_end(result, wants_bytes);
    receiving.finished(result);
    // Bytes that are in the buffer are the stream's: they must not be lost.
    if (!result.ok() && result.bytes > 0) {
        result = Result::success(result.bytes);
    }
    // An interruption that did not win the race is owed to the next receive.
    if (result.error == Error::canceled) {
        receiving.interrupted = false;
    }
    result = socket.ended(result, wants_bytes);
    return true;
}

void Socket::tell_reset_from_end(Result& result, bool wants_bytes) noexcept {
    const bool at_end = result.ok() && result.bytes == 0 && wants_bytes;
    if (at_end && is_gone_out_of_order()) {
        result = failure(WSAECONNRESET);
    }
}

/// What a receive reports that gives this, as to how the stream has ended.
Result Socket::ended(Result result, bool wants_bytes) noexcept {
    if (result.error == Error::broken) {
        result.error = Error::reset;
    }
    if (result.error == Error::reset) {
        cut_off_send();
    }
    return receiving_.end.repeated(result, wants_bytes);
}

bool Socket::send_finished(Record& record) noexcept {
    Direction& sending = static_cast<Socket*>(record.owner)->sending_;
    const std::lock_guard lock(sending.mutex);
    static_cast<TransferRecord&>(record).issued = false;
    sending.finished(record.result);
    // An interruption that did not win the race is owed to the next send.
    if (record.result.error == Error::canceled) {
        sending.interrupted = false;
    }
    if (record.result.error == Error::canceled && !sending.canceled && sending.cut_off) {
        record.result.error = Error::reset;
    }
    return true;
}

/// A receive into a provided buffer is back: puts what there is into one. False: nothing is there,
/// after all, and the receive goes on.
bool Socket::provide(TransferRecord& record) noexcept {
    auto& operation = static_cast<ReceiveOperation&>(*record.operation);
    const std::optional<Result> received =
        receiving_.waiting.finish(handle_, worker_.buffers, operation, record.most, record.result);
    if (received) {
        record.result = *received;
    } else if (may_issue(receiving_, record)) {
        call_receive(record, {});
    }
    return received.has_value();
}

/// Wine reports a reset that came while no receive was pending as the end of the stream. This tells
/// the two apart: after a reset the connection is gone, after the peer's half close alone it is
/// not. (After our own half close it may be gone in order.) On Windows it changes no result.
bool Socket::is_gone_out_of_order() noexcept {
    const std::lock_guard lock(sending_.mutex);
    platform::SocketAddress peer;
    return !sending_.shut_down && ::getpeername(handle_, peer.get(), peer.size_pointer()) != 0 &&
           ::WSAGetLastError() == WSAENOTCONN;
}

/// Wine may leave a send pending for ever on a connection whose reset a receive has reported. On
/// Windows the send fails by itself.
void Socket::cut_off_send() noexcept {
    const std::lock_guard lock(sending_.mutex);
    sending_.cut_off = true;
    sending_.abort(handle_);
}

std::unique_ptr<AsyncSocket> make_socket(CompletionQueue& queue, Worker& worker, SOCKET handle,
                                         const platform::SocketAddress& local,
                                         const platform::SocketAddress& peer) noexcept {
    try {
        return std::make_unique<Socket>(queue, worker, handle, local.endpoint(), peer.endpoint());
    } catch (const std::bad_alloc&) {
        ::closesocket(handle);
        return nullptr;
    }
}

}  // namespace drydock::apc

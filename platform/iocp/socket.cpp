// The connected socket: WSARecv, gather WSASend, and which of them are in flight.
//
// One hazard shapes this file. Before a start has returned on this worker, another worker can take
// the completion, and the coroutine that waits for it can destroy the socket. Therefore:
//
// - Each direction has a mutex that is held across the start. The worker that takes the completion
//   locks it too, so it sees the complete bookkeeping of the start. cancel() also locks it, and
//   finds either an operation that the system knows of, or one that will check the canceled mark
//   before it makes its call.
// - The mutexes are part of a state that each start keeps alive until it has unlocked its mutex.
//   After the start, the handle is not touched.
#include "platform/iocp/socket.hpp"

#include <algorithm>
#include <new>
#include <optional>
#include <utility>

#include "platform/common/gather_win32.hpp"
#include "platform/common/receive_win32.hpp"
#include "platform/common/socket_win32.hpp"
#include "platform/common/stream_end.hpp"
#include "platform/iocp/error.hpp"

namespace drydock::iocp {

/// Receiving or sending. The mutex guards the rest.
struct Socket::Direction {
    std::mutex mutex;
    /// From the start until wait() takes the completion.
    Record* in_flight = nullptr;
    bool canceled = false;            // by cancel(): for good
    bool interrupted = false;         // one operation is to complete as canceled
    bool shut_down = false;           // sending only
    platform::StreamEnd end;          // receiving only
    platform::WaitingBuffer waiting;  // receiving only

    /// Has the system abort what it knows of. What was posted instead is not its business.
    void abort(SOCKET handle) const noexcept {
        if (in_flight != nullptr) {
            ::CancelIoEx(reinterpret_cast<HANDLE>(handle), in_flight);
        }
    }

    /// What a receive reports that gives this, as to how the stream has ended.
    Result ended(Result result, bool wants_bytes) noexcept {
        if (result.error == Error::broken) {
            result.error = Error::reset;
        }
        return end.repeated(result, wants_bytes);
    }

    /// The packet has arrived: ends the bookkeeping and tells a cancellation from a reset.
    Result finished(Result result) noexcept {
        in_flight = nullptr;
        const bool canceling = canceled || interrupted;
        if (canceling && may_mean_canceled(result.native)) {
            result.error = Error::canceled;
        }
        return result;
    }
};

struct Socket::State : std::enable_shared_from_this<State> {
    State(CompletionQueue& its_queue, Port& its_port, SOCKET its_handle) noexcept
        : queue(its_queue),
          port(its_port),
          handle(its_handle),
          skips_packets(port.skip_packets(handle)) {}

    CompletionQueue& queue;
    Port& port;
    const SOCKET handle;
    const bool skips_packets;
    Direction receiving;
    Direction sending;

    /// Locked by the caller. False: the operation completes without the system.
    bool enter(Direction& direction, Record& record, Rule rule) noexcept {
        if (direction.in_flight != nullptr) {
            queue.violated({rule, record.operation->kind(), record.operation->where()});
            record.finish = nullptr;  // the other one goes on
            port.complete(record, Result::failure(Error::invalid_argument));
            return false;
        }
        direction.in_flight = &record;
        if (!direction.canceled && !std::exchange(direction.interrupted, false)) {
            return true;
        }
        port.complete(record, Result::failure(Error::canceled));
        return false;
    }

    /// `status` is what the start gave. Unless the system has yet to complete it, or has not been
    /// told to skip the packet, none will come.
    void started(Record& record, int status) noexcept {
        const DWORD code = status == 0 ? DWORD{0} : static_cast<DWORD>(::WSAGetLastError());
        if (code == WSA_IO_PENDING || (code == 0 && !skips_packets)) {
            return;
        }
        port.complete(record, code == 0 ? Result::success(record.InternalHigh) : failure(code));
    }

    void check_idle(Direction& direction) noexcept {
        const std::lock_guard lock(direction.mutex);
        if (direction.in_flight == nullptr) {
            return;
        }
        const Operation& operation = *direction.in_flight->operation;
        queue.violated({Rule::socket_destroyed_in_flight, operation.kind(), operation.where()});
    }

    /// Wine reports a reset that came while no receive was pending as the end of the stream. This
    /// tells the two apart: after a reset the connection is gone, after the peer's half close alone
    /// it is not. (After our own half close it may be gone in order.) On Windows it changes no
    /// result.
    bool is_gone_out_of_order() noexcept {
        const std::lock_guard lock(sending.mutex);
        platform::SocketAddress peer;
        return !sending.shut_down && ::getpeername(handle, peer.get(), peer.size_pointer()) != 0 &&
               ::WSAGetLastError() == WSAENOTCONN;
    }

    /// Receiving, locked.
    void tell_reset_from_end(Result& result, bool wants_bytes) noexcept {
        const bool at_end = result.ok() && result.bytes == 0 && wants_bytes;
        if (at_end && is_gone_out_of_order()) {
            result = failure(WSAECONNRESET);
        }
    }

    /// Receiving, locked: no receive is in flight.
    Result receive_at_once(MutableBuffer buffer) noexcept {
        if (receiving.canceled) {
            return Result::failure(Error::canceled);
        }
        const bool wants_bytes = !buffer.empty();
        Result result =
            platform::receive_now(handle, buffer).value_or(Result::failure(Error::would_block));
        tell_reset_from_end(result, wants_bytes);
        return receiving.ended(result, wants_bytes);
    }

    /// Receiving, locked. An empty buffer waits for data or the end.
    void post_receive(Record& record, MutableBuffer buffer) noexcept {
        // The system captures the WSABUF before it returns.
        WSABUF target{static_cast<ULONG>(std::min(buffer.size(), platform::most_bytes)),
                      reinterpret_cast<CHAR*>(buffer.data())};
        record.flags = 0;
        started(record, ::WSARecv(handle, &target, 1, nullptr, &record.flags, &record, nullptr));
    }

    /// A receive into a provided buffer is back: puts what there is into one. False: nothing is
    /// there, after all.
    bool provide(Record& record, Result& result) noexcept {
        const std::optional<Result> received = receiving.waiting.finish(
            handle, port.buffers(), *record.provided_for, record.most, result);
        if (!received && !receiving.canceled && !receiving.interrupted) {
            return false;
        }
        result = received.value_or(failure(ERROR_OPERATION_ABORTED));
        return true;
    }

    static bool receive_finished(Record& record, Result& result) noexcept {
        State& state = *static_cast<State*>(record.owner);
        Direction& receiving = state.receiving;
        std::shared_ptr<State> kept;  // while another worker may have the packet of what goes on
        const std::lock_guard lock(receiving.mutex);
        if (record.provided_for != nullptr && !state.provide(record, result)) {
            kept = state.shared_from_this();
            state.post_receive(record, {});
            return false;
        }
        state.tell_reset_from_end(result, record.wants_bytes);
        result = receiving.finished(result);
        // Bytes that are in the buffer are the stream's: they must not be lost.
        if (!result.ok() && result.bytes > 0) {
            result = Result::success(result.bytes);
            return true;
        }
        // An interruption that did not win the race is owed to the next receive.
        if (result.error == Error::canceled) {
            receiving.interrupted = false;
        }
        result = receiving.ended(result, record.wants_bytes);
        return true;
    }

    static bool send_finished(Record& record, Result& result) noexcept {
        Direction& sending = static_cast<State*>(record.owner)->sending;
        const std::lock_guard lock(sending.mutex);
        result = sending.finished(result);
        // An interruption that did not win the race is owed to the next send.
        if (result.error == Error::canceled) {
            sending.interrupted = false;
        }
        return true;
    }
};

Socket::Socket(CompletionQueue& queue, Port& port, SOCKET handle, const Endpoint& local,
               const Endpoint& peer)
    : state_(std::make_shared<State>(queue, port, handle)), local_(local), peer_(peer) {
    platform::prepare_connected(handle);
}

Socket::~Socket() {
    state_->check_idle(state_->receiving);
    state_->check_idle(state_->sending);
    ::closesocket(state_->handle);
}

void Socket::receive(Operation& operation, MutableBuffer buffer) noexcept {
    receive(operation, buffer, nullptr, 0);
}

void Socket::receive(ReceiveOperation& operation, std::size_t most) noexcept {
    receive(operation, {}, &operation, most);
}

void Socket::receive(Operation& operation, MutableBuffer buffer, ReceiveOperation* provided_for,
                     std::size_t most) noexcept {
    const std::shared_ptr<State> state = state_;  // after WSARecv `this` may be gone
    if (!operation.begin(state->queue, OperationKind::receive)) {
        return;
    }
    Record& record = operation.emplace_native<Record>();
    record.operation = &operation;
    record.owner = state.get();
    record.finish = &State::receive_finished;
    record.provided_for = provided_for;
    record.most = most;
    record.wants_bytes = !buffer.empty() || provided_for != nullptr;

    const std::lock_guard lock(state->receiving.mutex);
    if (!state->enter(state->receiving, record, Rule::second_receive)) {
        return;
    }
    if (provided_for != nullptr) {
        buffer = state->receiving.waiting.choose(state->port.buffers(), most);
    }
    state->post_receive(record, buffer);
}

/// The system receives for this socket only while a receive is in flight, so no packet holds bytes
/// that this call could miss.
Result Socket::try_receive(MutableBuffer buffer) noexcept {
    Direction& receiving = state_->receiving;
    const std::lock_guard lock(receiving.mutex);
    if (receiving.in_flight != nullptr) {
        const Operation& operation = *receiving.in_flight->operation;
        state_->queue.violated({Rule::second_receive, operation.kind(), operation.where()});
        return Result::failure(Error::invalid_argument);
    }
    return state_->receive_at_once(buffer);
}

void Socket::send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept {
    const std::shared_ptr<State> state = state_;  // after WSASend `this` may be gone
    if (!operation.begin(state->queue, OperationKind::send)) {
        return;
    }
    Record& record = operation.emplace_native<Record>();
    record.operation = &operation;
    record.owner = state.get();
    record.finish = &State::send_finished;

    platform::Gather gather(buffers);  // the system captures it before it returns
    Direction& sending = state->sending;
    const std::lock_guard lock(sending.mutex);
    if (sending.shut_down) {
        state->queue.violated({Rule::send_after_shutdown, operation.kind(), operation.where()});
        record.finish = nullptr;
        return state->port.complete(record, Result::failure(Error::broken));
    }
    if (!state->enter(sending, record, Rule::second_send)) {
        return;
    }
    if (gather.count() == 0) {
        return state->port.complete(record, Result::success());
    }
    const int status =
        ::WSASend(state->handle, gather.data(), gather.count(), nullptr, 0, &record, nullptr);
    state->started(record, status);
}

void Socket::shutdown_send() noexcept {
    Direction& sending = state_->sending;
    const std::lock_guard lock(sending.mutex);
    if (sending.in_flight != nullptr) {
        const Operation& operation = *sending.in_flight->operation;
        state_->queue.violated({Rule::send_after_shutdown, operation.kind(), operation.where()});
    }
    if (std::exchange(sending.shut_down, true)) {
        return;
    }
    ::shutdown(state_->handle, SD_SEND);  // fails on a connection that is gone: as wanted
}

void Socket::cancel() noexcept {
    for (Direction* direction : {&state_->receiving, &state_->sending}) {
        const std::lock_guard lock(direction->mutex);
        if (!std::exchange(direction->canceled, true)) {
            direction->abort(state_->handle);
        }
    }
}

void Socket::interrupt_receive() noexcept {
    Direction& receiving = state_->receiving;
    const std::lock_guard lock(receiving.mutex);
    receiving.interrupted = true;
    receiving.abort(state_->handle);
}

void Socket::interrupt_send() noexcept {
    Direction& sending = state_->sending;
    const std::lock_guard lock(sending.mutex);
    sending.interrupted = true;
    sending.abort(state_->handle);
}

void Socket::set_abortive_close() noexcept { platform::set_abortive_close(state_->handle); }

std::unique_ptr<AsyncSocket> make_socket(CompletionQueue& queue, Port& port, SOCKET handle,
                                         const platform::SocketAddress& local,
                                         const platform::SocketAddress& peer) noexcept {
    try {
        return std::make_unique<Socket>(queue, port, handle, local.endpoint(), peer.endpoint());
    } catch (const std::bad_alloc&) {
        ::closesocket(handle);
        return nullptr;
    }
}

}  // namespace drydock::iocp

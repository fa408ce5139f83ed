// The backend's record inside each operation in flight: the OVERLAPPED, and the worker's next step
// with it.
#pragma once

#include <cstddef>
#include <span>

#include <drydock/operation.hpp>

#include "platform/common/record_list.hpp"
#include "platform/common/timer_heap.hpp"
#include "platform/common/winsock_win32.hpp"

namespace drydock::apc {

struct Record : OVERLAPPED {
    Operation* operation = nullptr;
    /// The object that `step` and `finish` work on. It lives until the completion was handed out.
    void* owner = nullptr;
    /// What the worker does when it takes the record from its inbox, or finds its event-signaled
    /// call done. Null: `result` is there, and the record is ready to be handed out.
    void (*step)(Record&) noexcept = nullptr;
    /// Called before the completion is handed out: ends the bookkeeping of the operation's socket,
    /// listener or connect, and may change the result. False: the operation does not complete yet.
    /// Null: nothing to do.
    bool (*finish)(Record&) noexcept = nullptr;
    Result result;
    /// The next in the one list that this record is on, if it is on any.
    Record* next = nullptr;
};

using RecordList = platform::RecordList<Record>;

/// Of a receive or a send. Its start may be long over when the worker calls the system.
struct TransferRecord : Record {
    std::span<const ConstBuffer> buffers;  // to send
    /// To receive into; null where the queue provides the buffer.
    std::byte* memory = nullptr;
    /// The most bytes to receive. 0: none, and the receive waits for some, or for the end.
    std::size_t most = 0;
    /// WSARecv's. Here, since the system may write to them until the completion.
    DWORD flags = 0;
    /// Whether the system knows of it.
    bool issued = false;
    /// Of a receive: whether the queue provides the buffer.
    bool provides = false;
};

struct ConnectRecord : Record {
    Endpoint endpoint;
    /// Until it is handed out.
    SOCKET handle = INVALID_SOCKET;
    /// From the start until the completion is handed out.
    bool in_flight = false;
    /// Whether the system knows of it.
    bool issued = false;
    bool cancel_requested = false;
};

/// A timer's place in the heap, and its record for when it completes.
struct TimerRecord {
    platform::TimerRecord heap;  // at the beginning, where the heap looks for it
    Record record;
};

}  // namespace drydock::apc

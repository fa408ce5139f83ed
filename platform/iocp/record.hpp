// The backend's record inside each operation in flight: the OVERLAPPED, and how to handle its
// packet.
//
// A packet names its OVERLAPPED, and the socket's completion key says what record that is part of.
// Nothing is looked up, and nothing is allocated per operation.
#pragma once

#include <drydock/operation.hpp>

#include "platform/common/record_list.hpp"
#include "platform/common/winsock_win32.hpp"

namespace drydock::iocp {

/// The completion key of a packet: what its OVERLAPPED pointer stands for.
enum class Key : ULONG_PTR {
    wake,    // nothing: a worker must check the timers and the list again (waiters.hpp)
    io,      // a Record; the system's status and bytes are in it
    posted,  // a Record; its `result` was set before the packet was sent
    slot,    // a listener's Slot (see acceptor.hpp)
};

struct Record : OVERLAPPED {
    Operation* operation = nullptr;
    /// Called by the worker that hands the completion out, from a packet or from the list: ends the
    /// bookkeeping of the operation's socket, listener or connect, and may change the result.
    /// False: the operation goes on, and completes once more. Null: nothing to do.
    bool (*finish)(Record&, Result&) noexcept = nullptr;
    /// The object that `finish` works on. It lives until the completion was handed out.
    void* owner = nullptr;
    Result result;
    /// The next in the one list that this record is on, if it is on any.
    Record* next = nullptr;
    /// A connect's socket until it is handed out.
    SOCKET handle = INVALID_SOCKET;
    /// WSARecv's flags. Here, since the system may write to them until the packet comes.
    DWORD flags = 0;
    /// For a receive into a provided buffer: the operation that gets it, and the most bytes in it.
    ReceiveOperation* provided_for = nullptr;
    std::size_t most = 0;
    /// Of a receive: whether its buffer has room, so that 0 bytes are the end of the stream.
    bool wants_bytes = false;
    /// Of a connect: from the start until wait() takes it, and whether cancel() came in that time.
    bool in_flight = false;
    bool cancel_requested = false;
};

using RecordList = platform::RecordList<Record>;

}  // namespace drydock::iocp

// The backend's record inside each operation in flight, and lists of those operations.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <drydock/endpoint.hpp>
#include <drydock/operation.hpp>

#include "platform/common/operation_list.hpp"
#include "platform/common/timer_heap.hpp"

namespace drydock::epoll {

class Socket;

struct Record {
    platform::TimerRecord timer;   // first, as TimerHeap asks; guarded by the queue's timer lock
    Socket* connecting = nullptr;  // the socket of a connect that can be canceled; same lock

    Operation* next = nullptr;  // in the list that holds the operation
    Result result;
    std::atomic<std::uint32_t>* in_flight = nullptr;  // counted down when wait() hands it out
};

/// For an accept: what belongs to the connection that it was given.
struct AcceptRecord {
    Record record;  // first, so that it is found as a Record, too
    int descriptor = -1;
    Endpoint peer;
};

static_assert(std::is_standard_layout_v<AcceptRecord>);

using OperationList = platform::OperationList<Record>;

}  // namespace drydock::epoll

// What this backend keeps inside an operation while that is in flight, and lists made of it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <drydock/endpoint.hpp>
#include <drydock/operation.hpp>

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

/// Operations, first in, first out, linked through their records: so that neither a ready list nor
/// moving all of it to another worker ever allocates. Not locked.
class OperationList {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }

    void push(Operation& operation) noexcept {
        operation.native<Record>().next = nullptr;
        (last_ == nullptr ? first_ : last_->native<Record>().next) = &operation;
        last_ = &operation;
        ++size_;
    }

    /// Null when the list is empty.
    Operation* pop() noexcept {
        Operation* const operation = first_;
        if (operation != nullptr) {
            first_ = operation->native<Record>().next;
            last_ = first_ == nullptr ? nullptr : last_;
            --size_;
        }
        return operation;
    }

    /// Puts all of `other` at the end.
    void splice(OperationList& other) noexcept {
        if (other.empty()) {
            return;
        }
        (last_ == nullptr ? first_ : last_->native<Record>().next) = other.first_;
        last_ = other.last_;
        size_ += other.size_;
        other = OperationList();
    }

private:
    Operation* first_ = nullptr;
    Operation* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace drydock::epoll

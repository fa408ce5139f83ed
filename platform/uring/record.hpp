// The backend's record inside each operation in flight, and the requests to a ring.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <type_traits>

#include <drydock/operation.hpp>

#include "platform/common/operation_list.hpp"
#include "platform/common/timer_heap.hpp"

struct io_uring_sqe;

namespace drydock::uring {

class Requester;
class Socket;
struct Worker;

/// One thing that a ring is asked for: by an operation, or by a listener that accepts. It waits in
/// a list of starts, then it is the kernel's, and at last completed() is called.
struct Request {
    Requester* requester = nullptr;
    OperationKind kind = OperationKind::none;
    bool cancel_wanted = false;  // the requester's lock

    /// In whose list, or in whose ring it is. Null: in the list that all workers share. The
    /// requester's lock.
    Worker* home = nullptr;

    Request* next = nullptr;  // in the list of starts that holds it

    // In its home's list of what is to be canceled; that worker's lock.
    bool mailed = false;
    Request* next_mail;  // these two while it is mailed
    Request* previous_mail;
};

/// What the kernel says of a request.
struct Event {
    int result = 0;               // or -errno
    bool more = false;            // the request stays, and will say more
    bool bytes_left = false;      // a receive did not take all there was
    std::byte* buffer = nullptr;  // a provided one; the event's receiver owns it
};

/// An object that makes requests to rings.
class Requester {
public:
    Requester() = default;
    Requester(const Requester&) = delete;
    Requester& operator=(const Requester&) = delete;

    /// Fills in an entry that is zero but for its user_data. By the worker that will submit it,
    /// without a lock: what it says does not change while the request is on its way.
    virtual void prepare(const Request& request, ::io_uring_sqe& entry) noexcept = 0;

    /// By the worker in whose ring it was, inside wait().
    virtual void completed(Request& request, const Event& event, Worker& me) noexcept = 0;

    /// Guards the requester's state, and where its requests are. Taken before any worker's lock.
    std::mutex mutex;

protected:
    ~Requester() = default;
};

struct Record {
    platform::TimerRecord timer;  // first, as TimerHeap asks; guarded by the queue's timer lock
    Request request;              // near the beginning: what a completion looks at first

    Operation* next = nullptr;  // in the list that holds the operation
    Result result;
    std::atomic<std::uint32_t>* in_flight = nullptr;  // counted down when wait() hands it out

    Socket* connecting = nullptr;  // the socket of a connect that can be canceled; the timers' lock
};

static_assert(std::is_standard_layout_v<Record>);

using OperationList = platform::OperationList<Record>;

/// Requests, first in, first out. Not locked.
class RequestList {
public:
    bool empty() const noexcept { return first_ == nullptr; }
    std::size_t size() const noexcept { return size_; }

    void push(Request& request) noexcept {
        request.next = nullptr;
        (last_ == nullptr ? first_ : last_->next) = &request;
        last_ = &request;
        ++size_;
    }

    /// Null when the list is empty.
    Request* pop() noexcept {
        Request* const request = first_;
        if (request != nullptr) {
            first_ = request->next;
            last_ = first_ == nullptr ? nullptr : last_;
            --size_;
        }
        return request;
    }

    void splice(RequestList& other) noexcept {
        if (other.empty()) {
            return;
        }
        (last_ == nullptr ? first_ : last_->next) = other.first_;
        last_ = other.last_;
        size_ += other.size_;
        other = RequestList();
    }

private:
    Request* first_ = nullptr;
    Request* last_ = nullptr;
    std::size_t size_ = 0;
};

/// Requests that are to be canceled; any of them can be taken out. Not locked.
class MailList {
public:
    bool empty() const noexcept { return first_ == nullptr; }

    void push(Request& request) noexcept {
        request.mailed = true;
        request.previous_mail = nullptr;
        request.next_mail = first_;
        if (first_ != nullptr) {
            first_->previous_mail = &request;
        }
        first_ = &request;
    }

    Request* pop() noexcept {
        Request* const request = first_;
        if (request != nullptr) {
            remove(*request);
        }
        return request;
    }

    void remove(Request& request) noexcept {
        request.mailed = false;
        (request.previous_mail == nullptr ? first_ : request.previous_mail->next_mail) =
            request.next_mail;
        if (request.next_mail != nullptr) {
            request.next_mail->previous_mail = request.previous_mail;
        }
    }

private:
    Request* first_ = nullptr;
};

}  // namespace drydock::uring

// The part of a listener that the kernel knows: one request that gives connection after connection.
//
// It may outlive the listener, because the request ends only when the kernel says so. Closing the
// listener ends listening at once all the same.
//
// Connections arrive before an accept asks for them. The acceptor keeps a few for the next accepts.
// When there are more, it cancels the request, and the rest stays in the backlog until an accept is
// started.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <source_location>
#include <vector>

#include <drydock/queue.hpp>

#include "platform/common/file_posix.hpp"
#include "platform/uring/record.hpp"

namespace drydock::uring {

class Acceptor;
class UringQueue;

/// Owns all acceptors of a queue. Those of which the kernel never says its last word end with it.
class AcceptorList {
public:
    AcceptorList() noexcept;
    ~AcceptorList();
    /// Null: there is no memory.
    Acceptor* make(UringQueue& queue, platform::File file) noexcept;
    void end(const Acceptor& acceptor) noexcept;
    void end_all() noexcept;

private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
};

class Acceptor final : public Requester {
public:
    Acceptor(UringQueue& queue, platform::File file) noexcept;
    ~Acceptor();

    void accept(SocketOperation& operation) noexcept;
    void cancel() noexcept;
    void interrupt_accept() noexcept;
    void interrupt_accept(SocketOperation& operation) noexcept;
    /// The listener's last call: this object ends when the kernel has done with it.
    void close() noexcept;

    int descriptor() const noexcept { return file_.get(); }
    std::uint32_t in_flight() const noexcept { return in_flight_.load(std::memory_order_acquire); }
    /// Where the last accept was started.
    std::source_location latest() noexcept;

private:
    static constexpr std::size_t most_kept = 64;

    void prepare(const Request& request, ::io_uring_sqe& entry) noexcept override;
    void completed(Request& request, const Event& event, Worker& me) noexcept override;
    Operation* take_in(const Event& event, Result& result) noexcept;
    Operation* take_connection(int descriptor, Result& result) noexcept;
    void keep(int descriptor) noexcept;
    void ask(Worker* me) noexcept;
    bool backlog_is_empty() const noexcept;
    void reset_kept() noexcept;
    Result deliver(SocketOperation& operation, int descriptor) noexcept;

    UringQueue& queue_;
    platform::File file_;
    std::atomic<std::uint32_t> in_flight_{0};  // accepts that wait() has not handed out

    // Guarded by the requester's lock.
    Request request_;
    bool asked_ = false;      // the request is in a ring, or on the way there
    bool only_look_ = false;  // it says when there is a connection, and takes none
    bool canceled_ = false;
    bool interrupt_next_ = false;
    bool closed_ = false;
    OperationList waiting_;
    std::deque<int> kept_;  // connections that no accept has asked for yet
    std::source_location latest_;
};

}  // namespace drydock::uring

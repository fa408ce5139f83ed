// The queue's class, as its sockets and listeners use it.
#pragma once

#include <atomic>
#include <mutex>

#include <drydock/queue.hpp>

#include "platform/common/buffer_pool.hpp"
#include "platform/common/shared_timers.hpp"
#include "platform/uring/acceptor.hpp"
#include "platform/uring/workers.hpp"

namespace drydock::uring {

class Socket;

class UringQueue final : public CompletionQueue {
public:
    explicit UringQueue(std::size_t buffer_size) noexcept;
    ~UringQueue() override;

    Time now() const noexcept override { return platform::monotonic_now(); }
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override;
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override;
    void start_timer(Operation& operation, Time deadline) noexcept override;
    void cancel(Operation& operation) noexcept override;
    void post(Operation& operation) noexcept override;
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;

    // What follows is for sockets and listeners.

    /// Hands an operation to a worker. The caller may touch it no more, nor whatever it may end.
    /// `in_flight` is counted down when wait() hands it out.
    void finish(Operation& operation, const Result& result,
                std::atomic<std::uint32_t>* in_flight = nullptr) noexcept;

    Workers& workers() noexcept { return workers_; }
    platform::BufferPool& buffers() noexcept { return buffers_; }
    AcceptorList& acceptors() noexcept { return acceptors_; }
    /// Guards the timers, and which connects can be canceled. Taken before a requester's lock.
    std::mutex& timers_mutex() noexcept { return timers_.mutex(); }

private:
    Result await_connection(SocketOperation& operation, std::unique_ptr<Socket> made) noexcept;

    platform::BufferPool buffers_;
    AcceptorList acceptors_;
    Workers workers_;

    platform::SharedTimers<Record, Workers> timers_{*this, workers_};
};

}  // namespace drydock::uring

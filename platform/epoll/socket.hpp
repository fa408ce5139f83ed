// A connected socket, and when it makes a system call.
//
// An edge reports that something became possible. This class remembers whether it still is:
//
//   readable_   A receive is worth trying. An edge sets it. A receive that returned less than it
//               had room for clears it: nothing was left then, and any later byte makes a new edge.
//               (So a message costs one recv, without a second one that returns EAGAIN.)
//   drain_      Receive until EAGAIN. The rule above does not hold when the end of the stream, an
//               error or urgent data follows the bytes, because one edge may have reported both.
//   writable_   A send is worth trying. Only EAGAIN clears it, as a short send proves nothing.
//
// The slot's lock puts three things in order: the system call, the change of these marks, and the
// edge's arrival on another worker. Without the lock a receive could wait for ever: worker A
// receives all bytes; new bytes arrive, and worker B sets readable_; A clears it, because its
// receive was short; after that no worker receives again.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <source_location>
#include <utility>

#include <drydock/socket.hpp>

#include "platform/common/connection_end_linux.hpp"
#include "platform/common/file_posix.hpp"
#include "platform/epoll/slots.hpp"

namespace drydock::epoll {

class EpollQueue;

class Socket final : public AsyncSocket, private Handler {
public:
    /// Takes over a connected or connecting descriptor. Null when there is no memory.
    static std::unique_ptr<Socket> make(EpollQueue& queue, platform::File file,
                                        const Endpoint& peer) noexcept;
    /// From here on events come in. 0, or errno.
    int watch() noexcept;
    ~Socket() override;

    void receive(Operation& operation, MutableBuffer buffer) noexcept override;
    void receive(ReceiveOperation& operation, std::size_t most) noexcept override;
    Result try_receive(MutableBuffer buffer) noexcept override;
    void send(Operation& operation, std::span<const ConstBuffer> buffers) noexcept override;
    void shutdown_send() noexcept override;
    void cancel() noexcept override;
    void interrupt_receive() noexcept override;
    void interrupt_send() noexcept override;
    void set_abortive_close() noexcept override;
    Endpoint local_endpoint() const noexcept override;
    Endpoint peer_endpoint() const noexcept override { return peer_; }

    // For the queue, while it connects this socket.

    Slot& slot() noexcept { return *slot_; }
    int descriptor() const noexcept { return file_.get(); }
    static Socket& of(Slot& slot) noexcept { return static_cast<Socket&>(*slot.handler); }

    // These three with the slot's lock held.
    SocketOperation* connecting() const noexcept { return connecting_; }
    void set_connecting(SocketOperation* operation) noexcept { connecting_ = operation; }
    void on_events(std::uint32_t events, std::unique_lock<std::mutex> lock) noexcept override;

private:
    /// Where a receive puts bytes: into a buffer of the caller's, or one that the queue provides as
    /// soon as there are any.
    struct Target {
        std::byte* data = nullptr;
        std::size_t size = 0;
        ReceiveOperation* provided_for = nullptr;
    };

    Socket(EpollQueue& queue, platform::File file, const Endpoint& peer) noexcept
        : queue_(queue), file_(std::move(file)), peer_(peer) {}

    void note_readiness(std::uint32_t events) noexcept;
    bool begin_receive(Operation& operation) noexcept;
    void receive(Operation& operation, const Target& target) noexcept;
    bool start_receive(Result& result) noexcept;
    bool start_send(Result& result) noexcept;
    bool receive_now(Result& result) noexcept;
    bool send_now(Result& result) noexcept;
    ::ssize_t receive_into_target() noexcept;
    ::ssize_t receive_into_provided() noexcept;
    Result received(std::size_t bytes) noexcept;
    void check_idle() noexcept;

    EpollQueue& queue_;
    Slot* slot_ = nullptr;
    platform::File file_;

    // All that follows is guarded by the slot's lock.
    bool readable_ = false;
    bool drain_ = false;
    bool writable_ = true;
    bool canceled_ = false;
    bool interrupt_next_receive_ = false;
    bool interrupt_next_send_ = false;
    bool send_shut_down_ = false;
    platform::ConnectionEnd end_;

    Operation* receive_ = nullptr;  // pending, that is: waiting for an edge
    Target target_;
    Operation* send_ = nullptr;  // pending
    std::span<const ConstBuffer> send_buffers_;
    std::source_location receive_where_;  // where the last one was started
    std::source_location send_where_;
    SocketOperation* connecting_ = nullptr;

    // 1 from the start to the moment when wait() hands the completion out.
    std::atomic<std::uint32_t> receives_in_flight_{0};
    std::atomic<std::uint32_t> sends_in_flight_{0};

    Endpoint peer_;
};

}  // namespace drydock::epoll

// A connected socket: its requests to the rings, and what it remembers of the answers.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <source_location>
#include <utility>

#include <drydock/socket.hpp>

#include "platform/common/connection_end_linux.hpp"
#include "platform/common/file_posix.hpp"
#include "platform/uring/record.hpp"

namespace drydock::uring {

class UringQueue;

class Socket final : public AsyncSocket, private Requester {
public:
    /// Takes over a connected or connecting descriptor. Null when there is no memory.
    static std::unique_ptr<Socket> make(UringQueue& queue, platform::File file,
                                        const Endpoint& peer) noexcept;
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

    /// What is started first goes to a worker of its turn, not to the one that accepted.
    void start_at_any_worker() noexcept { settled_ = false; }

    // For the queue, while it connects this socket.

    void await_connection(SocketOperation& operation) noexcept;
    void cancel_connect(Request& request) noexcept;

private:
    enum class Into : std::uint8_t { buffer, nothing, provided };

    Socket(UringQueue& queue, platform::File file, const Endpoint& peer) noexcept
        : queue_(queue), file_(std::move(file)), peer_(peer) {}

    int descriptor() const noexcept { return file_.get(); }
    void prepare(const Request& request, ::io_uring_sqe& entry) noexcept override;
    void prepare_receive(::io_uring_sqe& entry) noexcept;
    void prepare_send(::io_uring_sqe& entry) noexcept;
    void completed(Request& request, const Event& event, Worker& me) noexcept override;
    void connect_completed(Request& request, const Event& event, Worker& me) noexcept;
    void receive_completed(Request& request, const Event& event, Worker& me) noexcept;
    void send_completed(Request& request, const Event& event, Worker& me) noexcept;

    void start_receive(Operation& operation, Into into, std::byte* data, std::size_t size) noexcept;
    void start(Operation& operation, OperationKind kind) noexcept;
    bool finish_receive_at_once(Result& result) noexcept;
    bool finish_send_at_once(Result& result) noexcept;
    bool finish_receive(const Event& event, Worker& me, Result& result) noexcept;
    bool finish_look(Result& result) noexcept;
    bool finish_send(const Event& event, Result& result) noexcept;
    Result end_of_stream() noexcept;
    void cancel_pending(Operation* operation) noexcept;
    void check_idle() noexcept;

    UringQueue& queue_;
    platform::File file_;

    // What a message touches stands together, and the rest behind it.

    // 1 from the start to the moment when wait() hands the completion out.
    std::atomic<std::uint32_t> receives_in_flight_{0};
    std::atomic<std::uint32_t> sends_in_flight_{0};

    // All that follows is guarded by the requester's lock.
    bool canceled_ = false;
    bool interrupt_next_receive_ = false;
    bool interrupt_next_send_ = false;
    bool send_shut_down_ = false;
    bool settled_ = true;      // a worker has begun to work for this socket
    bool bytes_wait_ = false;  // the last receive did not take all that there was
    Into into_ = Into::buffer;
    platform::ConnectionEnd end_;

    Operation* receive_ = nullptr;       // in a ring, or on the way there
    std::byte* receive_data_ = nullptr;  // a buffer of the caller's
    std::size_t receive_size_ = 0;       // what there is room for
    Operation* send_ = nullptr;          // in a ring, or on the way there
    std::span<const ConstBuffer> send_buffers_;
    std::source_location receive_where_;  // where the last one was started
    std::source_location send_where_;

    ::msghdr message_{};  // of a gather send, until it is submitted
    SocketOperation* connecting_ = nullptr;
    const Endpoint peer_;
};

}  // namespace drydock::uring

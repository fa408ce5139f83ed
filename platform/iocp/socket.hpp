// The connected socket: WSARecv, gather WSASend, and which of them are in flight.
#pragma once

#include <memory>
#include <mutex>

#include <drydock/queue.hpp>

#include "platform/common/socket_address_win32.hpp"
#include "platform/iocp/port.hpp"

namespace drydock::iocp {

class Socket final : public AsyncSocket {
public:
    Socket(CompletionQueue& queue, Port& port, SOCKET handle, const Endpoint& local,
           const Endpoint& peer);
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
    Endpoint local_endpoint() const noexcept override { return local_; }
    Endpoint peer_endpoint() const noexcept override { return peer_; }

private:
    struct Direction;
    struct State;

    void receive(Operation& operation, MutableBuffer buffer, ReceiveOperation* provided_for,
                 std::size_t most) noexcept;

    // Shared with the starts that are under way: see the comment in socket.cpp.
    std::shared_ptr<State> state_;
    Endpoint local_;
    Endpoint peer_;
};

/// A socket for a connected handle that is associated with the port, which it takes over. Null: no
/// memory, and the handle is closed.
std::unique_ptr<AsyncSocket> make_socket(CompletionQueue& queue, Port& port, SOCKET handle,
                                         const platform::SocketAddress& local,
                                         const platform::SocketAddress& peer) noexcept;

}  // namespace drydock::iocp

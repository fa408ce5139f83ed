// The listening socket. Its Acceptor does the work, and outlives it until all packets have come.
#pragma once

#include <memory>

#include <drydock/queue.hpp>

#include "platform/iocp/acceptor.hpp"

namespace drydock::iocp {

class Listener final : public AsyncListener {
public:
    Listener(std::shared_ptr<Acceptor> acceptor, const Endpoint& local) noexcept;
    ~Listener() override;

    void accept(SocketOperation& operation) noexcept override;
    void cancel() noexcept override;
    void interrupt_accept() noexcept override;
    void interrupt_accept(SocketOperation& operation) noexcept override;
    Endpoint local_endpoint() const noexcept override { return local_; }

private:
    std::shared_ptr<Acceptor> acceptor_;
    Endpoint local_;
};

/// CompletionQueue::listen().
ListenResult open_listener(CompletionQueue& queue, Port& port, const Endpoint& endpoint,
                           const ListenOptions& options);

}  // namespace drydock::iocp

// The listening socket. Its Acceptor does the work, and outlives it while AcceptEx calls are in
// flight.
#pragma once

#include <memory>

#include <drydock/queue.hpp>

#include "platform/apc/acceptor.hpp"

namespace drydock::apc {

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
ListenResult open_listener(CompletionQueue& queue, Worker& worker, const Endpoint& endpoint,
                           const ListenOptions& options);

}  // namespace drydock::apc

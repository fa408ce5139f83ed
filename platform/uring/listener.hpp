// A listening socket, as its owner sees it.
#pragma once

#include <drydock/queue.hpp>

#include "platform/uring/acceptor.hpp"

namespace drydock::uring {

class Listener final : public AsyncListener {
public:
    static ListenResult listen(UringQueue& queue, const Endpoint& endpoint,
                               const ListenOptions& options) noexcept;
    ~Listener() override;

    void accept(SocketOperation& operation) noexcept override { acceptor_.accept(operation); }
    void cancel() noexcept override { acceptor_.cancel(); }
    void interrupt_accept() noexcept override { acceptor_.interrupt_accept(); }
    void interrupt_accept(SocketOperation& operation) noexcept override {
        acceptor_.interrupt_accept(operation);
    }
    void limit_unsent(std::size_t bytes) noexcept override;
    Endpoint local_endpoint() const noexcept override;

private:
    Listener(UringQueue& queue, Acceptor& acceptor) noexcept : queue_(queue), acceptor_(acceptor) {}

    UringQueue& queue_;
    Acceptor& acceptor_;
};

}  // namespace drydock::uring

// The listening socket: how it is opened and closed. See listener.hpp.
#include "platform/apc/listener.hpp"

#include <utility>

#include "platform/apc/error.hpp"

namespace drydock::apc {

Listener::Listener(std::shared_ptr<Acceptor> acceptor, const Endpoint& local) noexcept
    : acceptor_(std::move(acceptor)), local_(local) {}

Listener::~Listener() { acceptor_->close(); }

void Listener::accept(SocketOperation& operation) noexcept {
    // A copy: the completion may end this listener before the call has returned.
    const std::shared_ptr<Acceptor> acceptor = acceptor_;
    acceptor->accept(operation);
}

void Listener::cancel() noexcept {
    const std::shared_ptr<Acceptor> acceptor = acceptor_;
    acceptor->cancel();
}

void Listener::interrupt_accept() noexcept {
    const std::shared_ptr<Acceptor> acceptor = acceptor_;
    acceptor->interrupt_accept();
}

void Listener::interrupt_accept(SocketOperation& operation) noexcept {
    const std::shared_ptr<Acceptor> acceptor = acceptor_;
    acceptor->interrupt_accept(operation);
}

ListenResult open_listener(CompletionQueue& queue, Worker& worker, const Endpoint& endpoint,
                           const ListenOptions& options) {
    const platform::SocketAddress address(endpoint);
    SOCKET handle = INVALID_SOCKET;
    const DWORD code = platform::open_listening_socket(endpoint, options, handle);
    ListenResult result;
    if (code != 0) {
        result.error = translate(code);
        result.native = static_cast<std::int32_t>(code);
        return result;
    }
    auto acceptor = std::make_shared<Acceptor>(queue, worker, handle, address.family());
    platform::SocketAddress local;
    ::getsockname(handle, local.get(), local.size_pointer());
    result.listener = std::make_unique<Listener>(std::move(acceptor), local.endpoint());
    return result;
}

}  // namespace drydock::apc

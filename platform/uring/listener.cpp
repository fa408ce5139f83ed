// Opening and closing a listening socket.
#include "platform/uring/listener.hpp"

#include <cerrno>
#include <new>
#include <utility>

#include "platform/common/error_linux.hpp"
#include "platform/common/socket_options_posix.hpp"
#include "platform/uring/uring_queue.hpp"

namespace drydock::uring {

ListenResult Listener::listen(UringQueue& queue, const Endpoint& endpoint,
                              const ListenOptions& options) noexcept {
    const auto failed = [](int code) {
        return ListenResult{nullptr, platform::translate(code, OperationKind::none), code};
    };
    platform::File file;
    if (const int code = platform::open_listening(endpoint, options, 0, file); code != 0) {
        return failed(code);
    }
    platform::set_no_delay(file.get());  // what it accepts inherits it
    Acceptor* const acceptor = queue.acceptors().make(queue, std::move(file));
    if (acceptor == nullptr) {
        return failed(ENOMEM);
    }
    std::unique_ptr<Listener> listener(new (std::nothrow) Listener(queue, *acceptor));
    if (listener == nullptr) {
        acceptor->close();
        return failed(ENOMEM);
    }
    return {std::move(listener), Error::ok, 0};
}

Listener::~Listener() {
    if (acceptor_.in_flight() != 0) {
        queue_.violated(
            {Rule::listener_destroyed_in_flight, OperationKind::accept, acceptor_.latest()});
    }
    acceptor_.close();
}

void Listener::limit_unsent(std::size_t bytes) noexcept {
    platform::limit_unsent(acceptor_.descriptor(), bytes);  // what it accepts inherits it
}

Endpoint Listener::local_endpoint() const noexcept {
    return platform::local_address(acceptor_.descriptor());
}

}  // namespace drydock::uring

// Accepts until it is stopped, and answers each connection.
#include "src/server.hpp"

#include <array>
#include <cctype>
#include <span>

#include <drydock/io.hpp>
#include <drydock/task_group.hpp>

namespace shout {

using namespace drydock;

Task<void> Server::run() {
    TaskGroup connections(queue_);
    for (;;) {
        SocketResult accepted = co_await accept(*listener_);
        if (accepted.error == Error::canceled) break;  // request_stop()
        if (accepted.ok()) connections.spawn(serve(std::move(accepted.socket)));
    }
    co_await connections.join();
}

Task<void> Server::serve(std::unique_ptr<AsyncSocket> socket) const {
    std::array<std::byte, 16> buffer;
    for (;;) {
        const Result received = co_await receive(*socket, buffer);
        if (!received.ok() || received.bytes == 0) co_return;
        for (std::byte& each : std::span(buffer).first(received.bytes)) {
            each = static_cast<std::byte>(std::toupper(std::to_integer<int>(each)));
        }
        const ConstBuffer answer(buffer.data(), received.bytes);
        Result sent;
        if (defect_ == Defect::forgets_the_rest) {
            sent = co_await send_some(*socket, answer);
        } else {
            sent = co_await send_all(*socket, answer);
        }
        if (!sent.ok()) co_return;
    }
}

}  // namespace shout

// The chat client's conversation.
#include "src/chat/client.hpp"

#include <algorithm>
#include <array>

namespace drydock::chat {
namespace {

bool is_quit(const console::Line& line) { return line.text == "q" || line.text == "Q"; }

}  // namespace

Task<ClientResult> Client::run(std::span<const Endpoint> endpoints, ConnectOptions options) {
    const SocketResult connected = co_await connect_any(queue_, endpoints, options);
    if (!connected.ok()) {
        co_return ClientResult{ClientOutcome::not_connected, connected.error, connected.native};
    }
    TaskGroup reading(queue_);
    reading.spawn(read(*connected.socket));
    ClientResult result = co_await talk(*connected.socket);
    connected.socket->cancel();
    co_await reading.join();
    if (output_lost_) result = {ClientOutcome::output_lost, Error::ok, 0};
    co_return result;
}

/// Always has a receive in flight: a server that goes away is noticed while a line is being typed,
/// and one that waits for us to read reads on.
Task<void> Client::read(AsyncSocket& socket) {
    std::array<std::byte, 4096> buffer;
    for (;;) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) {
            socket.cancel();  // a send that nobody will take
            events_.push(ServerGone{received.error, received.native});
            co_return;
        }
        output_lost_ = !output_.write(as_text(std::span(buffer).first(received.bytes)));
        if (output_lost_) {
            socket.cancel();
            events_.push(ServerGone{Error::canceled, 0});
            co_return;
        }
        arrivals_.moved();  // and not before: the output may have kept us waiting
    }
}

/// One line at a time: the next is asked for when the last one is sent, so a pipe with a million
/// lines is read no faster than the server takes them.
Task<ClientResult> Client::talk(AsyncSocket& socket) {
    for (;;) {
        input_.ask();
        const std::optional<ClientEvent> event = co_await events_.pop();
        if (event && std::holds_alternative<ServerGone>(*event)) {
            const auto& gone = std::get<ServerGone>(*event);
            co_return ClientResult{ClientOutcome::server_gone, gone.error, gone.native};
        }
        const auto* line = event ? std::get_if<console::Line>(&*event) : nullptr;
        if (line == nullptr || is_quit(*line)) {
            socket.shutdown_send();
            const ServerGone end = co_await listen_to_the_end(socket);
            // Who says "q" wants no more; who comes to the end of the input wants all of it.
            const bool lost = line == nullptr && end.error == Error::reset;
            if (lost) co_return ClientResult{ClientOutcome::server_gone, end.error, end.native};
            co_return ClientResult{};
        }
        const std::string message = "[" + name_ + "] " + line->text + "\n";
        const Result sent = co_await send_all(socket, std::string_view(message));
        if (sent.ok()) continue;
        // The reader may have something to show yet. It knows better why, unless it was cut short,
        // or the system has told of a reset already (Linux does so once, and then tells of an end).
        ServerGone gone = co_await listen_to_the_end(socket);
        const bool told = gone.error != Error::canceled && sent.error != Error::reset;
        if (!told) gone = ServerGone{sent.error, sent.native};
        co_return ClientResult{ClientOutcome::server_gone, gone.error, gone.native};
    }
}

/// What still arrives is shown until the server ends the stream; not for ever, should it not.
Task<ServerGone> Client::listen_to_the_end(AsyncSocket& socket) {
    TaskGroup group(queue_);
    group.spawn(cancel_when_idle(arrivals_, socket, later(queue_.now(), farewell)));
    ServerGone gone;
    for (;;) {
        const std::optional<ClientEvent> event = co_await events_.pop();
        if (!event) break;
        if (const auto* end = std::get_if<ServerGone>(&*event)) {
            gone = *end;
            break;
        }
    }
    arrivals_.stop();
    co_await group.join();
    co_return gone;
}

}  // namespace drydock::chat

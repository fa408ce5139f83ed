// The stable echo client's conversation.
#include "src/echo/client.hpp"

#include <array>

namespace drydock::echo {

Task<ClientResult> Client::run(std::span<const Endpoint> endpoints, ConnectOptions options) {
    const SocketResult connected = co_await connect_any(queue_, endpoints, options);
    if (!connected.ok()) {
        co_return ClientResult{ClientOutcome::not_connected, connected.error, connected.native};
    }
    show("Connected.................\n");
    TaskGroup reading(queue_);
    reading.spawn(read(*connected.socket));
    ClientResult result = co_await talk(*connected.socket);
    connected.socket->cancel();
    co_await reading.join();
    if (output_lost_) result = {ClientOutcome::output_lost, Error::ok, 0};
    co_return result;
}

void Client::show(std::string_view text) noexcept {
    output_lost_ = !output_.write(text) || output_lost_;
}

/// Always has a receive in flight, so that a server that goes away is noticed at the prompt, too,
/// and that a long line's echo makes room for the rest of the line.
Task<void> Client::read(AsyncSocket& socket) {
    std::array<std::byte, 4096> buffer;
    for (;;) {
        const Result received = co_await receive(socket, buffer);
        if (!received.ok() || received.bytes == 0) {
            events_.push(ServerGone{received.error, received.native});
            co_return;
        }
        const std::string_view text = as_text(std::span(buffer).first(received.bytes));
        events_.push(Bytes{std::string(text)});
    }
}

Task<ClientResult> Client::talk(AsyncSocket& socket) {
    for (;;) {
        show("Input message(Q to quit) : ");
        if (output_lost_) co_return ClientResult{};
        input_.ask();
        std::optional<ClientEvent> event = co_await events_.pop();
        if (!event || std::holds_alternative<EndOfInput>(*event)) {
            show("\n");
            co_return ClientResult{};
        }
        if (const auto* gone = std::get_if<ServerGone>(&*event)) {
            show("\n");
            co_return ClientResult{ClientOutcome::server_gone, gone->error, gone->native};
        }
        const auto* line = std::get_if<Line>(&*event);
        if (line == nullptr) co_return ClientResult{ClientOutcome::wrong_echo, Error::ok, 0};
        if (line->text == "q" || line->text == "Q") co_return ClientResult{};
        if (line->text.empty()) continue;  // there is nothing to send, and so no answer to wait for
        const ClientResult result = co_await exchange(socket, line->text);
        if (result.outcome != ClientOutcome::quit) co_return result;
    }
}

/// Sends a line and shows its echo; `quit` stands for success.
Task<ClientResult> Client::exchange(AsyncSocket& socket, const std::string& line) {
    TaskGroup sending(queue_);
    sending.spawn(send_line(socket, line));
    ClientResult result;
    std::string answer;
    while (answer.size() < line.size() && result.outcome == ClientOutcome::quit) {
        const std::optional<ClientEvent> event = co_await events_.pop();
        if (!event) break;
        if (const auto* bytes = std::get_if<Bytes>(&*event)) {
            answer += bytes->text;
        } else if (const auto* gone = std::get_if<ServerGone>(&*event)) {
            result = {ClientOutcome::server_gone, gone->error, gone->native};
        }
    }
    if (result.outcome != ClientOutcome::quit) socket.cancel();
    co_await sending.join();
    if (result.outcome != ClientOutcome::quit) co_return result;
    show("Message from server : ");
    show(answer);
    show("\n");
    if (answer != line) result.outcome = ClientOutcome::wrong_echo;
    co_return result;
}

/// A failure shows at the reader, too, which says so.
Task<void> Client::send_line(AsyncSocket& socket, const std::string& line) {
    const Result sent = co_await send_all(socket, std::string_view(line));
    if (!sent.ok()) socket.cancel();
}

}  // namespace drydock::echo

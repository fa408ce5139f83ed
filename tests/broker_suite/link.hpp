// A client of Redis as this suite needs it: commands out, replies as the bytes that came.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drydock/connect.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "src/relay/resp.hpp"
#include "tests/support/replies.hpp"

namespace drydock::broker {

/// A command as it is sent. (GCC 12 cannot compile braces within a co_await.)
template <typename... Words>
std::string command(const Words&... words) {
    std::string text;
    relay::append_command(text, {std::string_view(words)...});
    return text;
}

class Link {
public:
    explicit Link(CompletionQueue& queue) noexcept : queue_(queue) {}

    /// False: nothing listens there.
    Task<bool> open(Endpoint endpoint) {
        SocketResult connected = co_await connect(queue_, endpoint);
        socket_ = std::move(connected.socket);
        co_return socket_ != nullptr;
    }
    void close() noexcept { socket_.reset(); }

    /// Sends commands, end to end.
    Task<void> send(std::string commands) { co_await send_all(*socket_, commands); }

    /// The next reply. What is no reply is told in words: "(end of the stream)", "(reset)".
    Task<std::string> reply() {
        Timer timer(queue_);
        TaskGroup group(queue_);
        constexpr auto patience = std::chrono::seconds(60);
        group.spawn(cancel_at(timer, later(queue_.now(), patience), *socket_));
        std::string text;
        while (text.empty()) {
            if (const relay::Reply* const reply = reader_.feed(left_)) {
                test::encode(reply->root(), text);
            } else if (reader_.refusal() != relay::Refusal::none) {
                text = "(" + std::string(relay::describe(reader_.refusal())) + ")";
            } else {
                text = co_await receive_more();
            }
        }
        timer.cancel();
        co_await group.join();
        co_return text;
    }
    /// Sends a command and gives the reply.
    template <typename... Words>
    Task<std::string> ask(const Words&... words) {
        return ask_text(command(words...));
    }
    Task<std::string> ask_words(const std::vector<std::string>& words) {
        std::string text;
        relay::append_command(text, std::vector<std::string_view>(words.begin(), words.end()));
        return ask_text(std::move(text));
    }

private:
    Task<std::string> ask_text(std::string text) {
        co_await send_all(*socket_, text);
        std::string its_reply = co_await reply();
        co_return its_reply;
    }
    // Empty, or why nothing more comes.
    Task<std::string> receive_more() {
        const ReceiveResult received = co_await receive(*socket_, 16 * 1024);
        if (received.error == Error::canceled) co_return "(nothing for a minute)";
        if (!received.ok()) co_return "(reset)";
        if (received.end_of_stream()) co_return "(end of the stream)";
        bytes_ = as_text(received.bytes());
        left_ = bytes_;
        co_return std::string();
    }

    CompletionQueue& queue_;
    std::unique_ptr<AsyncSocket> socket_;
    relay::ReplyReader reader_{{.max_text = 64 * 1024 * 1024, .max_bytes = 128 * 1024 * 1024}};
    std::string bytes_;
    std::string_view left_;
};

}  // namespace drydock::broker

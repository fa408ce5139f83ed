// The protocol of the line server: each line is answered by the same line in capitals.
#pragma once

#include <string>
#include <string_view>

#include <drydock/io.hpp>
#include <drydock/server.hpp>

inline std::string in_capitals(std::string_view text) {
    std::string capitals(text);
    for (char& letter : capitals) {
        if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    }
    return capitals;
}

/// What happens on one connection. The queue must outlive the service.
class LineService final : public drydock::server::Service {
public:
    static constexpr std::size_t longest_line = 8192;
    static constexpr std::string_view cut_line = "lines.cut_line";  // a probe

    explicit LineService(drydock::CompletionQueue& queue) : queue_(queue) {}

    drydock::Task<drydock::server::Ending> serve(drydock::server::Connection& connection) override {
        using drydock::server::Ending;
        drydock::AsyncSocket& socket = connection.socket();
        std::string text;  // received and not answered
        for (;;) {
            const drydock::ReceiveResult received = co_await receive(socket, 4096);
            if (received.error == drydock::Error::canceled) co_return Ending::stopped;
            if (!received.ok()) co_return Ending::failure;
            if (received.end_of_stream()) co_return Ending::end_of_stream;
            connection.moved();
            text += drydock::as_text(received.bytes());
            const std::size_t whole_lines = text.rfind('\n') + 1;  // 0: no line is complete
            if (whole_lines < text.size()) queue_.probe(cut_line);
            if (text.size() - whole_lines > longest_line) co_return Ending::dropped;
            const std::string answer = in_capitals(text.substr(0, whole_lines));
            text.erase(0, whole_lines);
            if (answer.empty()) continue;
            const auto sent = co_await send_all(socket, answer, connection.progress());
            if (!sent.ok()) co_return connection.cut(sent.error);
        }
    }

private:
    drydock::CompletionQueue& queue_;
};

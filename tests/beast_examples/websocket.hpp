// WebSocket (RFC 6455) as far as the scenarios speak it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/sim/world.hpp>

#include "tests/beast_examples/conversation.hpp"
#include "tests/beast_examples/http.hpp"

namespace drydock::beast_examples {

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

struct Frame {
    enum : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
    std::uint8_t code = text;
    bool last = true;
    bool masked = false;
    std::string payload;
};

/// The frame's bytes; with a mask, as a client must have it, or without.
std::string bytes_of(const Frame& frame);

/// Takes a whole frame from the beginning of `bytes`. None: it is not complete.
std::optional<Frame> take_frame(std::string& bytes);

/// An upgrade, some messages, and a close. Each message must come back.
class WebsocketConversation final : public Conversation {
public:
    /// Chooses the messages in `world`. If the server `broadcasts`, others' messages may come, too.
    WebsocketConversation(sim::World& world, std::uint32_t number, bool broadcasts);

    std::string next() override;
    bool answered() const override;
    Wrong received(std::string_view bytes) override;

private:
    struct Message {
        std::string payload;
        std::uint8_t code = Frame::text;
        std::uint32_t pieces = 1;
        bool ping = false;
    };

    std::string frames_of(const Message& message) const;
    Wrong take_upgrade(const Head& head);
    Wrong take(const Frame& frame);
    Wrong take_message();
    bool others(std::string_view message) const;

    const bool broadcasts_;
    const std::string prefix_;
    std::string key_;
    std::vector<Message> messages_;
    bool asked_ = false;
    bool open_ = false;
    std::size_t sent_ = 0;
    std::size_t echoed_ = 0;
    bool pong_due_ = false;
    bool close_sent_ = false;
    bool close_seen_ = false;
    std::string bytes_;
    std::string message_;
    std::uint8_t message_code_ = 0;
    std::string replies_;  // to pings
};

/// Accepts an upgrade and sends each message back, in pieces and with a ping between if it pleases
/// the world.
class WebsocketService final : public Service {
public:
    explicit WebsocketService(sim::World& world);

    std::string received(std::string_view bytes) override;
    bool done() const override { return done_; }

private:
    std::string answer(const Frame& frame);

    const bool in_pieces_;
    const bool pings_;
    bool open_ = false;
    bool done_ = false;
    std::string bytes_;
    std::string message_;
    std::uint8_t code_ = Frame::text;
};

}  // namespace drydock::beast_examples

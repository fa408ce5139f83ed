// WebSocket: the handshake, frames, a client that checks what comes back, and a server that echoes.
#include "tests/beast_examples/websocket.hpp"

#include <algorithm>

#include <openssl/evp.h>

namespace drydock::beast_examples {

namespace {

std::string base64(std::string_view bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

constexpr std::string_view mask = "\x37\xfa\x21\x3d";  // that of the RFC's example

std::uint8_t byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<std::uint8_t>(bytes[index]);
}

void apply_mask(std::string& payload, std::string_view key) {
    for (std::size_t i = 0; i < payload.size(); ++i) {
        payload[i] = static_cast<char>(payload[i] ^ key[i % 4]);
    }
}

}  // namespace

std::string websocket_accept(std::string_view key) {
    const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
    return base64({reinterpret_cast<const char*>(digest), size});
}

std::string bytes_of(const Frame& frame) {
    std::string bytes(1, static_cast<char>((frame.last ? 0x80 : 0) | frame.code));
    const char masked = static_cast<char>(frame.masked ? 0x80 : 0);
    const std::size_t size = frame.payload.size();
    if (size < 126) {
        bytes += static_cast<char>(masked | static_cast<char>(size));
    } else {
        bytes += static_cast<char>(masked | 126);
        bytes += static_cast<char>(size >> 8);
        bytes += static_cast<char>(size & 0xff);
    }
    std::string payload = frame.payload;
    if (frame.masked) {
        bytes += mask;
        apply_mask(payload, mask);
    }
    return bytes + payload;
}

std::optional<Frame> take_frame(std::string& bytes) {
    if (bytes.size() < 2) return std::nullopt;
    Frame frame;
    frame.last = (byte_at(bytes, 0) & 0x80) != 0;
    frame.code = byte_at(bytes, 0) & 0x0f;
    frame.masked = (byte_at(bytes, 1) & 0x80) != 0;
    std::size_t size = byte_at(bytes, 1) & 0x7f;
    std::size_t begin = 2;
    if (size >= 126) {
        const std::size_t count = size == 126 ? 2 : 8;
        if (bytes.size() < begin + count) return std::nullopt;
        size = 0;
        for (std::size_t i = 0; i < count; ++i) size = size << 8 | byte_at(bytes, begin + i);
        begin += count;
    }
    const std::size_t key = begin;
    if (frame.masked) begin += 4;
    if (bytes.size() < begin || bytes.size() - begin < size) return std::nullopt;
    frame.payload = bytes.substr(begin, size);
    if (frame.masked) apply_mask(frame.payload, std::string_view(bytes).substr(key, 4));
    bytes.erase(0, begin + size);
    return frame;
}

// --- the client ----------------------------------------------------------------------------------

WebsocketConversation::WebsocketConversation(sim::World& world, std::uint32_t number,
                                             bool broadcasts)
    : broadcasts_(broadcasts), prefix_("c" + std::to_string(number) + " ") {
    constexpr std::size_t sizes[] = {5, 0, 125, 126, 300};
    const std::uint32_t count = 1 + world.choose(3, "messages");
    for (std::uint32_t i = 0; i < count; ++i) {
        const sim::Spanned span(world, "message");
        const std::size_t size = sizes[world.choose(5, "message: size")];
        Message message;
        message.payload = prefix_ + std::to_string(i) + " ";
        message.payload.resize(std::max(message.payload.size(), size), static_cast<char>('a' + i));
        if (!broadcasts && world.flip(4, "message: binary")) message.code = Frame::binary;
        message.pieces = 1 + world.choose(3, "message: pieces");
        message.ping = world.flip(4, "message: ping");
        messages_.push_back(std::move(message));
    }
    key_ = base64("client " + std::to_string(100'000'000 + number));
}

std::string WebsocketConversation::frames_of(const Message& message) const {
    std::string bytes;
    std::string_view rest = message.payload;
    for (std::uint32_t piece = 1; piece <= message.pieces; ++piece) {
        Frame frame;
        frame.masked = true;
        frame.code = piece == 1 ? message.code : std::uint8_t{Frame::continuation};
        frame.last = piece == message.pieces;
        frame.payload = rest.substr(0, frame.last ? rest.size() : rest.size() / 2);
        rest.remove_prefix(frame.payload.size());
        bytes += bytes_of(frame);
        if (message.ping && piece == 1) bytes += bytes_of({Frame::ping, true, true, prefix_});
    }
    return bytes;
}

std::string WebsocketConversation::next() {
    if (!asked_) {
        asked_ = true;
        return "GET / HTTP/1.1\r\nHost: www.example.com\r\nUpgrade: websocket\r\n"
               "Connection: Upgrade\r\nSec-WebSocket-Key: " +
               key_ + "\r\nSec-WebSocket-Version: 13\r\n\r\n";
    }
    std::string bytes = std::exchange(replies_, {});
    if (sent_ < messages_.size()) {
        pong_due_ = pong_due_ || messages_[sent_].ping;
        return bytes + frames_of(messages_[sent_++]);
    }
    if (close_sent_) return {};
    close_sent_ = true;
    return bytes + bytes_of({Frame::close, true, true, std::string("\x03\xe8", 2)});  // 1000
}

bool WebsocketConversation::answered() const {
    if (!open_) return !asked_;
    return echoed_ == sent_ && !pong_due_ && close_seen_ == close_sent_;
}

Wrong WebsocketConversation::received(std::string_view bytes) {
    bytes_ += bytes;
    if (!open_) {
        const auto head = take_head(bytes_);
        if (!head) return {};
        if (const Wrong wrong = take_upgrade(*head)) return wrong;
    }
    while (const auto frame = take_frame(bytes_)) {
        if (const Wrong wrong = take(*frame)) return wrong;
    }
    return {};
}

Wrong WebsocketConversation::take_upgrade(const Head& head) {
    if (!head.first_line.starts_with("HTTP/1.1 101 ")) {
        return {"websocket-upgrade", "the answer to the upgrade is '" + head.first_line + "'"};
    }
    if (head.field("sec-websocket-accept") != websocket_accept(key_)) {
        return {"websocket-upgrade", "Sec-WebSocket-Accept does not fit the key"};
    }
    open_ = true;
    return {};
}

Wrong WebsocketConversation::take(const Frame& frame) {
    if (frame.masked) return {"websocket-frame", "a frame of the server is masked"};
    switch (frame.code) {
        case Frame::ping:
            replies_ += bytes_of({Frame::pong, true, true, frame.payload});
            return {};
        case Frame::pong:
            pong_due_ = false;
            return {};
        case Frame::close:
            close_seen_ = true;
            if (close_sent_) return {};
            return {"websocket-close", "the server closes first"};
        case Frame::continuation:
        case Frame::text:
        case Frame::binary:
            if (frame.code != Frame::continuation) message_code_ = frame.code;
            message_ += frame.payload;
            return frame.last ? take_message() : Wrong();
        default:
            return {"websocket-frame", "a frame has the code " + std::to_string(frame.code)};
    }
}

/// Whether it is a message of another client: "c3 1 bbbb".
bool WebsocketConversation::others(std::string_view message) const {
    return broadcasts_ && message.starts_with('c') && !message.starts_with(prefix_);
}

Wrong WebsocketConversation::take_message() {
    const std::string message = std::exchange(message_, {});
    if (others(message)) return {};
    if (echoed_ == sent_) return {"websocket-echo", "'" + message + "' came back too often"};
    const Message& expected = messages_[echoed_++];
    if (message == expected.payload && message_code_ == expected.code) return {};
    return {"websocket-echo", "'" + message + "' came back for '" + expected.payload + "'"};
}

// --- the server ----------------------------------------------------------------------------------

WebsocketService::WebsocketService(sim::World& world)
    : in_pieces_(world.flip(2, "service: messages in pieces")),
      pings_(world.flip(2, "service: pings")) {}

std::string WebsocketService::received(std::string_view bytes) {
    bytes_ += bytes;
    std::string answers;
    if (!open_) {
        const auto head = take_head(bytes_);
        if (!head) return {};
        open_ = true;
        answers =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: " +
            websocket_accept(head->field("sec-websocket-key")) + "\r\n\r\n";
    }
    while (!done_) {
        const auto frame = take_frame(bytes_);
        if (!frame) break;
        answers += answer(*frame);
    }
    return answers;
}

std::string WebsocketService::answer(const Frame& frame) {
    if (frame.code == Frame::ping) return bytes_of({Frame::pong, true, false, frame.payload});
    if (frame.code == Frame::pong) return {};
    if (frame.code == Frame::close) {
        done_ = true;
        return bytes_of({Frame::close, true, false, frame.payload});
    }
    if (frame.code != Frame::continuation) code_ = frame.code;
    message_ += frame.payload;
    if (!frame.last) return {};
    std::string answers;
    std::string rest = std::exchange(message_, {});
    std::uint8_t code = code_;
    if (in_pieces_) {
        const std::size_t half = rest.size() / 2;
        answers = bytes_of(
            {std::exchange(code, Frame::continuation), false, false, rest.substr(0, half)});
        rest.erase(0, half);
    }
    if (pings_) answers += bytes_of({Frame::ping, true, false, "ping"});
    return answers + bytes_of({code, true, false, rest});
}

}  // namespace drydock::beast_examples

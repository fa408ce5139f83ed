// One member of the chat load: a connection that receives every line, and may say lines itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/chat_lines.hpp"
#include "bench/load_common.hpp"

namespace drydock::bench {

/// Not a sender's number, but that of the lines which only show that a member has joined.
inline constexpr std::uint16_t probe_sender = 0xffff;

class ChatMember {
public:
    /// Connects. Throws LoadError. Member `id` is sender number `id` if it ever says anything.
    ChatMember(const ::sockaddr_in& server, const ChatLines& lines, std::uint16_t id,
               std::size_t senders);
    ChatMember(const ChatMember&) = delete;
    ChatMember& operator=(const ChatMember&) = delete;
    ~ChatMember();

    int descriptor() const noexcept { return descriptor_; }
    bool blocked() const noexcept { return !unsent_.empty(); }  // wants to know when it may send on
    bool has_joined() const noexcept { return probes_heard_ > 0; }
    std::size_t probes_heard() const noexcept { return probes_heard_; }
    std::uint64_t delivered() const noexcept { return delivered_; }
    std::uint64_t said() const noexcept { return said_; }

    /// Says a line that does not count: a member that receives it has joined.
    void probe();
    /// Says the next lines.
    void say(std::size_t count, Clock::time_point now);
    void flush();

    /// Receives once into `memory`, which members may share, checks the lines and calls
    /// `delivered(line, latency in nanoseconds)` for each that counts. True: the end of the stream.
    template <typename Delivered>
    bool receive(std::span<char> memory, Delivered delivered);

    /// How many of its own lines the last receive() returned.
    std::size_t came_back() const noexcept { return came_back_; }

    void shutdown_send() noexcept;

private:
    /// What has arrived, behind what was left over.
    std::string_view receive_bytes(std::span<char> memory, bool& ended);
    /// Whether it counts. Throws LoadError if it is not the next line of its sender.
    bool take(const ChatLine& line);

    const ChatLines& lines_;
    const std::uint16_t id_;
    int descriptor_;
    std::size_t probes_heard_ = 0;
    std::uint64_t delivered_ = 0;
    std::uint32_t said_ = 0;
    std::size_t came_back_ = 0;
    std::vector<std::uint32_t> next_;  // the number of the next line, by sender
    std::string partial_;              // the beginning of a line
    std::string unsent_;
};

template <typename Delivered>
bool ChatMember::receive(std::span<char> memory, Delivered delivered) {
    bool ended = false;
    came_back_ = 0;
    std::string_view bytes = receive_bytes(memory, ended);
    const auto now = static_cast<std::uint64_t>(Clock::now().time_since_epoch().count());
    for (; bytes.size() >= lines_.size(); bytes.remove_prefix(lines_.size())) {
        const auto line = lines_.parse(bytes.substr(0, lines_.size()));
        if (!line) throw LoadError("a member got something that is no whole line");
        if (take(*line)) delivered(*line, now - line->time);
    }
    partial_ = bytes;
    if (ended && !partial_.empty()) throw LoadError("the stream ends in the middle of a line");
    return ended;
}

}  // namespace drydock::bench

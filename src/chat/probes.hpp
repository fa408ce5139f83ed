// The named places in the chat server that a farm of simulated runs must have reached.
#pragma once

#include <array>
#include <string_view>

namespace drydock::chat::probes {

inline constexpr std::string_view end_of_stream = "chat.end_of_stream";
inline constexpr std::string_view unfinished_line = "chat.unfinished_line";
inline constexpr std::string_view line_too_long = "chat.line_too_long";
inline constexpr std::string_view receive_failed = "chat.receive_failed";
inline constexpr std::string_view send_failed = "chat.send_failed";
inline constexpr std::string_view short_send = "chat.short_send";
inline constexpr std::string_view dropped = "chat.dropped";
inline constexpr std::string_view cut_off = "chat.cut_off";
inline constexpr std::string_view drained_after_leave = "chat.drained_after_leave";
inline constexpr std::string_view woken_by_leave = "chat.woken_by_leave";
inline constexpr std::string_view too_soon = "chat.too_soon";
inline constexpr std::string_view go_on = "chat.go_on";
inline constexpr std::string_view let_go = "chat.let_go";

// With a relay alone.
inline constexpr std::string_view awaited_return = "chat.awaited_return";
inline constexpr std::string_view relay_full = "chat.relay_full";
inline constexpr std::string_view relay_held = "chat.relay_held";
inline constexpr std::string_view lost = "chat.lost";

inline constexpr std::array relayed = {awaited_return, relay_full, relay_held, lost};

inline constexpr std::array all = {
    end_of_stream, unfinished_line, line_too_long, receive_failed,      send_failed,
    short_send,    dropped,         cut_off,       drained_after_leave, woken_by_leave,
    too_soon,      go_on,           let_go,
};

}  // namespace drydock::chat::probes

// The named places in the echo server that a farm of simulated runs must have reached.
#pragma once

#include <array>
#include <string_view>

namespace drydock::echo::probes {

inline constexpr std::string_view end_of_stream = "echo.end_of_stream";
inline constexpr std::string_view receive_failed = "echo.receive_failed";
inline constexpr std::string_view send_failed = "echo.send_failed";
inline constexpr std::string_view accept_failed = "echo.accept_failed";
inline constexpr std::string_view accept_shortage = "echo.accept_shortage";
inline constexpr std::string_view stop_during_shortage = "echo.stop_during_shortage";
inline constexpr std::string_view rejected = "echo.rejected";
inline constexpr std::string_view idle_closed = "echo.idle_closed";
inline constexpr std::string_view stop_before_join = "echo.stop_before_join";
inline constexpr std::string_view lingered_to_end = "echo.lingered_to_end";
inline constexpr std::string_view lingered_too_long = "echo.lingered_too_long";
inline constexpr std::string_view grace_over = "echo.grace_over";

inline constexpr std::array all = {
    end_of_stream,    receive_failed,  send_failed,          accept_failed,
    accept_shortage,  rejected,        stop_during_shortage, idle_closed,
    stop_before_join, lingered_to_end, lingered_too_long,    grace_over,
};

}  // namespace drydock::echo::probes

// The named places in the echo server that a farm of simulated runs must have reached.
#pragma once

#include <array>
#include <string_view>

namespace drydock::echo::probes {

inline constexpr std::string_view end_of_stream = "echo.end_of_stream";
inline constexpr std::string_view receive_failed = "echo.receive_failed";
inline constexpr std::string_view send_failed = "echo.send_failed";

inline constexpr std::array all = {end_of_stream, receive_failed, send_failed};

}  // namespace drydock::echo::probes

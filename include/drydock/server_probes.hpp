// The probes of <drydock/server.hpp>: the named places that a farm of simulated runs must have
// reached. A scenario of a server adds server::probes::all to its own (ScenarioInfo::probes).
#pragma once

#include <array>
#include <string_view>

namespace drydock::server::probes {

inline constexpr std::string_view accept_failed = "server.accept_failed";
inline constexpr std::string_view accept_shortage = "server.accept_shortage";
inline constexpr std::string_view stop_during_shortage = "server.stop_during_shortage";
inline constexpr std::string_view rejected = "server.rejected";
inline constexpr std::string_view rejected_address = "server.rejected_address";
inline constexpr std::string_view idle_closed = "server.idle_closed";
inline constexpr std::string_view stop_before_join = "server.stop_before_join";
inline constexpr std::string_view lingered_to_end = "server.lingered_to_end";
inline constexpr std::string_view lingered_too_long = "server.lingered_too_long";
inline constexpr std::string_view grace_over = "server.grace_over";

inline constexpr std::array all = {
    accept_failed, accept_shortage,  stop_during_shortage, rejected,          rejected_address,
    idle_closed,   stop_before_join, lingered_to_end,      lingered_too_long, grace_over,
};

}  // namespace drydock::server::probes

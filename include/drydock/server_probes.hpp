// The probes of <drydock/server.hpp>: the named places that a farm of simulated runs must have
// reached. A scenario of a server adds server::probes::all to its own (ScenarioInfo::probes).
#pragma once

#include <array>
#include <string_view>

namespace drydock::server::probes {

/// An accept failed with `reset`: the connection was gone, and the server accepts again.
inline constexpr std::string_view accept_failed = "server.accept_failed";
/// An accept failed because the system is short of something; the server pauses.
inline constexpr std::string_view accept_shortage = "server.accept_shortage";
/// The stop came during that pause.
inline constexpr std::string_view stop_during_shortage = "server.stop_during_shortage";
/// A connection was rejected because of Options::max_connections.
inline constexpr std::string_view rejected = "server.rejected";
/// A connection was rejected because of Options::max_per_address.
inline constexpr std::string_view rejected_address = "server.rejected_address";
/// The idle timeout ended a connection.
inline constexpr std::string_view idle_closed = "server.idle_closed";
/// A connection was accepted before the stop and joined after it.
inline constexpr std::string_view stop_before_join = "server.stop_before_join";
/// The server stopped, half-closed, and the client closed within Options::linger.
inline constexpr std::string_view lingered_to_end = "server.lingered_to_end";
/// Options::linger was over before the client closed.
inline constexpr std::string_view lingered_too_long = "server.lingered_too_long";
/// Options::grace was over and the remaining connections were canceled.
inline constexpr std::string_view grace_over = "server.grace_over";

/// All probes of this namespace.
inline constexpr std::array all = {
    accept_failed, accept_shortage,  stop_during_shortage, rejected,          rejected_address,
    idle_closed,   stop_before_join, lingered_to_end,      lingered_too_long, grace_over,
};

}  // namespace drydock::server::probes

// Host and service names in a simulated world.
//
// Threads: one thread of the system, that of the run.
#pragma once

#include <string_view>
#include <vector>

#include <drydock/asio/loop.hpp>
#include <drydock/asio/trouble.hpp>

namespace drydock::asio_detail {

/// What is asked for: as getaddrinfo (RFC 3493) has it.
struct NameQuery {
    std::string_view host;
    std::string_view service;
    bool passive = false;          ///< an empty host means all addresses
    bool numeric_host = false;     ///< no name is looked up
    bool numeric_service = false;  ///< no service is looked up
    bool ipv4 = true;              ///< IPv4 addresses are wanted
    bool ipv6 = true;              ///< IPv6 addresses are wanted
};

/// The endpoints of a name in the world of `loop`: numeric addresses, "localhost", well-known
/// services, and what the scenario names (Surroundings::resolve()).
Trouble resolve(Loop& loop, const NameQuery& query, std::vector<Endpoint>& endpoints);

}  // namespace drydock::asio_detail

// The parts of resolve() that are the same on every system: brackets and "localhost".
#pragma once

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include <drydock/endpoint.hpp>

namespace drydock::host {

/// "[::1]" is how people write an IPv6 address beside a port.
inline std::string_view without_brackets(std::string_view host) noexcept {
    const bool bracketed = host.size() > 2 && host.starts_with('[') && host.ends_with(']') &&
                           host.find(':') != std::string_view::npos;
    return bracketed ? host.substr(1, host.size() - 2) : host;
}

inline bool is_localhost(std::string_view host) noexcept {
    return std::ranges::equal(host, std::string_view("localhost"), [](char given, char wanted) {
        return std::tolower(static_cast<unsigned char>(given)) == wanted;
    });
}

/// "localhost" means both loopback addresses (RFC 6761, section 6.3), though many a hosts file
/// names one of them alone. What the system names comes first.
inline void add_loopbacks(std::uint16_t port, std::vector<Endpoint>& endpoints) {
    for (const Endpoint& loopback :
         {Endpoint::loopback(port),
          Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port)}) {
        const bool known = std::ranges::any_of(endpoints, [&](const Endpoint& endpoint) {
            return endpoint.family() == loopback.family();
        });
        if (!known) endpoints.push_back(loopback);
    }
}

}  // namespace drydock::host

// Endpoints as text.
#include <drydock/endpoint.hpp>

#include <cstdio>

namespace drydock {
namespace {

/// RFC 5952: lower case, no leading zeros, the longest run of two or more zero groups as "::".
std::string ipv6_text(const std::array<std::uint8_t, 16>& address) {
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < 8; ++i) {
        groups[i] = static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
    }
    std::size_t best = 8;
    std::size_t best_length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
        std::size_t length = 0;
        while (i + length < 8 && groups[i + length] == 0) ++length;
        if (length > best_length) {
            best = i;
            best_length = length;
        }
    }
    std::string text;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == best) {
            text += "::";
            i += best_length - 1;
            continue;
        }
        if (!text.empty() && text.back() != ':') text += ':';
        char group[8];
        std::snprintf(group, sizeof group, "%x", groups[i]);
        text += group;
    }
    return text;
}

}  // namespace

std::string Endpoint::to_string() const {
    const std::string port_text = ":" + std::to_string(port_);
    if (family_ == Family::ipv6) {
        const std::string zone = scope_ == 0 ? "" : "%" + std::to_string(scope_);
        return "[" + ipv6_text(address_) + zone + "]" + port_text;
    }
    std::string text = std::to_string(address_[0]);
    for (std::size_t i = 1; i < 4; ++i) text += "." + std::to_string(address_[i]);
    return text + port_text;
}

}  // namespace drydock

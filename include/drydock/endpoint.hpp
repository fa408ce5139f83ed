// An IP address and a port, as numbers. The contract does not resolve names: that is left to the
// program.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drydock {

/// An address and a port of one machine. A value: it can be copied, compared and ordered; the order
/// is total and has no meaning beyond that.
class Endpoint {
public:
    /// The version of the Internet Protocol that an address belongs to.
    enum class Family : std::uint8_t {
        ipv4,  ///< four bytes of address (RFC 791)
        ipv6   ///< sixteen bytes of address, and a scope (RFC 4291, RFC 4007)
    };

    /// 0.0.0.0:0.
    constexpr Endpoint() noexcept = default;

    /// An IPv4 endpoint. `address` is in network byte order (127.0.0.1 is {127, 0, 0, 1}), `port`
    /// in host byte order.
    static constexpr Endpoint ipv4(std::array<std::uint8_t, 4> address,
                                   std::uint16_t port) noexcept {
        Endpoint endpoint;
        for (std::size_t i = 0; i < 4; ++i) endpoint.address_[i] = address[i];
        endpoint.port_ = port;
        return endpoint;
    }

    /// An IPv6 endpoint. `address` is in network byte order, `port` in host byte order. `scope` is
    /// the interface index of a link-local address, and 0 for any other (RFC 4007).
    static constexpr Endpoint ipv6(std::array<std::uint8_t, 16> address, std::uint16_t port,
                                   std::uint32_t scope = 0) noexcept {
        Endpoint endpoint;
        endpoint.family_ = Family::ipv6;
        endpoint.address_ = address;
        endpoint.port_ = port;
        endpoint.scope_ = scope;
        return endpoint;
    }

    /// 127.0.0.1 at `port`.
    static constexpr Endpoint loopback(std::uint16_t port) noexcept {
        return ipv4({127, 0, 0, 1}, port);
    }

    /// Whether address() is an IPv4 or an IPv6 address.
    constexpr Family family() const noexcept { return family_; }
    /// The address in network byte order. IPv4 uses the first four bytes; the rest are 0.
    constexpr const std::array<std::uint8_t, 16>& address() const noexcept { return address_; }
    /// The port in host byte order.
    constexpr std::uint16_t port() const noexcept { return port_; }
    /// The interface index of a link-local IPv6 address; 0 otherwise.
    constexpr std::uint32_t scope() const noexcept { return scope_; }

    /// The same address with another port.
    constexpr Endpoint with_port(std::uint16_t port) const noexcept {
        Endpoint copy = *this;
        copy.port_ = port;
        return copy;
    }

    /// Whether the address means all addresses of a machine: 0.0.0.0 or `::`.
    constexpr bool is_wildcard() const noexcept {
        return address_ == std::array<std::uint8_t, 16>{};
    }

    /// For an IPv4-mapped IPv6 endpoint (`::ffff:127.0.0.1`; RFC 4291, section 2.5.5.2), the IPv4
    /// endpoint that it means. Any other endpoint is returned unchanged.
    constexpr Endpoint unmapped() const noexcept {
        constexpr std::array<std::uint8_t, 12> mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
        if (family_ == Family::ipv4) return *this;
        for (std::size_t i = 0; i < mapped.size(); ++i) {
            if (address_[i] != mapped[i]) return *this;
        }
        return ipv4({address_[12], address_[13], address_[14], address_[15]}, port_);
    }

    /// The address and the port as text, for messages: "127.0.0.1:7000" or "[::1]:7000" (RFC 5952).
    std::string to_string() const;

    friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) noexcept = default;

private:
    Family family_ = Family::ipv4;
    std::array<std::uint8_t, 16> address_{};
    std::uint16_t port_ = 0;
    std::uint32_t scope_ = 0;
};

}  // namespace drydock

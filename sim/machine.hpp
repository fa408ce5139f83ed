// A machine of the world, as its network knows it: the world's own, on which scenarios and their
// clients run, or a host.
#pragma once

#include <cstdint>
#include <string_view>

#include <drydock/endpoint.hpp>
#include <drydock/queue.hpp>

namespace drydock::sim {

struct Machine {
    CompletionQueue* queue = nullptr;  ///< where its programs start operations
    std::uint8_t number = 0;           ///< 0: the world's own
    std::string_view name;             ///< of the host; empty: the world's own
    bool down = false;                 ///< its program has crashed: what is left of it does nothing
    bool silent = false;               ///< it has no power: nobody answers

    bool prompt = false;  ///< explored: what is ready there comes out first

    bool is_host() const noexcept { return number != 0; }

    /// Its address for others, or, for itself, that of the loopback.
    Endpoint address(Endpoint::Family family, std::uint16_t port) const noexcept {
        // 10.0.0.254 is the world's own.
        const auto last = static_cast<std::uint8_t>(number == 0 ? 254 : number);
        if (family == Endpoint::Family::ipv4) return Endpoint::ipv4({10, 0, 0, last}, port);
        return Endpoint::ipv6({0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last}, port);
    }
};

/// The loopback address, which each machine has.
inline Endpoint loopback(Endpoint::Family family, std::uint16_t port) noexcept {
    if (family == Endpoint::Family::ipv4) return Endpoint::loopback(port);
    return Endpoint::ipv6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, port);
}

}  // namespace drydock::sim

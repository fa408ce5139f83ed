// Hashes of states, for Monitor's State::state_hash(): the same on every system, for telling apart,
// not for secrecy.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace drydock {

/// Of numbers in their order.
constexpr std::uint64_t hash_of(std::initializer_list<std::uint64_t> numbers) noexcept {
    std::uint64_t hash = 0x6472796461636b31;
    for (const std::uint64_t number : numbers) {
        hash = (hash ^ number) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
    }
    return hash;
}

/// Of bytes, after what `hash` is of. Independent of the byte order.
inline std::uint64_t hash_of(std::span<const std::byte> bytes,
                             std::uint64_t hash = 0x9e3779b97f4a7c15) noexcept {
    for (const std::byte byte : bytes) {
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
    }
    return hash;
}

}  // namespace drydock

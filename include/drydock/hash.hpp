// Hashes that are the same on every system, for telling apart, not for secrecy: of states, as
// Monitor's State::state_hash() gives them, and of runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

namespace drydock {

/// Where a hash of numbers begins, and how the next number enters it.
inline constexpr std::uint64_t hash_seed = 0x6472796461636b31;
constexpr std::uint64_t hash_with(std::uint64_t hash, std::uint64_t number) noexcept {
    hash = (hash ^ number) * 0xff51afd7ed558ccd;
    return hash ^ (hash >> 32);
}

/// Of numbers in their order.
constexpr std::uint64_t hash_of(std::initializer_list<std::uint64_t> numbers) noexcept {
    std::uint64_t hash = hash_seed;
    for (const std::uint64_t number : numbers) hash = hash_with(hash, number);
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

/// How the state of an object can be looked at: a hash of all of it that matters.
struct StateView {
    const void* state;
    std::uint64_t (*hash)(const void*);
};

}  // namespace drydock

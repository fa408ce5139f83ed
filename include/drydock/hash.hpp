// Hashes that are the same on every system. They serve to tell states and runs apart
// (State::state_hash() of a Monitor); they are not cryptographic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace drydock {

/// The hash of no numbers: where hash_with() begins.
inline constexpr std::uint64_t hash_seed = 0x6472796461636b31;
/// The hash of some numbers and one more: `hash` is that of the numbers before `number`.
constexpr std::uint64_t hash_with(std::uint64_t hash, std::uint64_t number) noexcept {
    hash = (hash ^ number) * 0xff51afd7ed558ccd;
    return hash ^ (hash >> 32);
}

/// The hash of `numbers`. Their order matters.
constexpr std::uint64_t hash_of(std::initializer_list<std::uint64_t> numbers) noexcept {
    std::uint64_t hash = hash_seed;
    for (const std::uint64_t number : numbers) hash = hash_with(hash, number);
    return hash;
}

/// The hash of `bytes` by FNV-1a's step. `hash` is the hash of the bytes before them;
/// without it, these are the first. It does not depend on the machine's byte order.
inline std::uint64_t hash_of(std::span<const std::byte> bytes,
                             std::uint64_t hash = 0x9e3779b97f4a7c15) noexcept {
    for (const std::byte byte : bytes) {
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
    }
    return hash;
}

/// The hash of the characters of `text`, as of its bytes.
inline std::uint64_t hash_of(std::string_view text,
                             std::uint64_t hash = 0x9e3779b97f4a7c15) noexcept {
    return hash_of(std::as_bytes(std::span(text.data(), text.size())), hash);
}

/// A pointer to an object and a function that hashes all of its state that matters. A view: it owns
/// nothing, and is valid during the call that it is passed to.
struct StateView {
    const void* state;                   ///< the object, which only `hash` looks into
    std::uint64_t (*hash)(const void*);  ///< gives the hash; it must not change the object
};

namespace detail {

/// A view of a number, which is its own hash.
inline StateView view_of(const std::uint64_t& number) noexcept {
    return {&number, [](const void* state) { return *static_cast<const std::uint64_t*>(state); }};
}

}  // namespace detail
}  // namespace drydock

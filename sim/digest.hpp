// The digest of a run: a rolling 64-bit hash over every choice and every completion, in order.
//
// Two runs with one digest did the same. Only values enter that are the same on every system: no
// pointers, no source positions, no native error codes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace drydock::sim {

/// A 64-bit hash of bytes, for telling apart, not for secrecy. Independent of byte order.
inline std::uint64_t hash_bytes(std::span<const std::byte> bytes,
                                std::uint64_t hash = 0x9e3779b97f4a7c15) noexcept {
    for (const std::byte byte : bytes) {
        hash = (hash ^ static_cast<std::uint64_t>(byte)) * 0x100000001b3;
    }
    return hash;
}

class Digest {
public:
    void mix(std::uint64_t value) noexcept {
        state_ = (state_ ^ value) * 0xff51afd7ed558ccd;
        state_ ^= state_ >> 32;
    }
    std::uint64_t value() const noexcept { return state_; }

private:
    std::uint64_t state_ = 0x6472796461636b31;
};

}  // namespace drydock::sim

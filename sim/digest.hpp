// The digest of a run: a rolling 64-bit hash over every choice and every completion, in order.
//
// Two runs with one digest did the same. Only values enter that are the same on every system: no
// pointers, no source positions, no native error codes.
#pragma once

#include <cstdint>

#include <drydock/hash.hpp>

namespace drydock::sim {

class Digest {
public:
    void mix(std::uint64_t value) noexcept { state_ = hash_with(state_, value); }
    std::uint64_t value() const noexcept { return state_; }

private:
    std::uint64_t state_ = hash_seed;
};

}  // namespace drydock::sim

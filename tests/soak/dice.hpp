// Choices from a seed: the same ones with every compiler and library.
#pragma once

#include <cstdint>

#include <drydock/hash.hpp>

namespace drydock::soak {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    /// From `least` to `most`, both included.
    std::uint64_t between(std::uint64_t least, std::uint64_t most) {
        return least + next() % (most - least + 1);
    }
    /// The same, small ones more often.
    std::uint64_t about(std::uint64_t least, std::uint64_t most) {
        for (std::uint64_t turn = next() % 6; turn > 0 && most / 4 > least; --turn) most /= 4;
        return between(least, most);
    }
    bool percent(unsigned chance) { return next() % 100 < chance; }

private:
    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15;
        return hash_of({state_, 1});
    }

    std::uint64_t state_;
};

}  // namespace drydock::soak

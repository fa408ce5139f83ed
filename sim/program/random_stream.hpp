// The random numbers that a simulated program gets: one stream for a run, from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace drydock::sim {

/// splitmix64 (Steele, Lea and Flood, 2014). The same on every system.
class RandomStream {
public:
    explicit RandomStream(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t next() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    void fill(void* to, std::size_t size) noexcept {
        auto* bytes = static_cast<unsigned char*>(to);
        while (size > 0) {
            const std::uint64_t value = next();
            const std::size_t part = size < sizeof value ? size : sizeof value;
            std::memcpy(bytes, &value, part);
            bytes += part;
            size -= part;
        }
    }

private:
    std::uint64_t state_;
};

}  // namespace drydock::sim

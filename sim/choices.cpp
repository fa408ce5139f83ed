// The choice sources: seed, replay, and a fuzzer's bytes.
#include <drydock/sim/choices.hpp>

#include <bit>

namespace drydock::sim {
namespace {

/// SplitMix64 (Steele, Lea, Flood 2014): spreads a seed over the state of the generator proper.
std::uint64_t split_mix(std::uint64_t& state) noexcept {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

}  // namespace

SeedChoices::SeedChoices(std::uint64_t seed) noexcept : state_{} {
    for (std::uint64_t& word : state_) word = split_mix(seed);
}

/// xoshiro256** 1.0 (Blackman, Vigna 2018; public domain).
std::uint64_t SeedChoices::next() noexcept {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
}

/// Lemire's method: multiply and shift, rejecting the few draws that would make it biased.
std::uint32_t SeedChoices::below(std::uint32_t bound) noexcept {
    for (;;) {
        const std::uint64_t product = (next() >> 32) * bound;
        const auto low = static_cast<std::uint32_t>(product);
        if (low >= bound || low >= (0U - bound) % bound) {
            return static_cast<std::uint32_t>(product >> 32);
        }
    }
}

std::uint32_t SeedChoices::choose(std::uint32_t options, const char*) noexcept {
    return below(options);
}

std::uint32_t SeedChoices::flip(std::uint32_t one_in, const char*) noexcept {
    return below(one_in) == one_in - 1 ? 1 : 0;
}

std::uint32_t ReplayChoices::choose(std::uint32_t options, const char*) noexcept {
    if (position_ >= values_.size()) return 0;
    return values_[position_++] % options;
}

std::uint32_t ReplayChoices::flip(std::uint32_t, const char* label) noexcept {
    return choose(2, label);
}

std::uint32_t ByteChoices::choose(std::uint32_t options, const char*) noexcept {
    std::uint64_t drawn = 0;
    for (std::uint64_t reach = 1; reach < options; reach *= 256) {
        if (bytes_.empty()) return 0;
        drawn = drawn * 256 + bytes_.front();
        bytes_ = bytes_.subspan(1);
    }
    return static_cast<std::uint32_t>(drawn % options);
}

std::uint32_t ByteChoices::flip(std::uint32_t one_in, const char* label) noexcept {
    return choose(one_in < 256 ? one_in : 256, label) == 1 ? 1 : 0;
}

}  // namespace drydock::sim

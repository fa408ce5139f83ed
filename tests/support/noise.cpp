// One period of noise, read from another place for each client.
#include "tests/support/noise.hpp"

#include <algorithm>
#include <vector>

namespace drydock::test {
namespace {

// A prime: shifted against each other, two clients' streams agree nowhere for long.
constexpr std::size_t period = 65521;
constexpr std::size_t shift = 977;

/// One period, and a piece more, so that any piece is in one place.
const std::vector<char>& all_noise() {
    static const std::vector<char> bytes = [] {
        std::vector<char> made(period + noise_piece);
        std::uint32_t state = 12345;
        for (std::size_t i = 0; i < made.size(); ++i) {
            state = state * 1664525 + 1013904223;
            made[i] = i < period ? static_cast<char>(state >> 24) : made[i - period];
        }
        return made;
    }();
    return bytes;
}

}  // namespace

std::string_view noise(std::uint64_t client, std::uint64_t position, std::size_t size) {
    const std::size_t from = (client % period * shift + position % period) % period;
    return {all_noise().data() + from, std::min(size, noise_piece)};
}

}  // namespace drydock::test

// SHA-1, after FIPS 180-4.
#include "tests/broker/sha1.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace drydock::broker {
namespace {

using Digest = std::array<std::uint32_t, 5>;

constexpr std::size_t block_size = 64;

// The function and the constant of a round (sections 4.1.1 and 4.2.1).
std::uint32_t mixed(std::size_t round, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
    if (round < 20) return ((b & c) | (~b & d)) + 0x5A827999U;
    if (round < 40) return (b ^ c ^ d) + 0x6ED9EBA1U;
    if (round < 60) return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDCU;
    return (b ^ c ^ d) + 0xCA62C1D6U;
}

void add_block(Digest& digest, std::string_view block) {
    std::array<std::uint32_t, 80> words{};
    for (std::size_t i = 0; i < block_size; ++i) {
        words[i / 4] = words[i / 4] << 8 | static_cast<unsigned char>(block[i]);
    }
    for (std::size_t i = 16; i < words.size(); ++i) {
        words[i] = std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
    }
    auto [a, b, c, d, e] = digest;
    for (std::size_t round = 0; round < words.size(); ++round) {
        const std::uint32_t next = std::rotl(a, 5) + mixed(round, b, c, d) + e + words[round];
        e = d;
        d = c;
        c = std::rotl(b, 30);
        b = a;
        a = next;
    }
    const Digest change = {a, b, c, d, e};
    for (std::size_t i = 0; i < digest.size(); ++i) digest[i] += change[i];
}

}  // namespace

std::string sha1_hex(std::string_view text) {
    std::string padded(text);
    padded += '\x80';
    while (padded.size() % block_size != block_size - 8) padded += '\0';
    for (int shift = 56; shift >= 0; shift -= 8) {
        padded += static_cast<char>(std::uint64_t{text.size()} * 8 >> shift & 0xFF);
    }
    Digest digest = {0x67452301U, 0xEFCDAB89U, 0x98BADCFEU, 0x10325476U, 0xC3D2E1F0U};
    for (std::size_t at = 0; at < padded.size(); at += block_size) {
        add_block(digest, std::string_view(padded).substr(at, block_size));
    }
    std::string hex;
    for (const std::uint32_t word : digest) {
        for (int shift = 28; shift >= 0; shift -= 4) hex += "0123456789abcdef"[word >> shift & 0xF];
    }
    return hex;
}

}  // namespace drydock::broker

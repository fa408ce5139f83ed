// Bytes that a client sends and knows again: a stream without end for each of many clients.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace drydock::test {

/// The most that noise() gives in one piece.
inline constexpr std::size_t noise_piece = 32 * 1024;

/// `size` bytes from `position` on, of the stream of one client: no two agree for long.
std::string_view noise(std::uint64_t client, std::uint64_t position, std::size_t size);

}  // namespace drydock::test

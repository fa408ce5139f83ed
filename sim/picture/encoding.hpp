// Bytes as text that JSON can hold.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock::sim {

/// RFC 4648, with padding.
std::string base64(std::string_view bytes);

/// A digest as reports have it: 16 digits.
std::string hexadecimal(std::uint64_t digest);

bool is_utf8(std::string_view text) noexcept;

/// The text for a terminal: control characters, and bytes that are not part of UTF-8, as \xNN.
std::string for_terminal(std::string_view text);

/// The text, with U+FFFD for each byte that is not part of UTF-8.
std::string as_utf8(std::string_view text);

}  // namespace drydock::sim

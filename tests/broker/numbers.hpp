// Numbers as Redis reads and writes them.
#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace drydock::broker {

/// A number of 64 bits in the one form that Redis writes it in: no plus sign, no leading zero.
inline std::optional<std::int64_t> parse_integer(std::string_view text) {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || (digits.front() == '0' && text.size() > 1)) return std::nullopt;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// A score of a sorted set.
inline std::optional<double> parse_score(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const std::string copy(text);  // some libraries have no std::from_chars for it
    char* end = nullptr;
    const double value = std::strtod(copy.c_str(), &end);
    const bool is_number = value == value;
    const bool is_whole = end == copy.c_str() + copy.size() && !text.starts_with(' ');
    if (text.empty() || !is_whole || !is_number) return std::nullopt;
    return value;
}

/// As "%.17g" of C.
inline std::string score_text(double score) {
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), score,
                                   std::chars_format::general, 17);
    return std::string(text.data(), end.ptr);
}

}  // namespace drydock::broker

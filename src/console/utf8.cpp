// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates.
#include "src/console/utf8.hpp"

namespace drydock::console {
namespace {

/// How many bytes a character has that begins with this one; 0: none does.
constexpr std::size_t size_of(unsigned lead) noexcept {
    if (lead < 0x80) return 1;
    if (lead >= 0xc2 && lead <= 0xdf) return 2;
    if (lead >= 0xe0 && lead <= 0xef) return 3;
    return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

constexpr bool is_character(char32_t code, std::size_t size) noexcept {
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x1'0000);
    const bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return !overlong && !surrogate && code <= 0x10'ffff;
}

}  // namespace

Decoded decode(std::string_view text) noexcept {
    const unsigned lead = static_cast<unsigned char>(text[0]);
    const std::size_t size = size_of(lead);
    if (size == 0) return {Decoded::Kind::wrong, 0, 1};
    if (size == 1) return {Decoded::Kind::character, lead, 1};
    char32_t code = lead & (0xffU >> (size + 1));
    for (std::size_t i = 1; i < size; ++i) {
        if (i == text.size()) return {Decoded::Kind::unfinished, 0, i};
        const unsigned next = static_cast<unsigned char>(text[i]);
        if ((next & 0xc0U) != 0x80U) return {Decoded::Kind::wrong, 0, 1};
        code = (code << 6) | (next & 0x3fU);
    }
    if (!is_character(code, size)) return {Decoded::Kind::wrong, 0, 1};
    return {Decoded::Kind::character, code, size};
}

bool is_control(char32_t code) noexcept {
    const bool c0_or_c1 = code < 0x20 || (code >= 0x7f && code <= 0x9f);
    const bool separates_lines = code == 0x2028 || code == 0x2029;
    const bool mark = code == 0x200e || code == 0x200f || code == 0x061c;
    const bool turns =
        mark || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return c0_or_c1 || separates_lines || turns;
}

}  // namespace drydock::console

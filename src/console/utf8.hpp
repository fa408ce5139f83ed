// Taking UTF-8 apart, piece by piece and whatever it is given: bytes that are no UTF-8 come out one
// by one, and as such.
#pragma once

#include <cstddef>
#include <string_view>

namespace drydock::console {

struct Decoded {
    enum class Kind : unsigned char {
        character,
        wrong,      ///< a byte that belongs to no character
        unfinished  ///< a character's beginning: decide when there is more
    };
    Kind kind = Kind::character;
    char32_t code = 0;
    std::size_t size = 1;  ///< in bytes
};

/// What `text`, which is not empty, begins with.
Decoded decode(std::string_view text) noexcept;

/// What a terminal could take for an order: the control characters, and those that turn the
/// direction of the text that follows. Newlines and tabs are among them.
bool is_control(char32_t code) noexcept;

}  // namespace drydock::console

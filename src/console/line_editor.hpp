// A line editor for terminals: keys go in, entered lines and bytes for the screen come out.
//
// It exists so that text that arrives while somebody types does not spoil what is typed, on Linux
// and on Windows alike. Pure: no terminal, no I/O. The terminal must echo nothing by itself, give
// each key at once, and know three VT sequences: carriage return, erase to the end of the row, and
// cursor right. What is typed takes one row, the last; a line that is wider scrolls in it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "src/console/utf8.hpp"

namespace drydock::console {

class LineEditor {
public:
    /// `prompt` is one column per byte.
    explicit LineEditor(std::string prompt, std::size_t columns = 80)
        : prompt_(std::move(prompt)), columns_(columns) {}

    struct Typed {
        std::string screen;              ///< to be written to the terminal
        std::vector<std::string> lines;  ///< entered; what the last key made of the row is not
        bool end = false;                ///< end of input: what was typed after it is lost
    };

    /// Takes what the terminal sent: UTF-8 and the VT sequences of keys, cut anywhere. Each line
    /// disappears from the row when it is entered.
    Typed type(std::string_view bytes);

    /// The bytes that draw the row.
    std::string draw();

    /// The bytes that show whole lines of text above the row.
    std::string above(std::string_view lines);

    /// The bytes that leave the terminal as if there had been no row.
    static std::string erase() { return "\r\x1b[K"; }

    void resize(std::size_t columns) noexcept { columns_ = columns; }

private:
    /// What the cursor steps over: a character with what combines with it.
    struct Glyph {
        std::string bytes;
        std::size_t width;
        char shown_as;  ///< instead of the bytes; 0: as they are
    };
    /// Where in an escape sequence the keys are.
    enum class Escape : std::uint8_t { none, begun, parameters, linux_function, one_more, text };

    void take(const Decoded& key, std::string_view bytes, Typed& typed);
    bool continue_escape(const Decoded& key);
    void begin_escape(char32_t code);
    void finish_escape(char32_t code);
    void control(char32_t code, Typed& typed);
    void insert(const Decoded& key, std::string_view bytes);
    void enter(Typed& typed);

    void remove(std::size_t from, std::size_t to);
    void delete_right();
    std::size_t word_left() const;

    std::size_t room() const noexcept;
    void scroll();

    std::string prompt_;
    std::size_t columns_;
    std::vector<Glyph> glyphs_;
    std::size_t cursor_ = 0;  // the glyph that it is on
    std::size_t first_ = 0;   // the leftmost glyph in the row
    std::string undecided_;   // the beginning of a character
    Escape escape_ = Escape::none;
    std::string parameters_;
    bool after_return_ = false;
};

}  // namespace drydock::console

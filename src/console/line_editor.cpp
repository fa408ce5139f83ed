// What keys do, and how the row is drawn.
#include "src/console/line_editor.hpp"

#include <algorithm>
#include <utility>

#include "src/console/width.hpp"

namespace drydock::console {
namespace {

constexpr char32_t ctrl(char letter) { return static_cast<char32_t>(letter - 'A' + 1); }
constexpr char32_t escape_key = 0x1b;
constexpr char32_t bell = 0x07;
constexpr char32_t delete_key = 0x7f;

/// More would combine with one character only to make each redrawing slow.
constexpr std::size_t longest_glyph = 64;
constexpr std::size_t longest_parameters = 16;

}  // namespace

LineEditor::Typed LineEditor::type(std::string_view bytes) {
    const std::string all = std::exchange(undecided_, {}).append(bytes);
    std::string_view rest = all;
    Typed typed;
    while (!rest.empty() && !typed.end) {
        const Decoded key = decode(rest);
        if (key.kind == Decoded::Kind::unfinished) {
            undecided_ = rest;
            break;
        }
        take(key, rest.substr(0, key.size), typed);
        rest.remove_prefix(key.size);
    }
    typed.screen = draw();
    return typed;
}

// --- keys ----------------------------------------------------------------------------------------

void LineEditor::take(const Decoded& key, std::string_view bytes, Typed& typed) {
    const bool second_half = key.code == '\n' && after_return_;  // of a pasted "\r\n"
    after_return_ = key.code == '\r';
    if (key.code == escape_key) {
        escape_ = Escape::begun;
        parameters_.clear();
    } else if (escape_ != Escape::none && continue_escape(key)) {
        return;
    } else if (second_half) {
        return;
    } else if (key.kind == Decoded::Kind::wrong || !is_control(key.code) || key.code == '\t') {
        insert(key, bytes);
    } else {
        control(key.code, typed);
    }
}

/// False: the sequence is over, and this key is not of it. A control key never is, so that the
/// escape key alone does not swallow the Enter after it.
bool LineEditor::continue_escape(const Decoded& key) {
    const Escape state = std::exchange(escape_, Escape::none);
    const bool bell_ends = state == Escape::text && key.code == bell;
    if (key.kind == Decoded::Kind::wrong || (key.code < 0x20 && !bell_ends)) return false;
    switch (state) {
        case Escape::none:
            return false;
        case Escape::begun:
            begin_escape(key.code);
            return true;
        case Escape::parameters:
            finish_escape(key.code);
            return true;
        case Escape::one_more:
            finish_escape(key.code);
            escape_ = Escape::none;
            return true;
        case Escape::linux_function:
            return true;
        case Escape::text:
            if (!bell_ends) escape_ = Escape::text;
            return true;
    }
    return false;
}

void LineEditor::begin_escape(char32_t code) {
    switch (code) {
        case '[':
            escape_ = Escape::parameters;
            break;
        case 'O':
            escape_ = Escape::one_more;
            break;
        case ']':
        case 'P':
        case 'X':
        case '^':
        case '_':
            escape_ = Escape::text;  // an answer of the terminal's, to a question of nobody here
            break;
        default:
            break;  // a key with Alt
    }
}

void LineEditor::finish_escape(char32_t code) {
    if (code == '[' && parameters_.empty()) {
        escape_ = Escape::linux_function;  // F1 to F5 of the Linux console: ESC [ [ A
        return;
    }
    if (code < 0x40 || code > 0x7e) {
        escape_ = Escape::parameters;
        if (parameters_.size() < longest_parameters) parameters_ += static_cast<char>(code);
        return;
    }
    // Modifiers, as in "1;5C" for right with Ctrl, make no difference.
    const std::string number = parameters_.substr(0, parameters_.find(';'));
    const auto is = [&](char letter, std::string_view one, std::string_view other) {
        return code == static_cast<unsigned char>(letter) ||
               (code == '~' && (number == one || number == other));
    };
    if (code == 'C') cursor_ = std::min(cursor_ + 1, glyphs_.size());
    if (code == 'D' && cursor_ > 0) --cursor_;
    if (is('H', "1", "7")) cursor_ = 0;
    if (is('F', "4", "8")) cursor_ = glyphs_.size();
    if (code == '~' && number == "3") delete_right();
}

void LineEditor::control(char32_t code, Typed& typed) {
    switch (code) {
        case '\r':
        case '\n':
            return enter(typed);
        case delete_key:
        case ctrl('H'):
            return remove(cursor_ - std::min<std::size_t>(cursor_, 1), cursor_);
        case ctrl('D'):
            typed.end = glyphs_.empty();
            return delete_right();
        case ctrl('Z'):
            typed.end = glyphs_.empty();  // the end of input as Windows knows it
            return;
        case ctrl('A'):
            cursor_ = 0;
            return;
        case ctrl('E'):
            cursor_ = glyphs_.size();
            return;
        case ctrl('B'):
            cursor_ -= std::min<std::size_t>(cursor_, 1);
            return;
        case ctrl('F'):
            cursor_ = std::min(cursor_ + 1, glyphs_.size());
            return;
        case ctrl('K'):
            return remove(cursor_, glyphs_.size());
        case ctrl('U'):
            return remove(0, cursor_);
        case ctrl('W'):
            return remove(word_left(), cursor_);
        default:
            return;
    }
}

void LineEditor::enter(Typed& typed) {
    std::string line;
    for (const Glyph& glyph : glyphs_) line += glyph.bytes;
    typed.lines.push_back(std::move(line));
    remove(0, glyphs_.size());
}

// --- the line ------------------------------------------------------------------------------------

void LineEditor::insert(const Decoded& key, std::string_view bytes) {
    const bool wrong = key.kind == Decoded::Kind::wrong;
    const std::size_t columns = wrong || key.code == '\t' ? 1 : width(key.code);
    if (columns == 0 && cursor_ > 0 && glyphs_[cursor_ - 1].bytes.size() < longest_glyph) {
        glyphs_[cursor_ - 1].bytes += bytes;
        return;
    }
    const char shown_as = key.code == '\t' ? ' ' : wrong ? '?' : '\0';
    glyphs_.insert(glyphs_.begin() + static_cast<std::ptrdiff_t>(cursor_),
                   Glyph{std::string(bytes), columns, shown_as});
    ++cursor_;
}

void LineEditor::remove(std::size_t from, std::size_t to) {
    const auto begin = glyphs_.begin();
    glyphs_.erase(begin + static_cast<std::ptrdiff_t>(from),
                  begin + static_cast<std::ptrdiff_t>(to));
    cursor_ = from;
}

void LineEditor::delete_right() { remove(cursor_, std::min(cursor_ + 1, glyphs_.size())); }

std::size_t LineEditor::word_left() const {
    std::size_t at = cursor_;
    while (at > 0 && glyphs_[at - 1].bytes == " ") --at;
    while (at > 0 && glyphs_[at - 1].bytes != " ") --at;
    return at;
}

// --- the row -------------------------------------------------------------------------------------

/// The columns for the line. The last column stays empty: a terminal that has written there does
/// not agree with others on where its cursor is.
std::size_t LineEditor::room() const noexcept {
    constexpr std::size_t least = 2;  // the widest character
    const std::size_t taken = prompt_.size() + 1;
    return columns_ < taken + least ? least : columns_ - taken;
}

/// Moves the window over the line so that the cursor is in it, and no room is left unused while
/// there is text to the left.
void LineEditor::scroll() {
    first_ = std::min(first_, cursor_);
    std::size_t used = 0;
    std::size_t at = cursor_;
    while (at > first_ && used + glyphs_[at - 1].width <= room()) used += glyphs_[--at].width;
    first_ = at;
    for (at = cursor_; at < glyphs_.size() && used <= room(); ++at) used += glyphs_[at].width;
    while (first_ > 0 && used + glyphs_[first_ - 1].width <= room()) {
        used += glyphs_[--first_].width;
    }
}

std::string LineEditor::draw() {
    scroll();
    std::string row = "\r" + prompt_;
    std::size_t used = 0;
    std::size_t before_cursor = 0;
    std::size_t at = first_;
    for (; at < glyphs_.size() && used + glyphs_[at].width <= room(); ++at) {
        const Glyph& glyph = glyphs_[at];
        row += glyph.shown_as == '\0' ? glyph.bytes : std::string(1, glyph.shown_as);
        used += glyph.width;
        if (at < cursor_) before_cursor = used;
    }
    row += "\x1b[K";
    const std::size_t column = prompt_.size() + before_cursor;
    if (at != cursor_) row += "\r";
    if (at != cursor_ && column > 0) row += "\x1b[" + std::to_string(column) + "C";
    return row;
}

std::string LineEditor::above(std::string_view lines) {
    return erase().append(lines).append(draw());
}

}  // namespace drydock::console

// The line protocol: bytes become lines, lines become commands. Nothing here does I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kv {

/// What bounds a client's requests, and the memory that one connection takes. All are bytes.
struct Limits {
    std::size_t key = 256;
    std::size_t value = 4096;
    std::size_t line = 8192;          ///< without its newline
    std::size_t receive = 4096;       ///< received at once
    std::size_t answers = 16 * 1024;  ///< so many answers are sent before more are made
    std::size_t memory = 64 << 20;    ///< all keys and values; see Store::cost_of()
};

/// Cuts a stream of bytes into lines. Keeps at most one line of the longest length and the bytes
/// that were added last, whatever a client sends.
class LineSplitter {
public:
    struct Line {
        std::string_view text;  ///< without the newline and a carriage return before it
        bool too_long = false;  ///< then `text` is empty: the line was not kept
    };

    explicit LineSplitter(std::size_t longest) : longest_(longest) {}

    /// Adds received bytes. Call next() until it is empty before the next add().
    void add(std::string_view bytes);

    /// The next complete line, which is valid until the next add(). None: more bytes are needed.
    std::optional<Line> next();

    /// Whether a line has begun and not ended.
    bool in_line() const noexcept { return skipping_ || begin_ < bytes_.size(); }

private:
    std::size_t longest_;
    std::string bytes_;
    std::size_t begin_ = 0;  // of the bytes that were not handed out
    bool skipping_ = false;  // up to the next newline: the line is too long
};

enum class Verb : std::uint8_t { set, get, del, incr, quit };

/// Views into the line.
struct Command {
    Verb verb = Verb::get;
    std::string_view key;
    std::string_view value;  ///< of SET: the rest of the line, spaces included; may be empty
};

/// A command, or the answer that says why the line is none.
struct Parsed {
    std::optional<Command> command;
    std::string_view error;  ///< with its newline
};

Parsed parse(std::string_view line, const Limits& limits);

/// The answers, each a line.
namespace answers {
inline constexpr std::string_view ok = "OK\n";
inline constexpr std::string_view none = "NONE\n";
inline constexpr std::string_view bye = "BYE\n";
inline constexpr std::string_view unknown_command = "ERROR unknown command\n";
inline constexpr std::string_view wrong_arguments = "ERROR wrong arguments\n";
inline constexpr std::string_view line_too_long = "ERROR line too long\n";
inline constexpr std::string_view key_too_long = "ERROR key too long\n";
inline constexpr std::string_view value_too_long = "ERROR value too long\n";
inline constexpr std::string_view not_a_number = "ERROR not a number\n";
inline constexpr std::string_view number_too_large = "ERROR number too large\n";
inline constexpr std::string_view store_full = "ERROR store full\n";

inline std::string value(std::string_view text) { return "VALUE " + std::string(text) + "\n"; }
}  // namespace answers

}  // namespace kv

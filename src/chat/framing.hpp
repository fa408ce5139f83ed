// Framing: bytes in, lines out. Pure; no I/O.
//
// A line ends in '\n'; any other byte is payload, '\r' and NUL included. What is whole in a chunk
// is given as views of it: only a line that began in an earlier chunk is ever copied, once. Each
// byte is looked at once, whatever the chunking, so the time is linear.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace drydock::chat {

/// What one chunk made whole: `head` and then `body`, end to end, are `count` lines with their
/// newlines. The views end with the next call to the framer; `body` with the chunk, too.
struct Lines {
    std::string_view head;  ///< what earlier chunks held of the first line; the framer's memory
    std::string_view body;  ///< the chunk's part
    std::size_t count = 0;
    /// The line after these is over the limit. The framer takes nothing more.
    bool too_long = false;
};

class LineFramer {
public:
    /// `max_line` is the most bytes of a line, its newline not counted.
    explicit LineFramer(std::size_t max_line) noexcept : max_line_(max_line) {}

    Lines feed(std::string_view chunk);

    /// At the end of the stream: the line that lacks only its newline, or nothing.
    std::string_view unfinished() const noexcept { return std::string_view(held_).substr(given_); }

private:
    std::size_t max_line_;
    std::string held_;       // the `head` of the last call, and what is unfinished since
    std::size_t given_ = 0;  // the length of that head
};

}  // namespace drydock::chat

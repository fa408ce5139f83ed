// The user's terminal: single keys from standard input, and VT sequences to standard output.
//
// One header, and one source file per system (terminal_posix.cpp, terminal_win32.cpp).
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace drydock::host {

/// One input from the terminal.
struct TerminalInput {
    enum class Kind : unsigned char {
        keys,    ///< `text`: UTF-8, special keys as the VT sequences that xterm sends
        redraw,  ///< it has another size, or the program has been in the background
        end      ///< the terminal is gone, or interrupt() was called
    };
    Kind kind = Kind::end;
    std::string text = {};
};

/// A terminal that echoes nothing and gives each key at once, and that understands VT sequences.
/// Ctrl-C goes on to end the program. However the program ends, the terminal is left as it was
/// found, but for SIGKILL and crashes.
class Terminal {
public:
    Terminal() = default;
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;
    virtual ~Terminal() = default;

    /// Waits for what comes next. One thread at a time.
    virtual TerminalInput read() = 0;
    /// Lets read() give `end`, now and from now on. From any thread.
    virtual void interrupt() noexcept = 0;

    /// Writes all of it. A newline begins a new row.
    virtual void write(std::string_view text) noexcept = 0;
    virtual std::size_t columns() const noexcept = 0;
};

/// Null where standard input or standard output is not a terminal, or the terminal knows no VT
/// sequences. One at a time.
std::unique_ptr<Terminal> open_terminal();

bool output_is_terminal() noexcept;
bool error_is_terminal() noexcept;

}  // namespace drydock::host

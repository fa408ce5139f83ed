// What others have sent, made fit for a terminal.
//
// A terminal takes orders from the text that it shows: to clear itself, to move its cursor, to
// change its title, to answer in the user's name. Nobody else in a chat may give them. So text is
// shown in whole lines, and what is no character in them is shown as '?'.
#pragma once

#include <string>
#include <string_view>

namespace drydock::console {

class SafeText {
public:
    /// The lines that this chunk made whole, each with its newline. A line without its newline is
    /// held; one over `most_held` bytes is broken, so that nobody fills the memory with it.
    std::string feed(std::string_view chunk);

    /// The line that is held, with a newline, or nothing.
    std::string finish();

    static constexpr std::size_t most_held = 64 * 1024;

private:
    std::string held_;
};

}  // namespace drydock::console

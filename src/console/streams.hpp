// What a client with a user is written against: lines come in, text goes out.
//
// The programs implement it on a terminal or on pipes, the tests with scripts.
#pragma once

#include <string>
#include <string_view>

namespace drydock::console {

/// What a client's queue of events gets from its user.
struct Line {
    std::string text;  ///< without its newline
};
struct EndOfInput {};

/// Where the lines come from. ask() asks for one, which some thread then pushes as a Line or as
/// EndOfInput. It must not wait.
class LineInput {
public:
    LineInput() = default;
    LineInput(const LineInput&) = delete;
    LineInput& operator=(const LineInput&) = delete;
    virtual ~LineInput() = default;
    virtual void ask() noexcept = 0;
};

/// Where the text for the user goes; each one is to be seen at once. write() gives false when the
/// text could not be written: nobody will see what comes, and the client ends.
class TextOutput {
public:
    TextOutput() = default;
    TextOutput(const TextOutput&) = delete;
    TextOutput& operator=(const TextOutput&) = delete;
    virtual ~TextOutput() = default;
    virtual bool write(std::string_view text) noexcept = 0;
};

}  // namespace drydock::console

// A shell in which the commands of a page run, one after the other, as in a reader's terminal: what
// one of them sets, opens or starts is there for the next.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tests/support/process.hpp"

namespace drydock::pages {

/// What a command has printed, on standard output and standard error together, and its exit status.
struct Printed {
    std::string text;
    int status = -1;
    bool ended = false;  ///< false: not in time, or the shell itself has ended
};

/// bash. What still runs when it goes, such as a server in the background, is killed.
class Shell {
public:
    using Variables = std::vector<std::pair<std::string, std::string>>;

    Shell(const std::string& folder, const Variables& variables);
    Shell(const Shell&) = delete;
    Shell& operator=(const Shell&) = delete;
    ~Shell();

    /// Runs a command to its end. One that runs in the background has not ended then: what it
    /// prints until `awaited` has come is a part of the result, too.
    Printed run(const std::string& command, const std::string& awaited,
                test::Milliseconds patience);

private:
    test::Process bash_;
    std::size_t read_ = 0;  // of its output
    int commands_ = 0;
};

}  // namespace drydock::pages

// A program that a test has started at a terminal of its own. POSIX only.
//
// The terminal is a pseudo-terminal, and the program is the foreground of its session, as at a
// user's shell: keys that are signals are delivered, settings are real. Nothing waits for ever, and
// what still runs when the test goes is killed.
#pragma once

#include <termios.h>

#include "tests/support/process.hpp"

namespace drydock::test {

class TerminalProcess {
public:
    /// The environment is the test's, with TERM=xterm before what the command adds.
    explicit TerminalProcess(const Command& command, unsigned short columns = 80);
    TerminalProcess(const TerminalProcess&) = delete;
    TerminalProcess& operator=(const TerminalProcess&) = delete;
    ~TerminalProcess();

    /// Presses keys. They are taken as fast as the program reads.
    bool type(std::string_view keys, Milliseconds timeout = patience);
    void resize(unsigned short columns);
    void signal(int number);

    /// Until the screen was sent this text, after all that earlier calls of this have waited for.
    bool wait_for(std::string_view text, Milliseconds timeout = patience);
    /// Lets output come for a while.
    void watch(Milliseconds span);
    /// Until it has ended and all output is read.
    Ending wait(Milliseconds timeout = patience);

    /// All that the screen was sent.
    const std::string& output() const { return output_; }
    /// The terminal's settings as they are now, and as the program found them.
    bool echoes() const;
    bool is_as_found() const;

private:
    bool read_some();
    void reap();
    template <typename Condition>
    bool pump_until(Condition condition, Milliseconds timeout);

    ::pid_t pid_ = -1;
    int terminal_ = -1;  // the test's side
    int programs_side_ = -1;
    ::termios found_{};
    std::string output_;
    std::size_t waited_to_ = 0;
    Ending ending_;
};

}  // namespace drydock::test

// Standard output as all commands write to it, and how a program begins and ends.
//
// A program that could not write all of its output says so once, on standard error, and ends with
// status 2, whatever else it has found out: its caller has only a part of the result. The commands
// need not check their writes for that. One that would go on for long asks works().
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "src/cli/exit_status.hpp"

namespace drydock::app {

/// For one thread at a time.
class Output {
public:
    /// Keeps the text until much has come together, or until flush(). On a terminal it is shown at
    /// once.
    void write(std::string_view text) noexcept;

    /// From here on a write waits no longer than this for the output to be read (on POSIX systems),
    /// and fails then: for a program that has more to do than to print.
    void set_patience(std::chrono::milliseconds patience) noexcept { patience_ = patience; }

    /// From here on a write fails, for this reason. Where nothing is written, nothing has failed.
    void lose(std::string reason) noexcept { lost_ = std::move(reason); }

    /// Writes what is kept. False: that failed, now or before.
    bool flush() noexcept;

    /// False: a write has failed. The output takes no more, as what follows a gap would mislead.
    bool works() const noexcept { return failure_.empty(); }
    /// Why, as "No space left on device".
    const std::string& failure() const noexcept { return failure_; }

private:
    std::chrono::milliseconds patience_{-1};  // for ever
    std::string kept_;
    std::string lost_;  // why it cannot be written
    std::string failure_;
};

/// The one of this process.
Output& standard_output() noexcept;

template <typename... Arguments>
void print(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
    standard_output().write(fmt::format(format, std::forward<Arguments>(arguments)...));
}

/// The program's last words: writes what the output keeps and, the first time, complains if the
/// output has failed. Gives the status to end with, which is `status` if all was written.
int finish_output(std::string_view program, int status) noexcept;

/// What output that was closed before the program began means: a server runs without it; a command
/// whose result is its output has then failed.
enum class ClosedOutput : unsigned char { is_discarded, is_lost };

/// What main() does around the command: makes sure of the standard streams, runs it, finishes the
/// output, and turns an exception into an error message and status 2. Gives the exit status.
int run_program(std::string_view name, const std::function<int()>& run,
                ClosedOutput closed = ClosedOutput::is_discarded) noexcept;

}  // namespace drydock::app

// What all programs tell their caller: exit statuses, and error messages.
#pragma once

#include <string_view>

namespace drydock::app {

/// The promised exit statuses.
enum ExitStatus : int {
    exit_ok = 0,
    exit_failed = 1,       // a property failed, or the peer misbehaved or went away
    exit_wrong_usage = 2,  // what was asked for cannot be done as asked
};

/// "<program>: <error message>" on standard error.
void complain(std::string_view program, std::string_view sentence) noexcept;
/// The same for the program that run_program() was told of.
void complain(std::string_view sentence) noexcept;

}  // namespace drydock::app

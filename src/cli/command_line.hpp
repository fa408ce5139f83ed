// Parsing a command line so that bad input is answered with one error message.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "src/cli/exit_status.hpp"
#include "src/cli/manual.hpp"

namespace drydock::app {

// CLI11's own checks for these take -1 for an enormous unsigned number and let "nan" pass, and
// their error messages give limits in three hundred digits.

/// For options that take a whole number from `least` to `most`. Without `most`: `least` or more.
CLI::Validator whole_number(std::uint64_t least, std::uint64_t most = ~std::uint64_t{0});

/// For options that take seconds, 0 or more.
CLI::Validator seconds();

/// Makes each option and argument of `app` and of its commands refuse an empty value, as a script
/// gives it for a variable that is not set. To be called when all options are there.
void refuse_empty_values(CLI::App& app);

/// Prints the help or the version that was asked for. The exit status.
int answer(const CLI::App& app, const CLI::Success& request);

/// Nothing: a command was given, and its options are filled in. Otherwise the exit status. The one
/// word "--man-page" prints the manual page, for packages.
std::optional<int> parse_command_line(CLI::App& app, const Manual& manual, int count, char** words);

}  // namespace drydock::app

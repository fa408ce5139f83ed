// What --help shows of a program, and of each of its commands.
//
// CLI11 has the commands and options; this file has their layout, and the parts that --help and the
// manual page share: the name of an option's value, its range in words, and its default.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "src/cli/manual.hpp"

namespace drydock::app {

/// The name of an option's value, as "SECONDS".
std::string value_name(const CLI::Option& option);

/// The option's description as sentences, with the default at its end.
std::string option_text(const CLI::Option& option);

bool takes_value(const CLI::Option& option);
bool repeats(const CLI::Option& option);

inline constexpr std::uint64_t no_most = ~std::uint64_t{0};

/// "1 to 100", "0 or more".
std::string range_text(std::uint64_t least, std::uint64_t most);

/// The option takes a whole number in this range. "{range}" in its description becomes the range in
/// words.
CLI::Option* take_number(CLI::Option* option, const char* unit, std::uint64_t least,
                         std::uint64_t most = no_most);

/// The option takes seconds, 0 or more, with decimals.
CLI::Option* take_seconds(CLI::Option* option);

/// Gives the program and its commands this layout, and each command its notes.
void set_up_help(CLI::App& app, const Manual& manual);

}  // namespace drydock::app

// Parsing a command line so that bad input is answered with one sentence.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "src/apps/exit_status.hpp"
#include "src/apps/manual.hpp"

namespace drydock::app {

// CLI11's own checks for these take -1 for an enormous unsigned number and let "nan" pass, and
// their complaints give limits in three hundred digits.

namespace detail {

template <typename Number>
bool is_number(const std::string& text, Number& number) {
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && rest == end;
}

}  // namespace detail

/// For options that take a whole number, `least` or more.
inline CLI::Validator whole_number(std::uint64_t least) {
    const auto check = [least](const std::string& text) -> std::string {
        std::uint64_t number = 0;
        if (detail::is_number(text, number) && number >= least) return {};
        return "'" + text + "' is not a whole number from " + std::to_string(least) + " on";
    };
    return CLI::Validator(check, "", "whole number");
}

/// For options that take seconds, 0 or more.
inline CLI::Validator seconds() {
    const auto check = [](const std::string& text) -> std::string {
        double number = 0;
        if (detail::is_number(text, number) && std::isfinite(number) && number >= 0) return {};
        return "'" + text + "' is no number of seconds, 0 or more";
    };
    return CLI::Validator(check, "", "seconds");
}

/// Prints the help or the version that was asked for. The exit status.
int answer(const CLI::App& app, const CLI::Success& request);

/// Nothing: a command was given, and its options are filled in. Otherwise the exit status. The one
/// word "--man-page" prints the manual page, for those who make packages.
std::optional<int> parse_command_line(CLI::App& app, const Manual& manual, int count, char** words);

}  // namespace drydock::app

// Parsing a command line so that bad input is answered with one sentence.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "src/apps/exit_status.hpp"

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

/// Nothing: a command was given, and its options are filled in. Otherwise the exit status.
inline std::optional<int> parse_command_line(CLI::App& app, int count, char** words) {
    const std::string first = count > 1 ? words[1] : "";
    const bool names_command = !first.empty() && first.front() != '-';
    bool is_known = false;
    std::string known;
    for (const CLI::App* command : app.get_subcommands({})) {
        known += (known.empty() ? "" : ", ") + command->get_name();
        is_known = is_known || command->get_name() == first;
    }
    if (names_command && !is_known) {
        complain(app.get_name(), "there is no command '" + first + "'; known are: " + known);
        return exit_wrong_usage;
    }
    if (first.starts_with('-') && app.get_option_no_throw(first) == nullptr) {
        complain(app.get_name(), "there is no option '" + first + "' before a command; known " +
                                     "commands are: " + known);
        return exit_wrong_usage;
    }
    try {
        app.parse(count, words);
    } catch (const CLI::Success& success) {
        return app.exit(success);
    } catch (const CLI::ParseError& error) {
        complain(app.get_name(), std::string(error.what()) + " (--help lists what there is)");
        return exit_wrong_usage;
    }
    return std::nullopt;
}

}  // namespace drydock::app

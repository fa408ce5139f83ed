// Parsing a command line so that bad input is answered with one sentence.
#pragma once

#include <optional>
#include <string>

#include <CLI/CLI.hpp>

#include "src/apps/exit_status.hpp"

namespace drydock::app {

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

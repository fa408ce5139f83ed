// What --help says of a program and its commands, and what it must not.
#pragma once

#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "tests/e2e/programs.hpp"

namespace drydock::e2e {

/// The words after "Commands:", each at the beginning of a line.
inline Words commands_in(const std::string& help) {
    Words commands;
    std::istringstream lines(help.substr(help.find("Commands:")));
    std::string line;
    std::getline(lines, line);
    while (std::getline(lines, line) && line.starts_with("  ")) {
        if (line[2] != ' ') commands.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    return commands;
}

/// What begins the lines of a command's help: options, and arguments.
inline std::set<std::string> options_in(const std::string& help) {
    std::set<std::string> options;
    std::istringstream lines(help);
    const std::regex entry("^  (-[a-z], )?(--[a-z][a-z-]*|[A-Z]+)( .*)?");
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_match(line, match, entry)) options.insert(match[2].str());
    }
    return options;
}

/// Marks that CLI11 makes for itself, which say nothing to a reader.
inline void expect_no_leaks(const std::string& help) {
    for (const char* leak : {"{false}", "TEXT", "INT", "FLOAT", " in [", "REQUIRED", "SUBCOMMAND",
                             "{range}", "Positionals"}) {
        EXPECT_EQ(help.find(leak), std::string::npos) << leak << " in:\n" << help;
    }
}

/// The text of an option's entry, in one line.
inline std::string entry_of(const std::string& help, const std::string& option) {
    const std::size_t start = help.find("\n  " + option);
    if (start == std::string::npos) return {};
    std::istringstream lines(help.substr(start + 1));
    std::string text;
    std::string line;
    std::getline(lines, text);
    while (std::getline(lines, line) && line.starts_with("     ")) text += line;
    return std::regex_replace(text, std::regex(" +"), " ");
}

inline std::string help_of(const Words& program, const std::string& command) {
    const Outcome outcome = run(program, {command, "--help"});
    EXPECT_EQ(outcome.ending, Ending::exited(0));
    EXPECT_EQ(outcome.errors, "");
    return outcome.output;
}

inline void expect_help_of_all_commands(const Words& program, const std::string& name) {
    const std::string all = run(program, {"--help"}).output;
    expect_no_leaks(all);
    EXPECT_NE(all.find("\nUsage: " + name + " COMMAND"), std::string::npos) << all;
    EXPECT_NE(all.find("\nExit status:\n  0  "), std::string::npos) << all;
    for (const std::string& command : commands_in(all)) {
        SCOPED_TRACE(command);
        const std::string help = help_of(program, command);
        expect_no_leaks(help);
        EXPECT_NE(help.find("\nUsage: " + name + " " + command), std::string::npos) << help;
        EXPECT_NE(help.find("\nExit status:\n"), std::string::npos) << help;
        EXPECT_NE(help.find("\n  2  "), std::string::npos) << "wrong usage has a status: " << help;
        const std::size_t examples = help.find("\nExample");
        ASSERT_NE(examples, std::string::npos) << help;
        EXPECT_NE(help.find(name + " " + command + " ", examples), std::string::npos) << help;
        std::istringstream lines(help);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80U) << "fits a terminal: " << line;
        }
    }
}

}  // namespace drydock::e2e

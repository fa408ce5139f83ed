// Manual pages beside the help that they are made with.
#pragma once

#include <filesystem>
#include <regex>
#include <string>

#include "tests/e2e/help.hpp"

namespace drydock::e2e {

/// The page without its marks: "\-" is a '-', and fonts are nothing.
inline std::string without_marks(const std::string& page) {
    return std::regex_replace(std::regex_replace(page, std::regex(R"(\\f[BIR])"), ""),
                              std::regex(R"(\\-)"), "-");
}

/// From a heading to the next.
inline std::string section_of(const std::string& page, const std::string& heading) {
    const std::size_t start = page.find("\n" + heading);
    if (start == std::string::npos) return {};
    return page.substr(start, page.find("\n.S", start + 1) - start);
}

inline void expect_manual(const Words& program, const std::string& name) {
    const Outcome made = run(program, {"--man-page"});
    ASSERT_EQ(made.ending, Ending::exited(0)) << made.errors;
    const std::string page = without_marks(made.output);
    for (const char* heading : {".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS",
                                ".SH COMMANDS", ".SH EXIT STATUS", ".SH EXAMPLES"}) {
        EXPECT_NE(section_of(page, heading), "") << heading;
    }
    const Words commands = commands_in(run(program, {"--help"}).output);
    ASSERT_GE(commands.size(), 4U);
    for (const std::string& command : commands) {
        SCOPED_TRACE(command);
        const std::set<std::string> options = options_in(run(program, {command, "--help"}).output);
        EXPECT_GE(options.size(), 2U);
        const std::string section = section_of(page, ".SS " + name + " " + command + " ");
        for (const std::string& option : options) {
            EXPECT_TRUE(std::regex_search(section, std::regex("\n(-h, )?" + option + "( |\n)")))
                << option << " is missing in: " << section;
        }
        EXPECT_NE(section.find("\nExit status:\n"), std::string::npos) << section;
        EXPECT_NE(section.find(name + " " + command + " ", section.find("\nExit status:\n")),
                  std::string::npos)
            << "an example: " << section;
        expect_no_leaks(section);
    }
}

/// groff and its macros have nothing to say about it.
inline void expect_page_without_warnings(const Words& program) {
    const std::string groff = "/usr/bin/groff";
    if (!std::filesystem::exists(groff)) GTEST_SKIP() << groff << " is not installed (groff-base)";
    const Outcome made = run(program, {"--man-page"});
    const Outcome checked = run({groff}, {"-man", "-ww", "-Tutf8", "-z"}, made.output);
    EXPECT_EQ(checked.ending, Ending::exited(0));
    EXPECT_EQ(checked.errors, "");
    const Outcome shown = run({groff}, {"-man", "-Tascii", "-P-c", "-P-b", "-P-u"}, made.output);
    EXPECT_NE(shown.output.find("EXIT STATUS"), std::string::npos) << shown.output;
}

}  // namespace drydock::e2e

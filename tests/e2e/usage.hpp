// Wrong command lines, and what every program must say to them.
#pragma once

#include <ostream>
#include <string>

#include <drydock/version.hpp>

#include "tests/e2e/programs.hpp"

namespace drydock::e2e {

/// A wrong command line, and what its sentence has to name.
struct Wrong {
    const char* name;
    Words arguments;
    const char* names;
};

inline void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

inline std::string name_of(const testing::TestParamInfo<Wrong>& info) { return info.param.name; }

inline void expect_refusal(const Words& program, const std::string& name, const Wrong& wrong) {
    const Outcome run = e2e::run(program, wrong.arguments);
    EXPECT_EQ(run.ending, Ending::exited(2)) << "wrong usage is status 2";
    EXPECT_TRUE(is_one_sentence(run.errors, name));
    EXPECT_NE(run.errors.find(wrong.names), std::string::npos)
        << "the sentence should name \"" << wrong.names << "\": " << run.errors;
    EXPECT_EQ(run.output, "") << "nothing should be done, and nothing be said of it";
}

inline void expect_help_and_version(const Words& program) {
    const Outcome help = e2e::run(program, {"--help"});
    EXPECT_EQ(help.ending, Ending::exited(0));
    EXPECT_EQ(help.errors, "") << "help that was asked for belongs on standard output";
    const Outcome version = e2e::run(program, {"--version"});
    EXPECT_EQ(version.ending, Ending::exited(0));
    EXPECT_EQ(version.output, DRYDOCK_VERSION_STRING "\n");
}

}  // namespace drydock::e2e

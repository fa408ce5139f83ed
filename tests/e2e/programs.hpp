// The programs under test, and how their command lines are judged.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/process.hpp"
#include "tests/support/server_process.hpp"

namespace drydock::e2e {

using namespace std::chrono_literals;
using test::ChatServerProcess;
using test::ChatSummary;
using test::Command;
using test::EchoServerProcess;
using test::Ending;
using test::Outcome;
using test::Process;
using test::Summary;

inline const std::vector<std::string> drydock = {DRYDOCK_PROGRAM};
inline const std::vector<std::string> drydock_sim = {DRYDOCK_SIM_PROGRAM};

using Words = std::vector<std::string>;

/// Longer than a test waits: a server that ends in the test has not waited for the grace time.
inline const Words long_grace = {"--grace", "300"};

inline constexpr std::uint64_t mebibyte = 1024 * 1024;

inline Command command(Words words, const Words& arguments) {
    words.insert(words.end(), arguments.begin(), arguments.end());
    return Command{std::move(words)};
}

inline Outcome run(const Words& program, const Words& arguments, std::string_view input = {}) {
    return test::run_program(command(program, arguments), input);
}

/// "--workers N" of a server.
inline Words workers(unsigned count) { return {"--workers", std::to_string(count)}; }

/// For tests that are run with several numbers of them.
inline std::string workers_name(const testing::TestParamInfo<unsigned>& parameter) {
    return "workers_" + std::to_string(parameter.param);
}

/// One sentence: one line, of a length that a person reads, that says whose it is.
inline testing::AssertionResult is_one_sentence(const std::string& errors,
                                                const std::string& program) {
    const auto lines = std::count(errors.begin(), errors.end(), '\n');
    if (lines != 1 || errors.back() != '\n' || errors.size() > 300) {
        return testing::AssertionFailure()
               << "standard error should hold one sentence in one line, and holds:\n"
               << errors;
    }
    if (!errors.starts_with(program + ": ")) {
        return testing::AssertionFailure()
               << "the sentence should begin with the program's name: " << errors;
    }
    return testing::AssertionSuccess();
}

}  // namespace drydock::e2e

// The Windows programs, started through Wine, beside the Linux ones.
#pragma once

#include <filesystem>

#include "tests/e2e/programs.hpp"

namespace drydock::e2e {

inline const Words windows_drydock = {DRYDOCK_WINE, DRYDOCK_WINDOWS_PROGRAM};
inline const Words windows_drydock_sim = {DRYDOCK_WINE, DRYDOCK_WINDOWS_SIM_PROGRAM};

/// One of the textbook's programs.
inline Words textbook(const std::string& name) {
    return {DRYDOCK_WINE, std::string(DRYDOCK_SEED_PROGRAMS_DIR) + "/" + name + ".exe"};
}

/// Windows programs end their lines with "\r\n".
inline std::string with_plain_line_ends(std::string text) {
    for (std::size_t at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at)) {
        text.erase(at, 1);
    }
    return text;
}

inline Outcome run_windows(const Words& program, const Words& arguments,
                           std::string_view input = {}) {
    Outcome outcome = run(program, arguments, input);
    outcome.output = with_plain_line_ends(outcome.output);
    outcome.errors = with_plain_line_ends(outcome.errors);
    return outcome;
}

/// A start is expensive, and without the Windows build every one is in vain.
class WindowsTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(std::filesystem::exists(DRYDOCK_WINDOWS_PROGRAM))
            << DRYDOCK_WINDOWS_PROGRAM " is missing: build the preset windows first";
    }
};

}  // namespace drydock::e2e

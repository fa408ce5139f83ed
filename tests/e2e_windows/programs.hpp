// The Windows programs, started through Wine, beside the Linux ones.
#pragma once

#include <filesystem>
#include <iostream>

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

/// A Windows server's backend, and how many workers it gets.
struct WindowsSetup {
    std::string backend;
    unsigned workers;

    Words options() const { return {"--backend", backend, "--workers", std::to_string(workers)}; }
};

inline std::ostream& operator<<(std::ostream& out, const WindowsSetup& setup) {
    return out << setup.backend << "_" << setup.workers;
}

/// For tests that are run with all backends, and with several numbers of workers where they take
/// several.
inline const std::vector<WindowsSetup> all_setups = {{"iocp", 1}, {"iocp", 4}, {"apc", 1}};

inline std::string setup_name(const testing::TestParamInfo<WindowsSetup>& parameter) {
    return parameter.param.backend + "_workers_" + std::to_string(parameter.param.workers);
}

/// A start is expensive, and without the Windows build every one is in vain.
class WindowsTest : public testing::Test {
protected:
    void SetUp() override {
        ASSERT_TRUE(std::filesystem::exists(DRYDOCK_WINDOWS_PROGRAM))
            << DRYDOCK_WINDOWS_PROGRAM " is missing: build the preset windows first";
    }

    /// Where the Wine server has crashed during a test, its log says so.
    void TearDown() override {
        if (HasFailure()) {
            std::cout << "The log of the Wine server, which all tests share:\n"
                      << run({DRYDOCK_WINE}, {"--log"}).output;
        }
    }
};

}  // namespace drydock::e2e

// Runs of the echo scenario, and digests as people compare them.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

#include <drydock/sim/run.hpp>

#include "tests/scenarios/echo.hpp"

namespace drydock::sim {

inline std::string hex(std::uint64_t value) {
    std::ostringstream text;
    text << std::hex << value;
    return text.str();
}

inline Report run_echo(ChoiceSource& choices, const RunOptions& options = {}) {
    EchoScenario scenario;
    return run(scenario, choices, options);
}

}  // namespace drydock::sim

// What the echo fuzz target does with its input, apart from the target so that tests can show that
// it fails on a broken server.
#pragma once

#include <cstdint>
#include <span>

#include "sim/scenarios/echo.hpp"

namespace drydock::fuzz {

/// An input of a few kilobytes is spent long before the standard storm ends; shorter ones run
/// quicker.
inline sim::RunOptions echo_options() {
    sim::RunOptions options;
    options.calm_after = 600;
    options.record = true;
    return options;
}

/// The bytes decide everything: the swarm, the workload and the schedule, one choice after the
/// other. Past their end all is benign, so every run ends.
inline sim::Report run_echo(std::span<const std::uint8_t> bytes,
                            sim::MakeEchoServer make = sim::make_echo_server) {
    sim::EchoScenario scenario(make);
    sim::ByteChoices choices(bytes);
    return sim::run(scenario, choices, echo_options());
}

}  // namespace drydock::fuzz

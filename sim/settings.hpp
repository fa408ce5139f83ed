// Why a scenario cannot be run with some settings, or at all: one sentence for an error message.
#pragma once

#include <string>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// "the scenario 'echo' has no parameter 'nope'", or that a value is out of range. Empty: the
/// settings are valid.
std::string objection(const ScenarioInfo& scenario, const Settings& settings);

/// What is wrong with the entry itself: no name, a name with a space, no function that makes
/// scenarios. Empty: nothing.
std::string objection(const ScenarioInfo& scenario);

}  // namespace drydock::sim

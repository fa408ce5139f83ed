// Whether a ScenarioInfo can be run at all.
#pragma once

#include <string>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// What is wrong with the entry itself: no name, a name with a space, no function that makes
/// scenarios. Empty: nothing.
std::string entry_objection(const ScenarioInfo& scenario);

}  // namespace drydock::sim

// The server's scenarios: with and without a defect.
#pragma once

#include <drydock/sim/run.hpp>

namespace shout {

extern const drydock::sim::ScenarioInfo sound;
extern const drydock::sim::ScenarioInfo broken;

}  // namespace shout

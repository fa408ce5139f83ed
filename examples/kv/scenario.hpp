// The scenario of the key-value server, for the tool and for the tests.
#pragma once

#include <drydock/sim/run.hpp>

namespace kv {

extern const drydock::sim::ScenarioInfo scenario;

}  // namespace kv

// The scenario of the proxy, for the tool and for the tests.
#pragma once

#include <drydock/sim/run.hpp>

extern const drydock::sim::ScenarioInfo proxied;

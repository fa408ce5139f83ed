// The scenario of the line server, for the tool and for the tests.
#pragma once

#include <drydock/sim/run.hpp>

extern const drydock::sim::ScenarioInfo lines;

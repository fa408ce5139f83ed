// The scenario of the ledger.
#pragma once

#include <drydock/sim/run.hpp>

extern const drydock::sim::ScenarioInfo ledger_scenario;

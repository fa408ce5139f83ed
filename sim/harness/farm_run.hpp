// Running a farm to its end: the one place where tests start it.
#pragma once

#include <drydock/sim/farm.hpp>

namespace drydock::sim::harness {

/// Runs all seeds on `jobs` threads. The summary does not depend on their number.
FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options, unsigned jobs);

}  // namespace drydock::sim::harness

// The one place where the support of tests runs a program under test: farms, single seeds, replays.
//
// Runs happen in child processes where that is possible (<drydock/sim/farming.hpp>), so that a
// program that crashes or never ends fails its test and not the process. DRYDOCK_IN_PROCESS=1 has
// them in the test's own process.
#pragma once

#include <string>
#include <string_view>

#include <drydock/sim/farm.hpp>
#include <drydock/sim/schedule.hpp>

namespace drydock::sim::harness {

/// Runs all seeds by `jobs` processes or threads. The summary does not depend on their number.
FarmSummary run_farm(const ScenarioInfo& scenario, const FarmOptions& options, unsigned jobs);

/// One seed of the farm again: the property that it fails. Empty: it passes.
std::string property_of_seed(const ScenarioInfo& scenario, const FarmOptions& options,
                             std::uint64_t seed);

/// That seed, recorded and shrunk.
Shrunk shrink(const ScenarioInfo& scenario, const FarmOptions& options, std::uint64_t seed);

/// Replays a schedule, with the last `trace` completions.
Replayed replay_apart(const ScenarioInfo& scenario, std::string_view schedule_text,
                      std::size_t trace);

/// The property that the replay of a schedule fails. Empty: it passes.
std::string property_of_replay(const ScenarioInfo& scenario, std::string_view schedule_text);

}  // namespace drydock::sim::harness

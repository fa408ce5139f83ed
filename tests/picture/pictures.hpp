// Pictures of runs, for tests: of seeds of known scenarios, and of small scenarios of their own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "sim/picture/findings.hpp"
#include "sim/picture/json.hpp"
#include "tests/scenarios/scenarios.hpp"
#include "tests/support/simulated.hpp"

namespace drydock::test {

using Json = nlohmann::ordered_json;

/// A run of `scenario` whose choices are drawn from a seed.
sim::Picture picture_of_seed(const sim::ScenarioInfo& scenario, std::uint64_t seed,
                             const sim::RecordingLimits& limits = {});

/// A run of `scenario` with these choices.
sim::Picture picture_of(const sim::ScenarioInfo& scenario, std::vector<sim::Choice> choices);

/// A run of a function, without faults.
sim::Picture picture_of(FunctionScenario::Body body, const sim::RecordingLimits& limits = {});

/// A run of a function in which all `faults` are active; `choices` say when one strikes.
sim::Picture picture_of(FunctionScenario::Body body, sim::FaultSet faults, LabelChoices& choices);

/// The ids of the events of this kind.
std::vector<std::size_t> ids_of(const sim::RecordedRun& run, sim::RunEventKind kind);

/// The text that base64 stands for.
std::string from_base64(const std::string& text);

}  // namespace drydock::test

// A failed run as text for people: the parts that the tool's output and the tests' messages share.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// What `property`, or the rule of that name, expects, as one line that ends with a line break:
/// `expected: a run ends, ... (see docs/PROPERTIES.md#stuck)`. Empty: `scenario` and drydock know
/// nothing of it.
std::string expected_line(const ScenarioInfo& scenario, std::string_view property);

/// The choices of `schedule` that are not benign, one a line: "client: manner: 3 of 5". `indent`
/// precedes each, and a line break ends it.
std::string choices_text(std::span<const Choice> schedule, std::string_view indent);

/// Where a replay left its schedule, as a sentence without a full stop.
std::string divergence_text(const Divergence& divergence);

/// The failure in `report` of one run of `scenario`: the sentence, what was expected, and the
/// options of the run, each on a line of its own after `indent`.
std::string failure_text(const ScenarioInfo& scenario, const Report& report,
                         std::string_view indent);

/// A report on one line, as a failed assertion of a test prints it: the verdict, and how the run
/// went.
std::string summary_text(const Report& report);

}  // namespace drydock::sim

// What a test prints about a failure that has a schedule: the shrunk choices, the file, and the
// lines that replay it.
#pragma once

#include <string>
#include <string_view>

#include <drydock/sim/schedule.hpp>
#include <drydock/sim/shrink.hpp>

namespace drydock::sim::harness {

/// "  shrunk to 2 choices that are not benign:" and these choices, one a line.
std::string shrunk_text(const Shrunk& shrunk);

/// Writes the schedule of a failing run of `scenario`, checks that it fails again, and says where
/// the file is and how to replay it. `expression` is the scenario in the test's source, for the
/// line to copy. `origin` becomes part of the file's name.
std::string keep_schedule(const ScenarioInfo& scenario, const RunSetup& setup, const Report& report,
                          std::string_view origin, std::string_view expression);

/// The same for a run whose workload is not in the schedule: no line to copy would repeat it.
std::string keep_schedule_of_workload(const RunSetup& setup, const Report& report,
                                      std::string_view origin);

}  // namespace drydock::sim::harness

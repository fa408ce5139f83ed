// Which events a verdict is about.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/picture/findings.hpp"

namespace drydock::sim {

/// The ids of the events that the verdict of `run` is about, ascending; none if it has passed.
///
/// - Of a rule: the start and the completion of the operation that the rule names, and what else
///   its sentence names by a place: the first of two receives, the spawn of a task, the opening of
///   a socket.
/// - Of `stuck` and `nothing-pending`: the last completion, and the starts that have none.
/// - Of any other property: the completion that began the step in which it broke, the probes of
///   that step, and the last delivery to each client and connection that its sentence names.
///
/// `found` has the operations and lanes of the run.
std::vector<std::size_t> events_of_verdict(const RecordedRun& run, const Findings& found);

}  // namespace drydock::sim

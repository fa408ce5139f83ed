// An exploration on all cores. It is in the library of farms (drydock::farming), which has threads.
#pragma once

#include <drydock/sim/explore.hpp>

namespace drydock::sim {

/// explore() with `jobs` threads, the calling one included, which share the table of states. The
/// states, the outcomes with their counts, and the number of schedules do not depend on `jobs`; the
/// number of completions does, and of several failures, which is found first. With a reduction
/// other than Reduction::states one thread does all. Only the calling thread calls `options`'
/// functions. Throws as explore() does.
Exploration explore_in_threads(const ScenarioInfo& scenario, ExploreOptions options, unsigned jobs);

}  // namespace drydock::sim

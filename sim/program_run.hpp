// A run of a scenario that runs a program, with a look at what memory it leaves behind.
#pragma once

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// run() for such a scenario: the property `program-leaks` fails where a second and a third run of
/// the same choices in this process each leave the same number of blocks allocated. (What the first
/// run leaves may be caches and variables that live as long as the process.)
Report run_program(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                   const RunOptions& options);

/// run() with a new object of the scenario. Throws std::invalid_argument.
Report run_once(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                const RunOptions& options);

}  // namespace drydock::sim

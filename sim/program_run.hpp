// A run of a scenario that runs a program, with a look at what memory it leaves behind.
#pragma once

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// run() for such a scenario: the property `program-leaks` fails if the program has ended in order,
/// and has allocated memory that it has neither freed nor kept a pointer to.
Report run_program(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                   const RunOptions& options);

/// run() with a new object of the scenario. Throws std::invalid_argument.
Report run_once(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                const RunOptions& options);

}  // namespace drydock::sim

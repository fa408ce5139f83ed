// Looking for leaks of a program when its world has gone.
#include "sim/program_run.hpp"

#include <utility>

#include "sim/memory.hpp"

namespace drydock::sim {

Report run_program(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
                   const RunOptions& options) {
    memory_must_be_freed = false;
    if (memory_watch != nullptr) memory_watch->begin();
    Report report = run_once(scenario, settings, choices, options);
    const bool look = std::exchange(memory_must_be_freed, false) && report.passed;
    if (!look || memory_watch == nullptr) return report;
    const Leaked leaked = memory_watch->end();
    if (leaked.blocks == 0) return report;
    report.passed = false;
    report.property = "program-leaks";
    report.sentence = "the program has ended and left " + std::to_string(leaked.bytes) +
                      " bytes in " + std::to_string(leaked.blocks) +
                      (leaked.blocks == 1 ? " block" : " blocks") +
                      " that it allocated and that nothing leads to";
    const std::string place = memory_watch->place_of(leaked.caller);
    if (!place.empty()) report.sentence += "; the largest was allocated" + place;
    return report;
}

}  // namespace drydock::sim

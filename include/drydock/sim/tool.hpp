// The commands of drydock-sim for scenarios of one's own: a program's whole main function.
//
//     int main(int argc, char** argv) {
//         static constexpr const drydock::sim::ScenarioInfo* scenarios[] = {&lines, &lines_sound};
//         return drydock::sim::tool_main(argc, argv, scenarios);
//     }
//
// The program has the commands run, farm, merge, explore, replay, shrink, view, explain and list,
// and --help, --version and --man-page; `PROGRAM COMMAND --help` describes each. The parameters of
// the scenarios are options of the commands. docs/SIMULATOR.md explains what the commands do.
//
// Link drydock::tool.
#pragma once

#include <span>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// Runs the command that the command line names, and gives the program's exit status: 0, everything
/// held; 1, a property or rule failed, or a farm of 20,000 seeds or more missed a probe; 2, what
/// was asked for cannot be done, which one sentence on standard error explains. Status 2 also
/// answers a list of scenarios that is empty, has a null pointer, two scenarios of one name, a
/// scenario without `make`, or a name or parameter that command lines and schedule files cannot
/// hold: a scenario's name has letters, digits and - _ . / +, a parameter's has letters, digits, -
/// and _ and is not that of an option of the commands ("seed").
///
/// The program is called what the last component of argv[0] is, without ".exe". Command lines that
/// are printed to be run again begin with argv[0] as it is.
///
/// The scenarios must outlive the call. Several of them may be run at the same time: in child
/// processes, which are copies of this process (fork()); or in threads, where the system has no
/// fork() and with --in-process. All of these end before the function returns. Call it before other
/// threads start, and once at a time: it handles Ctrl-C and writes to the standard streams. No
/// exception leaves it.
int tool_main(int argc, char** argv, std::span<const ScenarioInfo* const> scenarios);

}  // namespace drydock::sim

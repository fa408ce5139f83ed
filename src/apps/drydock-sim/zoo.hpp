// What drydock-sim has beside the commands of every tool: the servers of the zoo, the command that
// hunts them, and texts.
#pragma once

#include <string>
#include <vector>

#include "sim/tool/commands.hpp"
#include "sim/tool/program.hpp"
#include "src/cli/manual.hpp"

namespace drydock::app {

struct ZooArguments : CommonArguments {
    std::vector<std::string> names;  // empty: all
};

int run_zoo(const ZooArguments& arguments);

/// The sound servers that are not in `scenarios`, and the specimens.
std::vector<OtherScenario> zoo_scenarios();

/// Examples with drydock's own servers, and the command `zoo`.
void amend_manual(Manual& manual);

}  // namespace drydock::app

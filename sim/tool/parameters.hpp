// The parameters of a tool's scenarios as options of its commands.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include <CLI/CLI.hpp>

#include "sim/tool/program.hpp"

namespace drydock::app {

/// Which value a parameter has if it is not given: it depends on the command.
enum class Unset : std::uint8_t { chosen_by_run, explored, from_file };

/// Adds an option for each name of a parameter, in groups by the scenarios that have it. What is
/// given goes into `settings`; the scenario that is named checks it.
void add_setting_options(CLI::App& command, const Tool& tool, sim::Settings& settings, Unset unset);

/// Why a parameter cannot be an option: one of the commands of `app` has an option of that name.
/// Empty: all can.
std::string objection_to_options(std::span<const sim::ScenarioInfo* const> scenarios,
                                 const CLI::App& app);

}  // namespace drydock::app

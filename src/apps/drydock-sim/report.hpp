// How drydock-sim tells what it found: for people, and as JSON.
#pragma once

#include <string>

#include <drydock/sim/run.hpp>

#include "sim/farm.hpp"

namespace drydock::app {

/// The digest as all outputs show it: 16 hexadecimal digits.
std::string digest_text(std::uint64_t digest);

/// One run. `origin` says where its choices came from ("seed 7"), `again` is the command that
/// repeats it.
void print_report(const sim::Report& report, const std::string& origin, const std::string& again);
void print_report_json(const sim::ScenarioInfo& scenario, const sim::Report& report,
                       const std::string& origin, double seconds);

void print_farm(const sim::ScenarioInfo& scenario, const sim::FarmSummary& summary, double seconds);
void print_farm_json(const sim::ScenarioInfo& scenario, const sim::FarmSummary& summary,
                     double seconds);

/// All scenarios.
void print_list(bool json);

}  // namespace drydock::app

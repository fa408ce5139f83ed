// Runs whose events are kept, and the source lines that belong to them.
#pragma once

#include <optional>
#include <span>
#include <string>

#include <drydock/sim/farming.hpp>

#include "sim/picture/json.hpp"
#include "sim/tool/common.hpp"

namespace drydock::app {

/// A run, and what has happened in it.
struct Recorded {
    sim::Report report;
    sim::RecordedRun run;
};

/// sim::run_apart() that keeps the events, also of a run that ends its process.
Recorded record_apart(const sim::RunToKeepApart& run, const sim::Apart& apart);

/// The run of `found` that makes these choices, kept apart.
Recorded record_replay(const Found& found, std::span<const sim::Choice> choices,
                       const sim::Apart& apart);

/// Where the run, which may have been another process's, left its schedule.
std::optional<sim::Divergence> divergence_of(const sim::Schedule& schedule,
                                             const sim::Report& report);

/// Where source lines are looked for.
struct SourceFolder {
    /// Only files below this folder. Empty: each file at the path that the compiler was given.
    std::string folder;
};

/// The picture of a run of `found`, with the source lines that can be read.
sim::Picture picture_of(const Found& found, Recorded recorded, const SourceFolder& sources);

/// The lines around all places of the run, each file's in order, without gaps of a few lines.
std::vector<sim::SourceLines> source_lines(const sim::RecordedRun& run,
                                           const SourceFolder& sources);

}  // namespace drydock::app

// A run as JSON: the format that docs/run.schema.json describes and docs/VIEW.md explains.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include <drydock/sim/run.hpp>
#include <drydock/sim/schedule.hpp>

#include "sim/picture/recording.hpp"

namespace drydock::sim {

/// The lines of a source file around places of a run.
struct SourceLines {
    std::string file;         ///< as RecordedPlace::file
    std::uint32_t first = 0;  ///< the number of the first line
    std::vector<std::string> lines;
};

/// Of the runs that begin with the first `choices` choices of a run and draw the rest at random,
/// this share fails the same property.
struct Inevitability {
    std::uint64_t choices = 0;
    std::uint64_t failed = 0;
    std::uint64_t runs = 0;
};

/// A run, and what is known of it.
struct Picture {
    const ScenarioInfo* scenario = nullptr;
    RunSetup setup;
    Report report;  ///< recorded
    RecordedRun run;
    std::optional<std::uint64_t> seed;  ///< its choices were drawn from
    std::string file;                   ///< its choices were read from; empty: they were not
    std::string again;                  ///< the command that repeats the run
    std::vector<SourceLines> sources;
    std::vector<Inevitability> inevitability;
    std::string inevitability_sentence;  ///< empty: it was not looked for
};

/// The version of the formats "drydock-run" and "drydock-comparison".
inline constexpr int picture_version = 1;

nlohmann::ordered_json json_of(const Picture& picture);

/// The points of the curve, as they stand in a run's JSON.
nlohmann::ordered_json inevitability_json(const std::vector<Inevitability>& curve);

/// The JSON as text, in one line with a newline. Strings that are not UTF-8 do not occur in it:
/// json_of() has replaced what is not, and added the bytes where they matter.
std::string text_of(const nlohmann::ordered_json& json);

}  // namespace drydock::sim

// How a tool tells what it found: for people, and as JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <drydock/sim/run.hpp>

#include <drydock/sim/explore.hpp>
#include <drydock/sim/farm.hpp>
#include <drydock/sim/schedule.hpp>
#include "sim/tool/program.hpp"
#include "sim/tool/shards.hpp"

namespace drydock::app {

/// The digest as all outputs show it: 16 hexadecimal digits.
std::string digest_text(std::uint64_t digest);

// --- one run ---

/// `origin` says where its choices came from ("seed 7"), `again` is the command that repeats it.
void print_report(const sim::ScenarioInfo& scenario, const sim::Report& report,
                  const std::string& origin, const std::string& again);
void print_report_json(const sim::ScenarioInfo& scenario, const sim::Report& report,
                       const std::string& origin, double seconds,
                       const std::optional<sim::Divergence>& divergence = std::nullopt);
std::string divergence_text(const sim::Divergence& divergence);
void print_divergence(const sim::Divergence& divergence);
/// Those that are not benign.
void print_choices(const sim::Report& report);

// --- a farm ---

/// The schedule file of a property's first failure.
struct KeptFailure {
    std::string file;
    std::size_t length = 0;  ///< choices that are not benign
    bool finished = false;   ///< shrinking had come to its end
};

struct FarmReport {
    std::string words;  ///< the scenario and how it is set up, as words of a command line
    const sim::ScenarioInfo& scenario;
    const sim::FarmSummary& summary;
    double seconds = 0;
    const std::map<std::string, KeptFailure>& kept;
    std::uint64_t wanted = 0;  ///< seeds
    std::string_view start;    ///< of a command line (Tool::start)
    bool twice = false;        ///< each seed was run twice
    /// Of which farm it is a part, if it is one.
    std::optional<Shard> shard = std::nullopt;
};

/// A farm of the standard size and of a plain scenario must have reached every probe.
bool must_reach_probes(const FarmReport& report);

void print_farm(const FarmReport& report);
/// Prints the report, for people or as JSON. Gives the exit status, and complains if a probe that
/// must be reached was not.
int tell_farm(const FarmReport& report, bool json);
/// One line.
std::string farm_json(const FarmReport& report);

/// A farm's JSON read again.
struct FarmFile {
    std::string scenario;
    std::string words;
    sim::FarmSummary summary;
    double seconds = 0;
    std::map<std::string, KeptFailure> kept;
    std::optional<Shard> shard;
    std::string path;  ///< of the file

    /// Of the same farm, and later seeds.
    void merge(const FarmFile& other);
    /// All is alike but the time that it took, and the names of files.
    bool found_the_same_as(const FarmFile& other) const;
};

/// What is wrong with the text, or nothing.
std::string parse_farm_json(const std::string& text, FarmFile& file);

/// The whole text is one number.
bool to_number(const std::string& text, std::uint64_t& number);

// --- an exploration ---

/// `unfinished` says why it may have ended before all was explored: "time was up".
void print_exploration(const sim::ScenarioInfo& scenario, const sim::RunSetup& setup,
                       const sim::Exploration& found, double seconds, std::string_view unfinished);
void print_exploration_json(const sim::ScenarioInfo& scenario, const sim::RunSetup& setup,
                            const sim::Exploration& found, double seconds);

/// What was explored with this value of the bound of that name.
void print_bound(const std::string& name, std::uint32_t value, const sim::Exploration& found,
                 double seconds);

/// All scenarios of the tool.
void print_list(const Tool& tool, bool json);

}  // namespace drydock::app

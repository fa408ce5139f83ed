// What the commands share: error messages, files, scenarios by name, and how runs are set up.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include <drydock/sim/farming.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/schedule.hpp>

#include "sim/tool/commands.hpp"
#include "sim/tool/program.hpp"
#include "src/cli/exit_status.hpp"

namespace drydock::app {

class Stopwatch {
public:
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

// Each of these complains where it gives nothing.

const sim::ScenarioInfo* find_scenario(const CommonArguments& arguments, const std::string& name);

/// A scenario with its settings, which are good.
struct Found {
    const sim::ScenarioInfo* scenario = nullptr;
    sim::RunSetup setup;
};
std::optional<Found> find(const ScenarioArguments& arguments);
/// Checks the settings.
std::optional<Found> find(const CommonArguments& arguments, sim::RunSetup setup);
/// False: the scenario does not take one of them.
bool accepts(const sim::ScenarioInfo& scenario, const sim::Settings& settings);

/// How these runs are kept apart.
sim::Apart apart_of(const ApartArguments& arguments);

/// The setup as words of a command line, as "echo --clients 2 --pct 3".
std::string words_of(const sim::RunSetup& setup, std::uint32_t pct_depth = 0);

/// "1 outcome", "2 outcomes".
std::string count_of(std::uint64_t count, std::string_view noun);

/// A name as an error message can hold it, whatever was given for one: short, and safe for
/// terminals.
std::string shown(std::string_view name);

/// For before a run that may take hours: the folder of the file is there. A command writes no file
/// whose path is empty.
bool can_be_written(const std::string& path);
bool save(const std::string& path, const std::string& text);
/// So that others see the file whole, or as it was. A device or a pipe is written as it is; a
/// symbolic link means what it leads to.
bool save_whole(const std::filesystem::path& path, const std::string& text);
std::optional<std::string> load(const std::string& path);
std::optional<sim::Schedule> load_schedule(const std::string& path);

}  // namespace drydock::app

// Names looked up, files read and written, and an error message where that fails.
#include "sim/tool/common.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "platform/host/whole_file.hpp"

namespace drydock::app {
namespace {

std::string known_scenarios(const Tool& tool) {
    constexpr std::size_t most = 12;
    const auto first = tool.scenarios.first(std::min(tool.scenarios.size(), most));
    std::string known;
    for (const sim::ScenarioInfo* scenario : first) {
        known += (known.empty() ? "" : ", ") + std::string(scenario->name);
    }
    const bool more = first.size() < tool.scenarios.size();
    if (more) known += ", others";
    if (!tool.extras.scenarios.empty()) {
        return known +
               fmt::format(", and those of {} (see {} list)", tool.extras.collection, tool.name);
    }
    return more ? known + fmt::format(" (see {} list)", tool.name) : known;
}

/// Why a setting is not good: the scenario has none of that name, it is out of its range, or the
/// scenario does not take its own parameter.
std::string objection(const sim::ScenarioInfo& scenario, const std::string& name,
                      std::uint64_t value) {
    for (const sim::Parameter& parameter : scenario.parameters) {
        if (parameter.name != name) continue;
        if (value >= parameter.least && value <= parameter.most) {
            return fmt::format(
                "the scenario '{}' lists a parameter '{}' and does not take {} for it; its "
                "function "
                "set() must return true for what it takes",
                scenario.name, name, value);
        }
        return fmt::format("'{}' of the scenario '{}' must be from {} to {}", name, scenario.name,
                           parameter.least, parameter.most);
    }
    return fmt::format("the scenario '{}' has no parameter '{}'", scenario.name, shown(name));
}

}  // namespace

const sim::ScenarioInfo* look_up(const Tool& tool, std::string_view name) {
    for (const sim::ScenarioInfo* scenario : tool.scenarios) {
        if (scenario->name == name) return scenario;
    }
    for (const OtherScenario& other : tool.extras.scenarios) {
        if (other.scenario->name == name) return other.scenario;
    }
    return nullptr;
}

const sim::ScenarioInfo* find_scenario(const CommonArguments& arguments, const std::string& name) {
    if (const sim::ScenarioInfo* scenario = look_up(*arguments.tool, name)) return scenario;
    complain(fmt::format("there is no scenario '{}'; the scenarios are {}", shown(name),
                         known_scenarios(*arguments.tool)));
    return nullptr;
}

bool accepts(const sim::ScenarioInfo& scenario, const sim::Settings& settings) {
    if (scenario.make() == nullptr) {
        complain(fmt::format("the function 'make' of the scenario '{}' gives a null pointer",
                             scenario.name));
        return false;
    }
    for (const auto& [name, value] : settings) {
        if (sim::in_range(scenario.parameters, name, value) &&
            sim::make(scenario, {{name, value}}) != nullptr) {
            continue;
        }
        complain(objection(scenario, name, value));
        return false;
    }
    return true;
}

std::optional<Found> find(const CommonArguments& arguments, sim::RunSetup setup) {
    Found found;
    found.scenario = find_scenario(arguments, setup.scenario);
    if (found.scenario == nullptr || !accepts(*found.scenario, setup.settings)) return std::nullopt;
    found.setup = std::move(setup);
    return found;
}

std::optional<Found> find(const ScenarioArguments& arguments) {
    sim::RunSetup setup;
    setup.scenario = arguments.scenario;
    setup.settings = arguments.settings;
    if (arguments.calm_after > 0) setup.options.calm_after = arguments.calm_after;
    if (arguments.pct_depth > 0) {
        setup.options.always = sim::FaultSet().with(sim::Fault::reorder);
    }
    if (!arguments.faults.empty()) {
        const std::optional<sim::FaultSet> faults = sim::parse_faults(arguments.faults);
        if (!faults) {
            complain(fmt::format("--faults: a kind in '{}' is unknown; --help lists the kinds",
                                 shown(arguments.faults)));
            return std::nullopt;
        }
        setup.options.faults = *faults;
    }
    return find(arguments, std::move(setup));
}

sim::Apart apart_of(const ApartArguments& arguments) {
    sim::Apart apart;
    apart.isolation = arguments.in_process ? sim::Isolation::threads : sim::Isolation::processes;
    apart.timeout =
        std::chrono::milliseconds(static_cast<std::int64_t>(arguments.seed_timeout * 1000));
    return apart;
}

std::string words_of(const sim::RunSetup& setup, std::uint32_t pct_depth) {
    const sim::RunOptions usual;
    std::string words = setup.scenario;
    for (const auto& [name, value] : setup.settings) words += fmt::format(" --{} {}", name, value);
    if (setup.options.faults != usual.faults) {
        words += fmt::format(" --faults '{}'", sim::fault_names(setup.options.faults));
    }
    if (setup.options.calm_after != usual.calm_after) {
        words += fmt::format(" --calm-after {}", setup.options.calm_after);
    }
    return pct_depth > 0 ? words + fmt::format(" --pct {}", pct_depth) : words;
}

std::string count_of(std::uint64_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string shown(std::string_view name) {
    constexpr std::size_t most = 40;
    std::string text(name.substr(0, most));
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = '?';
    }
    return name.size() > most ? text + "..." : text;
}

bool can_be_written(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    const bool is_folder = !path.empty() && std::filesystem::is_directory(path, error);
    if (!is_folder && (folder.empty() || std::filesystem::is_directory(folder, error))) return true;
    complain(fmt::format("cannot write the file '{}': {}", path,
                         is_folder ? "it is a folder" : "there is no such folder"));
    return false;
}

bool save(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (file) return true;
    complain(fmt::format("cannot write the file '{}'", path));
    return false;
}

namespace {

namespace fs = std::filesystem;

/// Why it failed. Empty: it has not.
std::string write_in_place(const fs::path& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    return file ? "" : "a write has failed";
}

std::string write_whole(const fs::path& path, const std::string& text) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (!fs::exists(status)) {
        if (fs::is_symlink(fs::symlink_status(path, error))) return "the link leads nowhere";
        return host::replace_file(path, text);
    }
    if (fs::is_directory(status)) return "it is a folder";
    if (!fs::is_regular_file(status)) return write_in_place(path, text);
    const fs::path file = fs::canonical(path, error);
    return error ? error.message() : host::replace_file(file, text);
}

}  // namespace

bool save_whole(const fs::path& path, const std::string& text) {
    const std::string failure = write_whole(path, text);
    if (failure.empty()) return true;
    complain(fmt::format("cannot write the file '{}': {}", path.string(), failure));
    return false;
}

std::optional<std::string> load(const std::string& path) {
    constexpr std::size_t most = 256 * 1024 * 1024;
    std::ifstream file(path, std::ios::binary);
    std::string text;
    std::string part(64 * 1024, '\0');
    for (;;) {
        file.read(part.data(), std::ssize(part));
        if (file.gcount() == 0) break;
        text.append(part, 0, static_cast<std::size_t>(file.gcount()));
        if (text.size() > most) {
            complain(fmt::format("the file '{}' is larger than 256 MiB", path));
            return std::nullopt;
        }
    }
    if (file.is_open() && !file.bad()) return text;
    complain(fmt::format("cannot read the file '{}'", path));
    return std::nullopt;
}

std::optional<sim::Schedule> load_schedule(const std::string& path) {
    const std::optional<std::string> text = load(path);
    if (!text) return std::nullopt;
    sim::ParsedSchedule parsed = sim::parse_schedule(*text);
    if (parsed.ok()) return std::move(parsed.schedule);
    complain(
        fmt::format("'{}' is not a schedule that can be replayed: {}", path, parsed.complaint));
    return std::nullopt;
}

}  // namespace drydock::app

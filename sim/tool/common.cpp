// Names looked up, files read and written, and an error message where that fails.
#include "sim/tool/common.hpp"

#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "tests/scenarios/scenarios.hpp"
#include "tests/zoo/specimens/zoo.hpp"

namespace drydock::app {
namespace {

std::string known_scenarios() {
    std::string known;
    for (const sim::ScenarioInfo* scenario : sim::scenarios()) {
        known += std::string(scenario->name) + ", ";
    }
    return known + "and those of the zoo (see drydock-sim list)";
}

const sim::ScenarioInfo* find_sound_server(std::string_view name) {
    for (const sim::ScenarioInfo& server : zoo::sound_servers()) {
        if (server.name == name) return &server;
    }
    return nullptr;
}

/// Why a setting is not good: the scenario has none of that name, or it is out of its range.
std::string objection(const sim::ScenarioInfo& scenario, const std::string& name) {
    for (const sim::Parameter& parameter : scenario.parameters) {
        if (parameter.name != name) continue;
        return fmt::format("'{}' of the scenario '{}' must be from {} to {}", name, scenario.name,
                           parameter.least, parameter.most);
    }
    return fmt::format("the scenario '{}' has no parameter '{}'", scenario.name, shown(name));
}

}  // namespace

void complain(std::string_view sentence) noexcept {
    drydock::app::complain("drydock-sim", sentence);
}

const sim::ScenarioInfo* find_scenario(const std::string& name) {
    if (const sim::ScenarioInfo* scenario = sim::find_scenario(name)) return scenario;
    if (const zoo::Specimen* specimen = zoo::find_specimen(name)) return &specimen->scenario;
    if (const sim::ScenarioInfo* server = find_sound_server(name)) return server;
    complain(fmt::format("there is no scenario '{}'; the scenarios are {}", shown(name),
                         known_scenarios()));
    return nullptr;
}

std::optional<Found> find(sim::RunSetup setup) {
    Found found;
    found.scenario = find_scenario(setup.scenario);
    if (found.scenario == nullptr) return std::nullopt;
    for (const auto& [name, value] : setup.settings) {
        if (sim::make(*found.scenario, {{name, value}}) != nullptr) continue;
        complain(objection(*found.scenario, name));
        return std::nullopt;
    }
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
            complain(fmt::format("--faults: a kind in '{}' is unknown; known: {}",
                                 shown(arguments.faults), sim::fault_names(sim::FaultSet::all())));
            return std::nullopt;
        }
        setup.options.faults = *faults;
    }
    return find(std::move(setup));
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

bool save(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (file) return true;
    complain(fmt::format("cannot write the file '{}'", path));
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

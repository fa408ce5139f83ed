// Checks of a scenario's entry and of its settings.
#include "sim/settings.hpp"

#include <algorithm>

namespace drydock::sim {
namespace {

bool prints(char c) noexcept { return c > ' ' && c != 0x7f; }

/// Safe in an error message, whatever it is.
std::string shown(std::string_view name) {
    constexpr std::size_t most = 40;
    std::string text(name.substr(0, most));
    for (char& c : text) {
        if (c != ' ' && !prints(c)) c = '?';
    }
    return name.size() > most ? text + "..." : text;
}

std::string objection(const ScenarioInfo& scenario, const std::string& name) {
    const std::string of = "the scenario '" + std::string(scenario.name) + "'";
    for (const Parameter& known : scenario.parameters) {
        if (known.name != name) continue;
        return "'" + name + "' of " + of + " must be from " + std::to_string(known.least) + " to " +
               std::to_string(known.most);
    }
    return of + " has no parameter '" + shown(name) + "'";
}

}  // namespace

std::string objection(const ScenarioInfo& scenario, const Settings& settings) {
    for (const auto& setting : settings) {
        if (make(scenario, {setting}) == nullptr) return objection(scenario, setting.first);
    }
    return {};
}

std::string objection(const ScenarioInfo& scenario) {
    if (scenario.name.empty()) return "the scenario has no name";
    if (!std::all_of(scenario.name.begin(), scenario.name.end(), prints)) {
        return "the name of the scenario '" + shown(scenario.name) +
               "' has a space or a control character; command lines and schedules cannot have it";
    }
    if (scenario.make == nullptr) {
        return "the scenario '" + shown(scenario.name) + "' has no function that makes it";
    }
    return {};
}

}  // namespace drydock::sim

// Checks of a scenario's entry.
#include "sim/harness/entry.hpp"

#include <algorithm>

namespace drydock::sim {
namespace {

bool is_visible(char c) noexcept { return static_cast<unsigned char>(c) > ' ' && c != 0x7f; }

/// Safe in an error message, whatever it is.
std::string shown_name(std::string_view name) {
    std::string text(name);
    for (char& c : text) {
        if (c != ' ' && !is_visible(c)) c = '?';
    }
    return text;
}

}  // namespace

std::string entry_objection(const ScenarioInfo& scenario) {
    if (scenario.name.empty()) return "the scenario has no name";
    if (!std::all_of(scenario.name.begin(), scenario.name.end(), is_visible)) {
        return "the name of the scenario '" + shown_name(scenario.name) +
               "' has a space or a control character; command lines and schedules cannot have it";
    }
    if (scenario.make == nullptr) {
        return "the scenario '" + std::string(scenario.name) + "' has no function that makes it";
    }
    return {};
}

}  // namespace drydock::sim

// The list of scenarios.
#include "tests/scenarios/scenarios.hpp"

#include <array>

#include "tests/scenarios/chat.hpp"
#include "tests/scenarios/echo.hpp"
#include "tests/scenarios/relay.hpp"

namespace drydock::sim {

std::span<const ScenarioInfo* const> scenarios() noexcept {
    static constexpr std::array<const ScenarioInfo*, 3> all = {&echo_scenario, &chat_scenario,
                                                               &relay_scenario};
    return all;
}

const ScenarioInfo* find_scenario(std::string_view name) noexcept {
    for (const ScenarioInfo* scenario : scenarios()) {
        if (scenario->name == name) return scenario;
    }
    return nullptr;
}

}  // namespace drydock::sim

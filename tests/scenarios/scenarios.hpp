// All scenarios, by name.
#pragma once

#include <span>
#include <string_view>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

std::span<const ScenarioInfo* const> scenarios() noexcept;

/// Null: there is none of that name.
const ScenarioInfo* find_scenario(std::string_view name) noexcept;

}  // namespace drydock::sim

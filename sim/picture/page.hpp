// A run as one HTML file that asks no other for anything.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace drydock::sim {

/// The page of a run, or of two that are compared: the JSON of json_of() or comparison_of(), the
/// viewer, and scenario, property and sentence as text for readers without scripts.
std::string page_of(const nlohmann::ordered_json& json);

}  // namespace drydock::sim

// What each property and rule of a run expects, in words: for reports of failures.
#pragma once

#include <string>
#include <string_view>

namespace drydock::sim {

/// "each client gets back the bytes that it sent, in order". Empty: a property of a scenario that
/// is not this project's own.
std::string_view expectation(std::string_view property) noexcept;

/// Where a property or rule is explained: "docs/PROPERTIES.md#echo-prefix".
std::string explained_at(std::string_view property);

}  // namespace drydock::sim

// What each property and rule of a run expects, in words: for reports of failures.
#pragma once

#include <string>
#include <string_view>

#include <drydock/sim/run.hpp>

namespace drydock::sim {

/// What a rule of the contract, or a property that every run has, expects: "a run ends, ...".
/// Empty: it is neither.
std::string_view expectation(std::string_view property) noexcept;

struct Explanation {
    std::string_view expected;  ///< empty: nothing is known of the property
    std::string page;           ///< "docs/PROPERTIES.md#echo-prefix"; empty: there is none
};

/// The same, also for the properties of this scenario.
Explanation explain(const ScenarioInfo& scenario, std::string_view property);

}  // namespace drydock::sim

// The nearest run that passes: the failing schedule with as few choices as possible made benign.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "sim/tool/common.hpp"

namespace drydock::app {

/// The schedule of `choices`, which fails, with some choices set to 0 so that it passes. If one
/// choice is enough, that is the last such choice. Otherwise choices are set to 0 from the end on
/// until the run passes, and then each of them gets its value back that is not needed for that.
/// None: the run fails also when all its choices are benign.
std::optional<std::vector<sim::Choice>> nearest_benign(const Found& found,
                                                       std::span<const sim::Choice> choices,
                                                       const sim::Apart& apart);

}  // namespace drydock::app

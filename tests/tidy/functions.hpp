// How long functions are.
#pragma once

#include <vector>

#include "tests/tidy/rules.hpp"
#include "tests/tidy/source.hpp"

namespace drydock::tidy {

inline constexpr std::size_t longest_function = 70;

void check_function_length(const Source& source, std::vector<Finding>& findings);

}  // namespace drydock::tidy

// Who may include whom.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/rules.hpp"
#include "tests/tidy/source.hpp"

namespace drydock::tidy {

// The name that a line of `source` includes, without quotes or brackets; nothing on other lines.
std::optional<std::string_view> included_name(const Source& source, std::size_t line_index);

void check_layers(const Source& source, std::vector<Finding>& findings);
void check_os_headers(const Source& source, std::vector<Finding>& findings);

}  // namespace drydock::tidy

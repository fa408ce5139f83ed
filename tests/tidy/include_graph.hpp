// The includes between the parts of the repository, as a graph.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/tidy/source.hpp"

namespace drydock::tidy {

// For each part, the parts whose headers its files include. A part is a folder of this project.
using IncludeGraph = std::map<std::string, std::set<std::string>>;

// The part that a file, or the header that an #include names, belongs to. Empty: it is not drawn
// (tests, benchmarks, other projects' headers).
std::string part_of(std::string_view path);

IncludeGraph include_graph(const std::vector<Source>& sources);

// Without the arrows that follow from others: where one part reaches another in two steps or more,
// the direct arrow is left out. The graph must have no cycle.
IncludeGraph without_implied_arrows(const IncludeGraph& graph);

// A path from the part back to itself. Empty: there is none in the graph.
std::vector<std::string> find_cycle(const IncludeGraph& graph);

// As a flowchart in the language of Mermaid, which GitHub draws.
std::string drawn(const IncludeGraph& graph);

}  // namespace drydock::tidy

// A small run as a sequence diagram in Mermaid's notation, for issues and pages in Markdown.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "sim/picture/json.hpp"

namespace drydock::sim {

/// A diagram has at most so many messages and notes: more cannot be read.
inline constexpr std::size_t most_mermaid_lines = 300;

/// The diagram: connects, bytes as they arrive, ends of streams and resets, choices that are
/// not benign, faults, operations that failed or were short, and the verdict. Hosts are
/// participants, with notes where they start and end. None: it is too long.
std::optional<std::string> mermaid_of(const Picture& picture);

}  // namespace drydock::sim

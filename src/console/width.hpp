// How many columns a character takes on a terminal.
#pragma once

#include <cstddef>

namespace drydock::console {

/// 0: it combines with the one before; 2: East Asian wide, and emoji; else 1. Control characters
/// are the caller's business.
std::size_t width(char32_t code) noexcept;

}  // namespace drydock::console

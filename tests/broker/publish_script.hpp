// The relay's publish script (src/relay/script.hpp) in C++, for the model of Redis.
#pragma once

#include <span>
#include <string_view>

#include "tests/broker/script.hpp"

namespace drydock::broker {

/// The script's text: src/relay/script.hpp has the same.
std::string_view publish_script() noexcept;

/// All scripts that the model can know.
std::span<const KnownScript> known_scripts() noexcept;

}  // namespace drydock::broker

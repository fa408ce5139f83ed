// Words that the scenarios' sentences share.
#pragma once

#include <string>

#include <drydock/time.hpp>

namespace drydock::sim {

/// "100 ms".
inline std::string in_ms(Duration span) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(span).count()) +
           " ms";
}

}  // namespace drydock::sim

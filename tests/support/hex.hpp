// Digests as people compare them.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

namespace drydock::test {

inline std::string hex(std::uint64_t value) {
    std::ostringstream text;
    text << std::hex << value;
    return text.str();
}

}  // namespace drydock::test

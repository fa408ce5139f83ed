// What a choice is about, as text that lives as long as the program or its schedule file.
#pragma once

#include <cstring>

namespace drydock::sim {

inline bool same_label(const char* one, const char* other) noexcept {
    return one == other || std::strcmp(one, other) == 0;
}

}  // namespace drydock::sim

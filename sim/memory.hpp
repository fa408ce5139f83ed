// The memory that the program under test has allocated: the numbers, which sim/program/memory.cpp
// keeps, and what a run of a program says about them.
#pragma once

#include <cstdint>

namespace drydock::sim {

/// Blocks that the calling thread has allocated, less those that it has freed.
struct MemoryInUse {
    std::int64_t blocks = 0;
    std::int64_t bytes = 0;
};

inline constinit thread_local MemoryInUse memory_in_use;

/// The last run of the calling thread was that of a program that has ended in order, so that what it
/// has allocated must be freed.
inline constinit thread_local bool memory_must_be_freed = false;

}  // namespace drydock::sim

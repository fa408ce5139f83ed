// What nothing leads to any more in the heap of a program.
#pragma once

#include "sim/memory.hpp"
#include "sim/program/heap.hpp"

namespace drydock::sim {

/// The blocks of the last run that nothing leads to. On the thread of the run.
Leaked find_leaked(const Heap& heap) noexcept;

}  // namespace drydock::sim

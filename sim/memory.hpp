// Where a run asks for the memory that a simulated program has leaked. The functions are those of
// sim/program/memory.cpp, which is a part of executables with such programs alone.
#pragma once

#include <cstdint>
#include <string>

namespace drydock::sim {

/// Blocks that no pointer leads to.
struct Leaked {
    std::uint64_t blocks = 0;
    std::uint64_t bytes = 0;
    std::uint64_t largest = 0;     ///< bytes of the largest block
    const void* caller = nullptr;  ///< where the program has allocated that
};

/// Whose memory is looked at. Null: allocations are not watched.
struct MemoryWatch {
    /// A run of a program begins on the calling thread: its addresses are those of any other run.
    void (*begin)() noexcept;
    /// The program has ended: what it has allocated since begin(), and neither freed nor kept a
    /// pointer to. Pointers are looked for in the variables of the process, on the stack of the
    /// calling thread, and in all blocks that they lead to.
    Leaked (*end)() noexcept;
    /// Whether the last run has freed all that it has allocated, and has left the variables with
    /// static storage duration of the program as it has found them. So the next run of this process
    /// begins as in a new process.
    bool (*left_nothing)() noexcept;
    /// " in strike(std::string const&)", or where to look with addr2line. Empty: nothing is known.
    std::string (*place_of)(const void* code);
};
inline constinit const MemoryWatch* memory_watch = nullptr;

/// While it exists, what the calling thread allocates is the simulator's, also when a program calls
/// the simulator: so the addresses of the program's blocks do not depend on what is recorded of the
/// run, and a report may outlive it.
class SimulatorMemory {
public:
    SimulatorMemory() noexcept { ++depth; }
    SimulatorMemory(const SimulatorMemory&) = delete;
    SimulatorMemory& operator=(const SimulatorMemory&) = delete;
    ~SimulatorMemory() { --depth; }

    static bool is_used() noexcept { return depth > 0; }

private:
    static inline constinit thread_local unsigned depth = 0;
};

/// The last run of the calling thread was that of a program that has ended in order, so that what
/// it has allocated must be freed.
inline constinit thread_local bool memory_must_be_freed = false;

}  // namespace drydock::sim

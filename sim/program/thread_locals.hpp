// The thread_local variables of a simulated program: each fiber has its own.
//
// The variables of the executable lie in one block of memory of the thread of the system. A switch
// of fibers copies the block's contents out and in, so a variable has the same address in all
// fibers and a value for each. What belongs to drydock and to sanitizers stays where it is; the
// executable's symbol table tells it from the program's. Variables of shared libraries, and those
// of an executable without a symbol table, are shared by all fibers.
#pragma once

#include <cstddef>
#include <memory>

namespace drydock::sim {

/// The values that the program's variables have in one fiber while it does not run.
class ThreadLocalValues {
public:
    /// Those that a new thread begins with.
    ThreadLocalValues();

    /// The calling thread's variables get these values, and these become what the variables had.
    void exchange() noexcept;

private:
    std::unique_ptr<std::byte[]> values_;
};

/// Whether the object at this address is a variable, or part of one, that each fiber has.
bool is_thread_local_of_program(const void* object) noexcept;

}  // namespace drydock::sim

// The stacks of fibers: mapped with a guard page below each, and used again.
#pragma once

#include <cstddef>
#include <vector>

namespace drydock::sim {

/// Memory for one stack. A page without access lies below it, so that an overflow ends the process
/// instead of changing other memory.
struct Stack {
    std::byte* lowest = nullptr;
    std::size_t size = 0;
};

/// Stacks of one size, which are kept for the next fibers. For one thread of the system.
class StackPool {
public:
    StackPool() = default;
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;
    ~StackPool();

    /// A stack with at least `size` usable bytes. Throws std::bad_alloc.
    Stack take(std::size_t size);
    /// Nothing runs on the stack any more.
    void give_back(Stack stack);
    /// The frames on this stack are never unwound, and operations of this run may refer to them, so
    /// it stays mapped. Where leaks are looked for, it stays as it is, so that what its frames own
    /// is no leak; elsewhere a later run uses it again.
    void abandon(Stack stack);

    /// The pool of the calling thread.
    static StackPool& of_this_thread();

private:
    std::vector<Stack> free_;
};

}  // namespace drydock::sim

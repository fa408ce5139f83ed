// Switching from one stack to another within a thread of the system.
//
// x86-64: a function in assembly that saves what the ABI lets a callee keep: six registers, the
// stack pointer, and the control words of SSE and of the x87. Other processors, and builds with
// DRYDOCK_UCONTEXT: swapcontext(), which also makes two system calls for the signal mask.
#pragma once

#include <cstddef>

#if !defined(__x86_64__) && !defined(DRYDOCK_UCONTEXT)
#define DRYDOCK_UCONTEXT
#endif

#ifdef DRYDOCK_UCONTEXT
#include <ucontext.h>
#endif

namespace drydock::sim {

/// Where a stack's execution stands while another runs. It stays in one place.
class Context {
public:
    /// What a prepared context executes. It never returns.
    using Entry = void (*)(void*);

    Context() = default;
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    /// The next switch to this context calls `entry` with `argument`, on the `size` bytes of stack
    /// from `lowest`, a multiple of 16.
    void prepare(std::byte* lowest, std::size_t size, Entry entry, void* argument) noexcept;

    /// Continues `next` where it stands; the caller continues with the next switch to this context.
    void switch_to(Context& next) noexcept;

private:
#ifdef DRYDOCK_UCONTEXT
    ucontext_t context_{};
#else
    void* stack_pointer_ = nullptr;
#endif
};

}  // namespace drydock::sim

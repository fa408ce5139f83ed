// The switch in assembly, and the one of <ucontext.h>. See switch.hpp.
#include "sim/program/switch.hpp"

#include <cstdint>
#include <cstring>

#ifdef DRYDOCK_UCONTEXT

namespace drydock::sim {
namespace {

// makecontext() passes ints alone: a pointer goes in two halves.
void enter(unsigned entry_high, unsigned entry_low, unsigned argument_high, unsigned argument_low) {
    const auto joined = [](unsigned high, unsigned low) {
        return static_cast<std::uintptr_t>((static_cast<std::uint64_t>(high) << 32) | low);
    };
    const auto entry = reinterpret_cast<Context::Entry>(joined(entry_high, entry_low));
    entry(reinterpret_cast<void*>(joined(argument_high, argument_low)));
}

}  // namespace

void Context::prepare(std::byte* lowest, std::size_t size, Entry entry, void* argument) noexcept {
    ::getcontext(&context_);
    context_.uc_stack.ss_sp = lowest;
    context_.uc_stack.ss_size = size;
    context_.uc_link = nullptr;
    const auto first = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(entry));
    const auto second = static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(argument));
    ::makecontext(&context_, reinterpret_cast<void (*)()>(&enter), 4,
                  static_cast<unsigned>(first >> 32), static_cast<unsigned>(first),
                  static_cast<unsigned>(second >> 32), static_cast<unsigned>(second));
}

void Context::switch_to(Context& next) noexcept { ::swapcontext(&context_, &next.context_); }

}  // namespace drydock::sim

#else

// drydock_switch(void** save, void* load): pushes what a callee keeps, stores the stack pointer in
// *save, takes `load` as the stack pointer, and pops what was pushed there.
asm(R"(
    .text
    .p2align 4
    .globl drydock_switch
    .hidden drydock_switch
    .type drydock_switch, @function
drydock_switch:
    .cfi_startproc
    endbr64
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    pushq %r12
    .cfi_adjust_cfa_offset 8
    pushq %r13
    .cfi_adjust_cfa_offset 8
    pushq %r14
    .cfi_adjust_cfa_offset 8
    pushq %r15
    .cfi_adjust_cfa_offset 8
    subq $8, %rsp
    .cfi_adjust_cfa_offset 8
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)
    movq %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    .cfi_adjust_cfa_offset -8
    popq %r15
    .cfi_adjust_cfa_offset -8
    popq %r14
    .cfi_adjust_cfa_offset -8
    popq %r13
    .cfi_adjust_cfa_offset -8
    popq %r12
    .cfi_adjust_cfa_offset -8
    popq %rbx
    .cfi_adjust_cfa_offset -8
    popq %rbp
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size drydock_switch, .-drydock_switch

    .p2align 4
    .globl drydock_enter
    .hidden drydock_enter
    .type drydock_enter, @function
drydock_enter:
    .cfi_startproc
    .cfi_undefined %rip
    endbr64
    movq %r12, %rdi
    xorl %ebp, %ebp
    callq *%rbx
    ud2
    .cfi_endproc
    .size drydock_enter, .-drydock_enter
)");

extern "C" void drydock_switch(void** save, void* load) noexcept;
extern "C" void drydock_enter() noexcept;

namespace drydock::sim {
namespace {

/// What drydock_switch() pops, from the lowest address.
struct Frame {
    std::uint32_t sse_control;
    std::uint16_t x87_control;
    std::uint16_t unused;
    void* r15;
    void* r14;
    void* r13;
    void* r12;  // the argument, for drydock_enter()
    void* rbx;  // the entry
    void* rbp;
    void (*return_address)();
};

}  // namespace

void Context::prepare(std::byte* lowest, std::size_t size, Entry entry, void* argument) noexcept {
    Frame frame{};
    asm volatile("stmxcsr %0" : "=m"(frame.sse_control));
    asm volatile("fnstcw %0" : "=m"(frame.x87_control));
    frame.r12 = argument;
    frame.rbx = reinterpret_cast<void*>(entry);
    frame.return_address = &drydock_enter;
    // drydock_enter() begins with a stack pointer that is a multiple of 16: its call then leaves
    // the one that the ABI wants at the beginning of a function.
    std::byte* const at = lowest + size - 16 - sizeof frame;
    std::memcpy(at, &frame, sizeof frame);
    stack_pointer_ = at;
}

void Context::switch_to(Context& next) noexcept {
    drydock_switch(&stack_pointer_, next.stack_pointer_);
}

}  // namespace drydock::sim

#endif

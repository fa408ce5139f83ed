// The handler of SIGSEGV for faults in guard pages. See overflow.hpp.
#include "sim/program/overflow.hpp"

#include <cstddef>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "sim/program/fibers.hpp"
#include "sim/program/sanitizer.hpp"

namespace drydock::sim {
namespace {

/// The stack on which the handler runs: that of the fiber is full.
class HandlerStack {
public:
    HandlerStack() noexcept {
        stack_t before{};
        ::sigaltstack(nullptr, &before);
        if ((before.ss_flags & SS_DISABLE) == 0) return;
        memory_ = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (memory_ == MAP_FAILED) return;
        stack_t own{};
        own.ss_sp = memory_;
        own.ss_size = size;
        ::sigaltstack(&own, nullptr);
    }
    HandlerStack(const HandlerStack&) = delete;
    HandlerStack& operator=(const HandlerStack&) = delete;
    ~HandlerStack() {
        stack_t none{};
        none.ss_flags = SS_DISABLE;
        if (memory_ == MAP_FAILED) return;
        ::sigaltstack(&none, nullptr);
        ::munmap(memory_, size);
    }

private:
    static constexpr std::size_t size = 256 * 1024;
    void* memory_ = MAP_FAILED;
};

constinit thread_local struct sigaction handler_before {};

bool is_in_guard(const Stack& stack, const void* address) noexcept {
    const auto* const at = static_cast<const std::byte*>(address);
    return at < stack.lowest && at >= stack.lowest - ::getpagesize();
}

/// The fault comes again once this has returned, and ends the process as it would have done. What
/// the world has been told by then is in the report. The handler before may print: it runs here,
/// where its calls are the system's.
void on_fault(int number, siginfo_t* info, void* context) {
    const NoSwitch stay;  // or this would be the program's sigaction()
    ::sigaction(number, &handler_before, nullptr);
    Fiber* const fiber = running_fiber();
    if (fiber != nullptr && is_in_guard(fiber->stack, info->si_addr)) {
        fiber->fibers.world().fail(
            "crash", fiber->text() + " has used up its stack of " +
                         std::to_string(fiber->stack.size >> 20) +
                         " MiB, and a segmentation fault (SIGSEGV) ended the process");
    }
    if ((handler_before.sa_flags & SA_SIGINFO) != 0) {
        handler_before.sa_sigaction(number, info, context);
    }
}

}  // namespace

OverflowWatch::OverflowWatch() noexcept {
    if (asan::on) return;
    static thread_local HandlerStack stack;
    struct sigaction next {};
    next.sa_sigaction = &on_fault;
    next.sa_flags = SA_SIGINFO | SA_ONSTACK;
    ::sigaction(SIGSEGV, &next, &before_);
    handler_before = before_;
}

OverflowWatch::~OverflowWatch() {
    if (!asan::on) ::sigaction(SIGSEGV, &before_, nullptr);
}

}  // namespace drydock::sim

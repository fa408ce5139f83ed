// syscall(): the C++ library waits for futexes by it, in std::future, std::atomic::wait,
// std::latch, std::barrier, std::counting_semaphore and for the initialization of a static.
#include <cerrno>
#include <climits>
#include <cstdarg>
#include <cstdint>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sim/program/clocks.hpp"
#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

using Arguments = std::uintptr_t[6];

constinit Real<long(long, std::uintptr_t, std::uintptr_t, std::uintptr_t, std::uintptr_t,
                    std::uintptr_t, std::uintptr_t)>
    real_syscall("syscall");

long failed(int number) noexcept {
    errno = number;
    return -1;
}

Time deadline_of(Fibers& fibers, int operation, const timespec* time) noexcept {
    if (time == nullptr) return never;
    if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT) {
        return later(fibers.world().now(), span_of(*time));
    }
    const bool real = (operation & FUTEX_CLOCK_REALTIME) != 0;
    return time_of(real ? CLOCK_REALTIME : CLOCK_MONOTONIC, *time);
}

long wait(Fibers& fibers, const std::uint32_t* word, std::uint32_t expected, Time deadline,
          const void* caller) {
    if (*word != expected) return failed(EAGAIN);
    if (fibers.park(word, deadline, Wait::futex, caller)) return 0;
    return failed(fibers.world().now() >= deadline ? ETIMEDOUT : EINTR);
}

long wake(Fibers& fibers, const std::uint32_t* word, int most) noexcept {
    long woken = 0;
    if (most == INT_MAX) {
        while (fibers.wake_one(word)) ++woken;
    } else {
        while (woken < most && fibers.wake_one(word)) ++woken;
    }
    fibers.preempt();
    return woken;
}

long futex(Fibers& fibers, const Arguments& arguments, const void* caller) {
    const auto* const word = reinterpret_cast<const std::uint32_t*>(arguments[0]);
    const auto operation = static_cast<int>(arguments[1]);
    const auto value = static_cast<std::uint32_t>(arguments[2]);
    const auto* const time = reinterpret_cast<const timespec*>(arguments[3]);
    switch (operation & FUTEX_CMD_MASK) {
        case FUTEX_WAIT:
        case FUTEX_WAIT_BITSET:
            return wait(fibers, word, value, deadline_of(fibers, operation, time), caller);
        case FUTEX_WAKE:
        case FUTEX_WAKE_BITSET:
            return wake(fibers, word, static_cast<int>(value));
        default:
            return failed(ENOSYS);
    }
}

}  // namespace

long program_syscall(long number, ...) DRYDOCK_SYMBOL("syscall");
long program_syscall(long number, ...) {
    // As many as a system call can have: the C library, too, takes them all from where they may be.
    Arguments arguments;
    std::va_list list;
    va_start(list, number);
    for (std::uintptr_t& argument : arguments) argument = va_arg(list, std::uintptr_t);
    va_end(list);
    Fibers* const fibers = simulated();
    if (fibers != nullptr && number == SYS_futex) {
        return futex(*fibers, arguments, __builtin_return_address(0));
    }
    if (fibers != nullptr) {
        if (const auto answer = simulated_call(*fibers, number, arguments)) return *answer;
    }
    return real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3],
                        arguments[4], arguments[5]);
}

void link_futexes() noexcept {}

}  // namespace drydock::sim

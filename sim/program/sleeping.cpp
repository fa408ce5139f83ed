// Sleeping, yielding, and poll() and select() as a way to sleep.
#include <cerrno>

#include <poll.h>
#include <sched.h>
#include <sys/select.h>
#include <unistd.h>

#include "sim/program/clocks.hpp"
#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<int(const timespec*, timespec*)> real_nanosleep("nanosleep");
constinit Real<int(clockid_t, int, const timespec*, timespec*)> real_clock_nanosleep(
    "clock_nanosleep");
constinit Real<int(useconds_t)> real_usleep("usleep");
constinit Real<unsigned(unsigned)> real_sleep("sleep");
constinit Real<int()> real_yield("sched_yield");
constinit Real<int(pollfd*, nfds_t, int)> real_poll("poll");
constinit Real<int(int, fd_set*, fd_set*, fd_set*, timeval*)> real_select("select");

void sleep_until(Fibers& fibers, Time deadline, const void* caller) {
    if (deadline <= fibers.world().now()) {
        fibers.end_if_over();
        return fibers.yield();
    }
    while (fibers.world().now() < deadline) {
        fibers.park(running_fiber(), deadline, Wait::sleep, caller);
        if (fibers.over()) return;
    }
}

void sleep_for(Fibers& fibers, Duration span, const void* caller) {
    sleep_until(fibers, later(fibers.world().now(), span), caller);
}

bool valid(const timespec& span) noexcept {
    return span.tv_sec >= 0 && span.tv_nsec >= 0 && span.tv_nsec < 1'000'000'000;
}

}  // namespace

int program_nanosleep(const timespec*, timespec*) DRYDOCK_SYMBOL("nanosleep");
int program_nanosleep(const timespec* span, timespec* rest) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_nanosleep(span, rest);
    if (!valid(*span)) {
        errno = EINVAL;
        return -1;
    }
    sleep_for(*fibers, span_of(*span), __builtin_return_address(0));
    return 0;
}

int program_clock_nanosleep(clockid_t, int, const timespec*, timespec*)
    DRYDOCK_SYMBOL("clock_nanosleep");
int program_clock_nanosleep(clockid_t clock, int flags, const timespec* span, timespec* rest) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_clock_nanosleep(clock, flags, span, rest);
    if (!valid(*span)) return EINVAL;
    const void* const caller = __builtin_return_address(0);
    if ((flags & TIMER_ABSTIME) != 0) {
        sleep_until(*fibers, time_of(clock, *span), caller);
    } else {
        sleep_for(*fibers, span_of(*span), caller);
    }
    return 0;
}

int program_usleep(useconds_t) DRYDOCK_SYMBOL("usleep");
int program_usleep(useconds_t span) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_usleep(span);
    sleep_for(*fibers, std::chrono::microseconds(span), __builtin_return_address(0));
    return 0;
}

unsigned program_sleep(unsigned) DRYDOCK_SYMBOL("sleep");
unsigned program_sleep(unsigned span) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_sleep(span);
    sleep_for(*fibers, std::chrono::seconds(span), __builtin_return_address(0));
    return 0;
}

int program_yield() noexcept DRYDOCK_SYMBOL("sched_yield");
int program_yield() noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_yield();
    fibers->yield();
    return 0;
}

int program_poll(pollfd*, nfds_t, int) DRYDOCK_SYMBOL("poll");
int program_poll(pollfd* files, nfds_t count, int milliseconds) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr || count > 0) return real_poll(files, count, milliseconds);
    const Duration span =
        milliseconds < 0 ? Duration::max() : Duration(std::chrono::milliseconds(milliseconds));
    sleep_for(*fibers, span, __builtin_return_address(0));
    return 0;
}

int program_select(int, fd_set*, fd_set*, fd_set*, timeval*) DRYDOCK_SYMBOL("select");
int program_select(int files, fd_set* in, fd_set* out, fd_set* other, timeval* span) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr || files > 0) return real_select(files, in, out, other, span);
    const Duration time =
        span == nullptr ? Duration::max() : span_of({span->tv_sec, span->tv_usec * 1000});
    sleep_for(*fibers, time, __builtin_return_address(0));
    return 0;
}

void link_sleeping() noexcept {}

}  // namespace drydock::sim

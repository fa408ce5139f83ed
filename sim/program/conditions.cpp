// Condition variables.
#include <cerrno>

#include <pthread.h>

#include "sim/program/clocks.hpp"
#include "sim/program/interposed.hpp"
#include "sim/program/mutexes.hpp"

namespace drydock::sim {
namespace {

constinit Real<int(pthread_cond_t*, pthread_mutex_t*)> real_wait("pthread_cond_wait");
constinit Real<int(pthread_cond_t*, pthread_mutex_t*, const timespec*)> real_timed_wait(
    "pthread_cond_timedwait");
constinit Real<int(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)> real_clock_wait(
    "pthread_cond_clockwait");
constinit Real<int(pthread_cond_t*)> real_signal("pthread_cond_signal");
constinit Real<int(pthread_cond_t*)> real_broadcast("pthread_cond_broadcast");

// pthread_cond_init() notes the clock of pthread_condattr_setclock() there (glibc since 2.25).
constexpr unsigned monotonic_bit = 2;

clockid_t clock_of(const pthread_cond_t& condition) noexcept {
    const bool monotonic = (condition.__data.__wrefs & monotonic_bit) != 0;
    return monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME;
}

/// When the run is over it leaves by an exception, without the mutex: unlock_mutex() is then
/// content with that. Where `interleave` strikes, it wakes without a signal, as POSIX permits.
int wait(Fibers& fibers, pthread_cond_t& condition, pthread_mutex_t& mutex, Time deadline,
         const void* caller) {
    const int unlocked = unlock_mutex(fibers, mutex);
    if (unlocked != 0 && !fibers.over()) return unlocked;
    bool woken = fibers.preempt();
    if (!woken) woken = fibers.park(&condition, deadline, Wait::condition, caller);
    lock_mutex(fibers, mutex, never, caller);
    return woken || fibers.world().now() < deadline ? 0 : ETIMEDOUT;
}

}  // namespace

int program_wait(pthread_cond_t*, pthread_mutex_t*) DRYDOCK_SYMBOL("pthread_cond_wait");
int program_wait(pthread_cond_t* condition, pthread_mutex_t* mutex) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_wait(condition, mutex);
    return wait(*fibers, *condition, *mutex, never, __builtin_return_address(0));
}

int program_timed_wait(pthread_cond_t*, pthread_mutex_t*, const timespec*)
    DRYDOCK_SYMBOL("pthread_cond_timedwait");
int program_timed_wait(pthread_cond_t* condition, pthread_mutex_t* mutex,
                       const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_timed_wait(condition, mutex, deadline);
    return wait(*fibers, *condition, *mutex, time_of(clock_of(*condition), *deadline),
                __builtin_return_address(0));
}

int program_clock_wait(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*)
    DRYDOCK_SYMBOL("pthread_cond_clockwait");
int program_clock_wait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                       const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_clock_wait(condition, mutex, clock, deadline);
    return wait(*fibers, *condition, *mutex, time_of(clock, *deadline),
                __builtin_return_address(0));
}

int program_signal(pthread_cond_t*) noexcept DRYDOCK_SYMBOL("pthread_cond_signal");
int program_signal(pthread_cond_t* condition) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_signal(condition);
    fibers->preempt();
    fibers->wake_one(condition);
    return 0;
}

int program_broadcast(pthread_cond_t*) noexcept DRYDOCK_SYMBOL("pthread_cond_broadcast");
int program_broadcast(pthread_cond_t* condition) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_broadcast(condition);
    fibers->preempt();
    fibers->wake_all(condition);
    return 0;
}

void link_conditions() noexcept {}

}  // namespace drydock::sim

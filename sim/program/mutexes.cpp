// Mutexes. Their state lies where the C library keeps it, in the same form: a mutex that a fiber
// has left unlocked can be locked outside of fibers, and the other way round.
#include <cerrno>

#include <pthread.h>

#include "sim/program/clocks.hpp"
#include "sim/program/interposed.hpp"
#include "sim/program/mutexes.hpp"

namespace drydock::sim {
namespace {

constinit Real<int(pthread_mutex_t*)> real_lock("pthread_mutex_lock");
constinit Real<int(pthread_mutex_t*)> real_try("pthread_mutex_trylock");
constinit Real<int(pthread_mutex_t*)> real_unlock("pthread_mutex_unlock");
constinit Real<int(pthread_mutex_t*, const timespec*)> real_timed("pthread_mutex_timedlock");
constinit Real<int(pthread_mutex_t*, clockid_t, const timespec*)> real_clock(
    "pthread_mutex_clocklock");

constexpr int type_mask = 3;  // robust, shared and the like are other bits

int type_of(const pthread_mutex_t& mutex) noexcept { return mutex.__data.__kind & type_mask; }

bool locked(const Fibers& fibers, const pthread_mutex_t& mutex) noexcept {
    return mutex.__data.__lock != 0 && !LockOwner::stale(fibers, mutex.__data.__owner);
}

int self(const Fibers& fibers) noexcept { return LockOwner::of(fibers, *running_fiber()); }

void take(const Fibers& fibers, pthread_mutex_t& mutex) noexcept {
    mutex.__data.__lock = 1;
    mutex.__data.__owner = self(fibers);
    mutex.__data.__nusers = 1;
    mutex.__data.__count = 1;
}

/// What the type of the mutex says about a second lock by its owner. -1: it waits.
int lock_again(pthread_mutex_t& mutex, bool only_try) noexcept {
    if (type_of(mutex) == PTHREAD_MUTEX_RECURSIVE) {
        ++mutex.__data.__count;
        return 0;
    }
    if (only_try) return EBUSY;
    return type_of(mutex) == PTHREAD_MUTEX_ERRORCHECK ? EDEADLK : -1;
}

int try_lock(Fibers& fibers, pthread_mutex_t& mutex) noexcept {
    fibers.preempt();
    if (!locked(fibers, mutex)) {
        take(fibers, mutex);
        return 0;
    }
    if (mutex.__data.__owner == self(fibers) && lock_again(mutex, true) == 0) return 0;
    fibers.yield();  // a loop that tries again and again must let the owner go on
    if (locked(fibers, mutex)) return EBUSY;
    take(fibers, mutex);
    return 0;
}

}  // namespace

int lock_mutex(Fibers& fibers, pthread_mutex_t& mutex, Time deadline, const void* caller) {
    if (locked(fibers, mutex) && mutex.__data.__owner == self(fibers)) {
        const int answer = lock_again(mutex, false);
        if (answer >= 0) return answer;
    }
    while (locked(fibers, mutex)) {
        if (fibers.park_quietly(&mutex, deadline, Wait::mutex, caller)) continue;
        if (!locked(fibers, mutex)) break;
        if (fibers.world().now() >= deadline) return ETIMEDOUT;
        if (fibers.desperate()) return EDEADLK;
    }
    take(fibers, mutex);
    return 0;
}

int unlock_mutex(Fibers& fibers, pthread_mutex_t& mutex) noexcept {
    const bool own = mutex.__data.__lock != 0 && mutex.__data.__owner == self(fibers);
    if (!own && (fibers.over() || type_of(mutex) == PTHREAD_MUTEX_ERRORCHECK ||
                 type_of(mutex) == PTHREAD_MUTEX_RECURSIVE)) {
        return EPERM;
    }
    if (type_of(mutex) == PTHREAD_MUTEX_RECURSIVE && --mutex.__data.__count > 0) return 0;
    mutex.__data.__lock = 0;
    mutex.__data.__owner = 0;
    mutex.__data.__nusers = 0;
    mutex.__data.__count = 0;
    fibers.wake_one(&mutex);
    return 0;
}

std::uint32_t owner_of(const Fibers& fibers, const pthread_mutex_t& mutex) noexcept {
    return locked(fibers, mutex) ? LockOwner::number(mutex.__data.__owner) : 0;
}

int program_lock(pthread_mutex_t*) DRYDOCK_SYMBOL("pthread_mutex_lock");
int program_lock(pthread_mutex_t* mutex) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_lock(mutex);
    fibers->preempt();
    return lock_mutex(*fibers, *mutex, never, __builtin_return_address(0));
}

int program_try(pthread_mutex_t*) DRYDOCK_SYMBOL("pthread_mutex_trylock");
int program_try(pthread_mutex_t* mutex) {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_try(mutex) : try_lock(*fibers, *mutex);
}

int program_unlock(pthread_mutex_t*) DRYDOCK_SYMBOL("pthread_mutex_unlock");
int program_unlock(pthread_mutex_t* mutex) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_unlock(mutex);
    const int answer = unlock_mutex(*fibers, *mutex);
    fibers->preempt();
    return answer;
}

int program_timed_lock(pthread_mutex_t*, const timespec*) DRYDOCK_SYMBOL("pthread_mutex_timedlock");
int program_timed_lock(pthread_mutex_t* mutex, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_timed(mutex, deadline);
    fibers->preempt();
    return lock_mutex(*fibers, *mutex, time_of(CLOCK_REALTIME, *deadline),
                      __builtin_return_address(0));
}

int program_clock_lock(pthread_mutex_t*, clockid_t, const timespec*)
    DRYDOCK_SYMBOL("pthread_mutex_clocklock");
int program_clock_lock(pthread_mutex_t* mutex, clockid_t clock, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_clock(mutex, clock, deadline);
    fibers->preempt();
    return lock_mutex(*fibers, *mutex, time_of(clock, *deadline), __builtin_return_address(0));
}

void link_mutexes() noexcept {}

}  // namespace drydock::sim

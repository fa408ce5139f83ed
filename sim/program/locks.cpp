// Reader-writer locks, semaphores, barriers and spin locks.
//
// A reader-writer lock and a barrier keep the state of fibers in members that the C library leaves
// alone or that begin with the same values; they are not to be used on fibers and elsewhere at the
// same time. A semaphore has its value where the C library keeps it.
#include <cerrno>
#include <cstdint>

#include <pthread.h>
#include <semaphore.h>

#include "sim/program/clocks.hpp"
#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

constinit Real<int(pthread_rwlock_t*)> real_rdlock("pthread_rwlock_rdlock");
constinit Real<int(pthread_rwlock_t*)> real_wrlock("pthread_rwlock_wrlock");
constinit Real<int(pthread_rwlock_t*)> real_tryrdlock("pthread_rwlock_tryrdlock");
constinit Real<int(pthread_rwlock_t*)> real_trywrlock("pthread_rwlock_trywrlock");
constinit Real<int(pthread_rwlock_t*)> real_rwunlock("pthread_rwlock_unlock");
constinit Real<int(pthread_rwlock_t*, const timespec*)> real_timedrdlock(
    "pthread_rwlock_timedrdlock");
constinit Real<int(pthread_rwlock_t*, const timespec*)> real_timedwrlock(
    "pthread_rwlock_timedwrlock");
constinit Real<int(pthread_rwlock_t*, clockid_t, const timespec*)> real_clockrdlock(
    "pthread_rwlock_clockrdlock");
constinit Real<int(pthread_rwlock_t*, clockid_t, const timespec*)> real_clockwrlock(
    "pthread_rwlock_clockwrlock");
constinit Real<int(sem_t*)> real_sem_wait("sem_wait");
constinit Real<int(sem_t*)> real_sem_trywait("sem_trywait");
constinit Real<int(sem_t*, const timespec*)> real_sem_timedwait("sem_timedwait");
constinit Real<int(sem_t*, clockid_t, const timespec*)> real_sem_clockwait("sem_clockwait");
constinit Real<int(sem_t*)> real_sem_post("sem_post");
constinit Real<int(pthread_barrier_t*)> real_barrier_wait("pthread_barrier_wait");
constinit Real<int(pthread_barrier_t*)> real_barrier_destroy("pthread_barrier_destroy");
constinit Real<int(pthread_spinlock_t*)> real_spin_lock("pthread_spin_lock");

// --- reader-writer locks ------------------------------------------------------------------------

/// In pthread_rwlock_t: __pad3 counts the readers, __pad4 names the writer, and __pad2 the run that
/// both are of.
struct Shared {
    Shared(const Fibers& fibers, pthread_rwlock_t& lock) noexcept
        : readers(lock.__data.__pad3), writer(lock.__data.__pad4) {
        if (lock.__data.__pad2 == fibers.generation() + 1UL) return;
        lock.__data.__pad2 = fibers.generation() + 1UL;
        readers = writer = 0;
    }
    bool free_for(Wait wait) const noexcept {
        return writer == 0 && (wait == Wait::reader || readers == 0);
    }
    void take(Wait wait, std::uint32_t number) noexcept {
        if (wait == Wait::reader) {
            ++readers;
        } else {
            writer = number;
        }
    }
    unsigned& readers;
    unsigned& writer;
};

int lock_shared(Fibers& fibers, pthread_rwlock_t& lock, Wait wait, Time deadline,
                const void* caller) noexcept {
    fibers.preempt();
    Shared state(fibers, lock);
    const std::uint32_t self = running_fiber()->number;
    if (state.writer == self) return EDEADLK;
    while (!state.free_for(wait)) {
        if (fibers.park_quietly(&lock, deadline, wait, caller)) continue;
        if (state.free_for(wait)) break;
        if (fibers.world().now() >= deadline) return ETIMEDOUT;
        if (fibers.desperate()) return EDEADLK;
    }
    state.take(wait, self);
    return 0;
}

int try_shared(Fibers& fibers, pthread_rwlock_t& lock, Wait wait) noexcept {
    fibers.preempt();
    Shared state(fibers, lock);
    const std::uint32_t self = running_fiber()->number;
    if (!state.free_for(wait) && state.writer != self) fibers.yield();
    if (!state.free_for(wait)) return EBUSY;
    state.take(wait, self);
    return 0;
}

int unlock_shared(Fibers& fibers, pthread_rwlock_t& lock) noexcept {
    Shared state(fibers, lock);
    if (state.writer != 0) {
        if (fibers.over() && state.writer != running_fiber()->number) return EPERM;
        state.writer = 0;
    } else if (state.readers > 0) {
        --state.readers;
    }
    if (state.readers == 0) fibers.wake_all(&lock);
    fibers.preempt();
    return 0;
}

// --- semaphores ---------------------------------------------------------------------------------

std::uint32_t& value_of(sem_t& semaphore) noexcept {
    return *reinterpret_cast<std::uint32_t*>(&semaphore);
}

int wait_for(Fibers& fibers, sem_t& semaphore, Time deadline, const void* caller) {
    fibers.preempt();
    while (value_of(semaphore) == 0) {
        const bool woken = fibers.park(&semaphore, deadline, Wait::semaphore, caller);
        if (woken || value_of(semaphore) > 0) continue;
        if (fibers.world().now() >= deadline) {
            errno = ETIMEDOUT;
            return -1;
        }
    }
    --value_of(semaphore);
    return 0;
}

// --- barriers -----------------------------------------------------------------------------------

/// pthread_barrier_t, as pthread_barrier_init() leaves it (glibc since 2.23).
struct Barrier {
    std::uint32_t arrived;
    std::uint32_t round;
    std::uint32_t count;
};

int arrive(Fibers& fibers, Barrier& barrier, const void* caller) {
    fibers.preempt();
    if (++barrier.arrived == barrier.count) {
        barrier.arrived = 0;
        ++barrier.round;
        fibers.wake_all(&barrier);
        return PTHREAD_BARRIER_SERIAL_THREAD;
    }
    const std::uint32_t round = barrier.round;
    while (round == barrier.round) fibers.park(&barrier, never, Wait::barrier, caller);
    return 0;
}

}  // namespace

int program_rdlock(pthread_rwlock_t*) DRYDOCK_SYMBOL("pthread_rwlock_rdlock");
int program_rdlock(pthread_rwlock_t* lock) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_rdlock(lock);
    return lock_shared(*fibers, *lock, Wait::reader, never, __builtin_return_address(0));
}

int program_wrlock(pthread_rwlock_t*) DRYDOCK_SYMBOL("pthread_rwlock_wrlock");
int program_wrlock(pthread_rwlock_t* lock) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_wrlock(lock);
    return lock_shared(*fibers, *lock, Wait::writer, never, __builtin_return_address(0));
}

int program_tryrdlock(pthread_rwlock_t*) DRYDOCK_SYMBOL("pthread_rwlock_tryrdlock");
int program_tryrdlock(pthread_rwlock_t* lock) {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_tryrdlock(lock) : try_shared(*fibers, *lock, Wait::reader);
}

int program_trywrlock(pthread_rwlock_t*) DRYDOCK_SYMBOL("pthread_rwlock_trywrlock");
int program_trywrlock(pthread_rwlock_t* lock) {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_trywrlock(lock) : try_shared(*fibers, *lock, Wait::writer);
}

int program_timedrdlock(pthread_rwlock_t*, const timespec*)
    DRYDOCK_SYMBOL("pthread_rwlock_timedrdlock");
int program_timedrdlock(pthread_rwlock_t* lock, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_timedrdlock(lock, deadline);
    return lock_shared(*fibers, *lock, Wait::reader, time_of(CLOCK_REALTIME, *deadline),
                       __builtin_return_address(0));
}

int program_timedwrlock(pthread_rwlock_t*, const timespec*)
    DRYDOCK_SYMBOL("pthread_rwlock_timedwrlock");
int program_timedwrlock(pthread_rwlock_t* lock, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_timedwrlock(lock, deadline);
    return lock_shared(*fibers, *lock, Wait::writer, time_of(CLOCK_REALTIME, *deadline),
                       __builtin_return_address(0));
}

int program_clockrdlock(pthread_rwlock_t*, clockid_t, const timespec*)
    DRYDOCK_SYMBOL("pthread_rwlock_clockrdlock");
int program_clockrdlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_clockrdlock(lock, clock, deadline);
    return lock_shared(*fibers, *lock, Wait::reader, time_of(clock, *deadline),
                       __builtin_return_address(0));
}

int program_clockwrlock(pthread_rwlock_t*, clockid_t, const timespec*)
    DRYDOCK_SYMBOL("pthread_rwlock_clockwrlock");
int program_clockwrlock(pthread_rwlock_t* lock, clockid_t clock, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_clockwrlock(lock, clock, deadline);
    return lock_shared(*fibers, *lock, Wait::writer, time_of(clock, *deadline),
                       __builtin_return_address(0));
}

int program_rwunlock(pthread_rwlock_t*) DRYDOCK_SYMBOL("pthread_rwlock_unlock");
int program_rwunlock(pthread_rwlock_t* lock) {
    Fibers* const fibers = simulated();
    return fibers == nullptr ? real_rwunlock(lock) : unlock_shared(*fibers, *lock);
}

int program_sem_wait(sem_t*) DRYDOCK_SYMBOL("sem_wait");
int program_sem_wait(sem_t* semaphore) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_sem_wait(semaphore);
    return wait_for(*fibers, *semaphore, never, __builtin_return_address(0));
}

int program_sem_trywait(sem_t*) DRYDOCK_SYMBOL("sem_trywait");
int program_sem_trywait(sem_t* semaphore) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_sem_trywait(semaphore);
    fibers->preempt();
    if (value_of(*semaphore) == 0) fibers->yield();
    if (value_of(*semaphore) == 0) {
        errno = EAGAIN;
        return -1;
    }
    --value_of(*semaphore);
    return 0;
}

int program_sem_timedwait(sem_t*, const timespec*) DRYDOCK_SYMBOL("sem_timedwait");
int program_sem_timedwait(sem_t* semaphore, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_sem_timedwait(semaphore, deadline);
    return wait_for(*fibers, *semaphore, time_of(CLOCK_REALTIME, *deadline),
                    __builtin_return_address(0));
}

int program_sem_clockwait(sem_t*, clockid_t, const timespec*) DRYDOCK_SYMBOL("sem_clockwait");
int program_sem_clockwait(sem_t* semaphore, clockid_t clock, const timespec* deadline) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_sem_clockwait(semaphore, clock, deadline);
    return wait_for(*fibers, *semaphore, time_of(clock, *deadline), __builtin_return_address(0));
}

int program_sem_post(sem_t*) noexcept DRYDOCK_SYMBOL("sem_post");
int program_sem_post(sem_t* semaphore) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_sem_post(semaphore);
    ++value_of(*semaphore);
    fibers->wake_one(semaphore);
    fibers->preempt();
    return 0;
}

int program_barrier_wait(pthread_barrier_t*) DRYDOCK_SYMBOL("pthread_barrier_wait");
int program_barrier_wait(pthread_barrier_t* barrier) {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_barrier_wait(barrier);
    return arrive(*fibers, *reinterpret_cast<Barrier*>(barrier), __builtin_return_address(0));
}

int program_barrier_destroy(pthread_barrier_t*) noexcept DRYDOCK_SYMBOL("pthread_barrier_destroy");
int program_barrier_destroy(pthread_barrier_t* barrier) noexcept {
    return simulated() == nullptr ? real_barrier_destroy(barrier) : 0;
}

// A spin lock is 1 when it is free, and 0 or less when it is locked (glibc on x86).
int program_spin_lock(pthread_spinlock_t*) noexcept DRYDOCK_SYMBOL("pthread_spin_lock");
int program_spin_lock(pthread_spinlock_t* lock) noexcept {
    Fibers* const fibers = simulated();
    if (fibers == nullptr) return real_spin_lock(lock);
    fibers->preempt();
    while (::pthread_spin_trylock(lock) == EBUSY) fibers->yield();
    return 0;
}

void link_locks() noexcept {}

}  // namespace drydock::sim

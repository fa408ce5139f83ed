// Locking mutexes on a fiber, for condition variables, too.
#pragma once

#include <cstdint>

#include <pthread.h>

#include "sim/program/fibers.hpp"

namespace drydock::sim {

/// Locks as pthread_mutex_clocklock() does: 0, ETIMEDOUT, or EDEADLK. `caller` is where the program
/// called the function.
int lock_mutex(Fibers& fibers, pthread_mutex_t& mutex, Time deadline, const void* caller);
/// Unlocks as pthread_mutex_unlock() does.
int unlock_mutex(Fibers& fibers, pthread_mutex_t& mutex) noexcept;
/// The number of the fiber that has locked it; 0: none has.
std::uint32_t owner_of(const Fibers& fibers, const pthread_mutex_t& mutex) noexcept;

}  // namespace drydock::sim

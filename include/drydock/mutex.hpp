// Mutex and MutexLock: std::mutex, also where the standard library has none.
//
// A standard library without threads (libc++ for WebAssembly) has no std::mutex. A program there is
// one thread, so that a lock has nothing to wait for. A second lock of one thread, a deadlock
// elsewhere, ends the program.
#pragma once

#include <version>

#if defined(_LIBCPP_HAS_NO_THREADS) || (defined(_LIBCPP_HAS_THREADS) && !_LIBCPP_HAS_THREADS)
#define DRYDOCK_HAS_NO_THREADS 1
#include <cstdlib>
#include <utility>
#endif

#include <mutex>

namespace drydock {

#if !defined(DRYDOCK_HAS_NO_THREADS)

/// What guards state that workers share.
using Mutex = std::mutex;

/// A lock of a Mutex that can be moved, and tried.
using MutexLock = std::unique_lock<Mutex>;

#else

/// What guards state that workers share. Of one thread.
class Mutex {
public:
    Mutex() = default;
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    /// Locks it. Aborts if it is locked: no other thread could unlock it.
    void lock() noexcept {
        if (!try_lock()) std::abort();
    }
    /// Locks it, if it is not locked. False: it is.
    bool try_lock() noexcept { return !std::exchange(locked_, true); }
    /// Unlocks it.
    void unlock() noexcept { locked_ = false; }

private:
    bool locked_ = false;
};

/// A lock of a Mutex that can be moved, and tried.
class MutexLock {
public:
    /// Locks `mutex`, if it is not locked.
    MutexLock(Mutex& mutex, std::try_to_lock_t) noexcept
        : mutex_(&mutex), owns_(mutex.try_lock()) {}
    /// Takes the lock of `other`, which then has none.
    MutexLock(MutexLock&& other) noexcept
        : mutex_(std::exchange(other.mutex_, nullptr)), owns_(std::exchange(other.owns_, false)) {}
    MutexLock& operator=(MutexLock&&) = delete;
    ~MutexLock() {
        if (owns_) mutex_->unlock();
    }
    /// Locks the mutex. Aborts if it is locked.
    void lock() noexcept {
        mutex_->lock();
        owns_ = true;
    }
    /// Whether this object has locked the mutex.
    explicit operator bool() const noexcept { return owns_; }

private:
    Mutex* mutex_;
    bool owns_;
};

#endif

}  // namespace drydock

// What the functions of the C library in this folder share.
//
// Each of them has the C library's symbol as the name of its own: the linker takes it for calls of
// the program, and the dynamic linker for those of the shared libraries. On a fiber it acts on the
// simulated world. Elsewhere it calls the function that would be there without it.
//
// They are declared with other names, as the C library's own declarations promise for some of them
// that no exception leaves; a fiber that is unwound ends by one.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "sim/program/fiber.hpp"
#include "sim/program/fibers.hpp"

/// Declares a function that is called what the string `symbol` says.
#define DRYDOCK_SYMBOL(symbol) __asm__(symbol) __attribute__((visibility("default"), used))

namespace drydock::sim {

/// The function with this name behind the executable's. It ends the process if there is none.
void* find_real(const char* name) noexcept;

/// The C library's own function, looked up at its first call.
template <typename Function>
class Real;

template <typename Result, typename... Arguments>
class Real<Result(Arguments...)> {
public:
    constexpr explicit Real(const char* name) noexcept : name_(name) {}

    Result operator()(Arguments... arguments) {
        auto* function = function_.load(std::memory_order_relaxed);
        if (function == nullptr) {
            function = reinterpret_cast<Result (*)(Arguments...)>(find_real(name_));
            function_.store(function, std::memory_order_relaxed);
        }
        return function(arguments...);
    }

private:
    const char* const name_;
    std::atomic<Result (*)(Arguments...)> function_{nullptr};
};

/// What pthread_exit() throws. It is no std::exception.
struct ThreadExit {};

/// The owner of a lock, as a number that no thread of the system has as its number: the fiber, and
/// the run that it belongs to.
struct LockOwner {
    static constexpr std::uint32_t flag = 1U << 30;
    static constexpr std::uint32_t generation_shift = 18;
    static constexpr std::uint32_t generation_mask = (1U << 12) - 1;
    static constexpr std::uint32_t number_mask = (1U << generation_shift) - 1;

    static int of(const Fibers& fibers, const Fiber& fiber) noexcept {
        return static_cast<int>(flag | (fibers.generation() << generation_shift) |
                                (fiber.number & number_mask));
    }
    /// Whether a fiber of an earlier run has left it locked.
    static bool stale(const Fibers& fibers, int owner) noexcept {
        const auto bits = static_cast<std::uint32_t>(owner);
        return (bits & flag) != 0 &&
               ((bits >> generation_shift) & generation_mask) != fibers.generation();
    }
    static std::uint32_t number(int owner) noexcept {
        return static_cast<std::uint32_t>(owner) & number_mask;
    }
};

/// Calls the destructors of pthread_key_create() for what the fiber has set.
void destroy_specific(Fiber& fiber) noexcept;

/// What a system call other than that of futexes does on a fiber; nothing: what it does elsewhere.
std::optional<long> simulated_call(Fibers& fibers, long number,
                                   const std::uintptr_t (&arguments)[6]);

/// fork() and its like fail in a program. Returns -1, and sets errno.
int refuse_fork(Fibers& fibers, const char* name) noexcept;

/// raise() in a program: its signal sets get the signal, or else its handler, or it ends.
int raise_in(Fibers& fibers, int number) noexcept;

/// The state that rand() and its like have at the start of a process.
void reset_random_functions() noexcept;

/// Makes the linker take all files with such functions.
void link_interposed() noexcept;

// Of each file with such functions, for link_interposed().
void link_clocks() noexcept;
void link_conditions() noexcept;
void link_futexes() noexcept;
void link_locks() noexcept;
void link_mutexes() noexcept;
void link_random() noexcept;
void link_random_files() noexcept;
void link_refused() noexcept;
void link_sleeping() noexcept;
void link_specific() noexcept;
void link_system() noexcept;
void link_threads() noexcept;

}  // namespace drydock::sim

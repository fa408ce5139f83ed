// One thread of a simulated program, and what it keeps while another one runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <drydock/operation.hpp>

#include "sim/program/stacks.hpp"
#include "sim/program/switch.hpp"
#include "sim/program/thread_locals.hpp"

namespace drydock::sim {

class Fibers;

/// What a parked fiber waits for. The error message of the property `stuck` names it.
enum class Wait : std::uint8_t {
    start,      ///< for its first turn
    turn,       ///< for its next turn: it has yielded, or others go first
    key,        ///< Surroundings::park(): an I/O context, or an operation of it
    mutex,      ///< to lock a mutex
    reader,     ///< to lock a reader-writer lock for reading
    writer,     ///< the same for writing
    condition,  ///< for a condition variable
    thread,     ///< for the end of a thread: a join
    sleep,      ///< for a moment
    semaphore,  ///< for a semaphore
    futex,      ///< for a value in memory: std::future, std::atomic, std::latch, std::barrier
    once,       ///< for the end of the call in a std::call_once
    barrier,    ///< for a pthread_barrier_t
    exit        ///< for the end of the run: it has called exit()
};

/// What the C++ library, the C library and contexts keep for each thread of the system, as far as a
/// fiber can be left while it has a meaning: exceptions that are handled, errno, the call of
/// std::call_once, Surroundings::slot().
struct ThreadState {
    void* caught_exceptions = nullptr;
    unsigned uncaught_exceptions = 0;
    int error_number = 0;
    void* once_callable = nullptr;
    void (*once_call)() = nullptr;
    void* contexts = nullptr;  // Surroundings::slot()
};

/// A call that the end of a fiber makes: the destructor of a thread_local object.
struct AtExit {
    void (*function)(void*) = nullptr;
    void* argument = nullptr;
};

/// A thread of the program. Fibers owns it, until the end of the run.
struct Fiber {
    Fiber(Fibers& owner, std::uint32_t number, std::function<void()> body, std::string name);

    /// Continues the fiber with the completion: its turn, or its deadline.
    struct Turn final : Operation {
        explicit Turn(Fiber& of) noexcept : Operation(&Turn::completed), fiber(of) {}
        static void completed(Operation& operation, const Result& result) noexcept;
        Fiber& fiber;
    };
    struct Deadline final : Operation {
        explicit Deadline(Fiber& of) noexcept : Operation(&Deadline::completed), fiber(of) {}
        static void completed(Operation& operation, const Result& result) noexcept;
        Fiber& fiber;
    };

    /// "thread 2 (worker)".
    std::string text() const;
    bool gone() const noexcept { return ended || abandoned; }

    Fibers& fibers;
    const std::uint32_t number;  // from 1; the thread that runs main() has 1
    std::function<void()> body;
    std::string name;
    Stack stack{};
    Context context;
    ThreadState state;
    ThreadLocalValues thread_locals;
    void* fake_stack = nullptr;  // of AddressSanitizer
    Turn turn{*this};
    Deadline deadline{*this};

    // Why it does not run
    Wait waits_for = Wait::start;
    const void* key = nullptr;
    std::uint32_t joins = 0;       // Wait::thread: the number of the other
    const void* caller = nullptr;  // where the program called what waits
    bool asked = false;            // to look at its own frames, and to go on waiting
    std::vector<const void*> frames;
    bool suspended = true;          // it does not run
    bool woken = false;             // somebody has woken it, and it has not continued yet
    bool timed_out = false;         // its deadline came first
    bool nudged = false;            // the run is over: it may end itself
    bool timed = false;             // the deadline counts
    std::uint32_t turns_given = 0;  // in a row, since it last waited for something

    std::uint32_t calls = 0;  // of functions at which others may go first, since it runs

    // Its end
    bool ended = false;      // its body has returned
    bool abandoned = false;  // it cannot be unwound, and never continues
    std::uint32_t throws = 0;

    // Where it is from: pthread_create()
    bool detached = false;
    bool joined = false;
    void* result = nullptr;
    std::vector<std::pair<unsigned, void*>> specific;  // pthread_setspecific()
    std::vector<AtExit> at_exit;
    std::uint32_t no_switch = 0;  // NoSwitch objects that exist
};

/// The fiber that the calling thread runs; null outside of fibers.
Fiber* running_fiber() noexcept;

/// While it exists, the calling fiber is not left: functions of the C library that would be
/// simulated act as they do outside of fibers. For code of the simulator that fibers call.
class NoSwitch {
public:
    NoSwitch() noexcept : fiber_(running_fiber()) {
        if (fiber_ != nullptr) ++fiber_->no_switch;
    }
    NoSwitch(const NoSwitch&) = delete;
    NoSwitch& operator=(const NoSwitch&) = delete;
    ~NoSwitch() {
        if (fiber_ != nullptr) --fiber_->no_switch;
    }

private:
    Fiber* const fiber_;
};

}  // namespace drydock::sim

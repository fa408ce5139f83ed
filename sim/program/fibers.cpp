// Starting, parking and waking fibers. See fibers.hpp; unwinding.cpp has their forced end.
#include "sim/program/fibers.hpp"

#include <algorithm>
#include <cerrno>
#include <mutex>  // std::__once_callable

#include <cxxabi.h>

#include "sim/program/interposed.hpp"
#include "sim/program/sanitizer.hpp"

namespace drydock::sim {
namespace {

constinit thread_local Fiber* running = nullptr;

// The two words that the C++ ABI keeps for each thread (Itanium C++ ABI, 2.2.2).
struct ExceptionGlobals {
    void* caught;
    unsigned uncaught;
};

ThreadState thread_state() noexcept {
    const auto* const globals = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
    return {globals->caught,      globals->uncaught, errno,
            std::__once_callable, std::__once_call,  asio_detail::Surroundings::slot()};
}

void set_thread_state(const ThreadState& state) noexcept {
    auto* const globals = reinterpret_cast<ExceptionGlobals*>(abi::__cxa_get_globals());
    globals->caught = state.caught_exceptions;
    globals->uncaught = state.uncaught_exceptions;
    errno = state.error_number;
    std::__once_callable = state.once_callable;
    std::__once_call = state.once_call;
    asio_detail::Surroundings::slot() = state.contexts;
}

// A fiber that only yields waits from here on, longer and longer.
constexpr std::uint32_t free_turns = 16;
constexpr std::uint32_t most_doublings = 16;
constexpr Duration shortest_wait = std::chrono::microseconds(1);

// A fiber that only reads the clock waits after so many reads.
constexpr std::uint32_t free_reads = 1000;

// What a clock goes on by at each read, when the run is over.
constexpr Duration step_when_over = std::chrono::milliseconds(1);

// A fiber that locks and unlocks mutexes, and waits for none, lets others go on after so many
// calls: it may wait for what they do.
constexpr std::uint32_t free_calls = 10'000;

}  // namespace

Fiber* running_fiber() noexcept { return running; }

Fibers* simulated() noexcept {
    Fiber* const fiber = running;
    return fiber != nullptr && fiber->no_switch == 0 ? &fiber->fibers : nullptr;
}

Fiber::Fiber(Fibers& owner, std::uint32_t number_, std::function<void()> body_, std::string name_)
    : fibers(owner), number(number_), body(std::move(body_)), name(std::move(name_)) {}

std::string Fiber::text() const {
    return "thread " + std::to_string(number) + (name.empty() ? "" : " (" + name + ")");
}

void Fiber::Turn::completed(Operation& operation, const Result&) noexcept {
    Fiber& fiber = static_cast<Turn&>(operation).fiber;
    fiber.fibers.turn_came(fiber);
}

void Fiber::Deadline::completed(Operation& operation, const Result&) noexcept {
    Fiber& fiber = static_cast<Deadline&>(operation).fiber;
    fiber.deadline.take_remembered_cancel();  // one that came too late, as the fiber was woken
    fiber.fibers.deadline_came(fiber);
}

// --- a fiber's life -----------------------------------------------------------------------------

std::uint32_t Fibers::start(std::function<void()> body, std::string name, std::size_t stack_size) {
    const NoSwitch stay;
    const auto number = static_cast<std::uint32_t>(fibers_.size() + 1);
    auto fiber = std::make_unique<Fiber>(*this, number, std::move(body), std::move(name));
    fiber->stack = StackPool::of_this_thread().take(std::max(settings_.stack_size, stack_size));
    fiber->context.prepare(fiber->stack.lowest, fiber->stack.size, &Fibers::enter, fiber.get());
    fiber->woken = true;
    fibers_.push_back(std::move(fiber));
    if (world_goes_on_) world_.post(fibers_.back()->turn);
    return number;
}

void Fibers::enter(void* argument) noexcept {
    Fiber& fiber = *static_cast<Fiber*>(argument);
    Fibers& fibers = fiber.fibers;
    asan::switch_ends(nullptr, &fibers.world_stack_, &fibers.world_stack_size_);
    run_body(fiber);
    fibers.run_last_calls(fiber);
    if (fibers.on_thread_end_ && !fibers.over_) fibers.on_thread_end_();
    fiber.ended = true;
    fibers.wake_all(&fiber);
    fibers.leave(fiber);
}

void Fibers::run_body(Fiber& fiber) noexcept {
    try {
        // Where the run is torn down, what a body that has not begun refers to may be gone.
        if (fiber.fibers.world_goes_on_) fiber.body();
    } catch (const asio_detail::Unwinding&) {
    } catch (const ThreadExit&) {
    } catch (...) {
        fiber.fibers.uncaught(fiber);
    }
    const NoSwitch stay;
    fiber.body = nullptr;
}

std::size_t Fibers::living() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        fibers_.begin(), fibers_.end(), [](const auto& fiber) { return !fiber->gone(); }));
}

void Fibers::uncaught(Fiber& fiber) noexcept {
    if (over_) return;  // what the unwinding of others has led to
    world_.fail("program-threw",
                "an exception left " + fiber.text() + ": " + text_of_current_exception());
}

/// Destructors of thread_local objects, and then those of pthread_key_create(), as on Linux.
void Fibers::run_last_calls(Fiber& fiber) noexcept {
    while (!fiber.at_exit.empty()) {
        const AtExit last = fiber.at_exit.back();
        fiber.at_exit.pop_back();
        last.function(last.argument);
    }
    destroy_specific(fiber);
}

/// From the world's loop to the fiber, until it parks or ends.
void Fibers::resume(Fiber& fiber) noexcept {
    world_state_ = thread_state();
    set_thread_state(fiber.state);
    running_ = running = &fiber;
    fiber.suspended = false;
    fiber.thread_locals.exchange();
    void* fake_stack = nullptr;
    asan::switch_begins(&fake_stack, fiber.stack.lowest, fiber.stack.size);
    world_context_.switch_to(fiber.context);
    asan::switch_ends(fake_stack, nullptr, nullptr);
    fiber.thread_locals.exchange();
    running_ = running = nullptr;
    fiber.state = thread_state();
    set_thread_state(world_state_);
    if (!fiber.gone()) return;
    if (fiber.ended) StackPool::of_this_thread().give_back(std::exchange(fiber.stack, {}));
}

/// From the fiber to the world's loop.
void Fibers::leave(Fiber& fiber) noexcept {
    fiber.suspended = true;
    fiber.calls = 0;
    asan::switch_begins(fiber.ended ? nullptr : &fiber.fake_stack, world_stack_, world_stack_size_);
    fiber.context.switch_to(world_context_);
    asan::switch_ends(fiber.fake_stack, &world_stack_, &world_stack_size_);
}

// --- parking and waking -------------------------------------------------------------------------

bool Fibers::park(const void* key, Time deadline) {
    return park(key, deadline, Wait::key, __builtin_return_address(0));
}

bool Fibers::park(const void* key, Time deadline, Wait wait, const void* caller) {
    const bool woken = park_quietly(key, deadline, wait, caller);
    end_if_over();
    return woken;
}

bool Fibers::park_quietly(const void* key, Time deadline, Wait wait, const void* caller) noexcept {
    Fiber& fiber = *running_;
    fiber.waits_for = wait;
    fiber.key = key;
    fiber.caller = caller;
    fiber.woken = fiber.timed_out = fiber.nudged = false;
    fiber.turns_given = 0;
    parked_.push_back(&fiber);
    fiber.timed = deadline != never && !over_;
    if (fiber.timed) world_.start_timer(fiber.deadline, deadline);
    while (!fiber.woken && !fiber.timed_out && !fiber.nudged) {
        leave(fiber);
        if (std::exchange(fiber.asked, false)) look_at_frames(fiber);
    }
    if (!fiber.woken) std::erase(parked_, &fiber);
    if (fiber.timed && fiber.deadline.in_flight()) world_.cancel(fiber.deadline);
    fiber.timed = false;
    return fiber.woken;
}

bool Fibers::wake_one(const void* key) noexcept {
    const auto waits = [&](const Fiber* fiber) { return fiber->key == key; };
    const auto count = std::count_if(parked_.begin(), parked_.end(), waits);
    if (count == 0) return false;
    std::uint32_t which = 0;
    if (count > 1 && !over_) {
        which = world_.choose(static_cast<std::uint32_t>(count), "thread: which wakes");
    }
    auto found = std::find_if(parked_.begin(), parked_.end(), waits);
    for (; which > 0; --which) found = std::find_if(std::next(found), parked_.end(), waits);
    wake(**found);
    return true;
}

void Fibers::wake_all(const void* key) noexcept {
    for (std::size_t i = 0; i < parked_.size();) {
        parked_[i]->key == key ? wake(*parked_[i]) : void(++i);
    }
}

/// A fiber with a deadline continues with the completion of its canceled timer, others with that of
/// a post: one operation either way.
void Fibers::wake(Fiber& fiber) noexcept {
    std::erase(parked_, &fiber);
    fiber.woken = true;
    if (!world_goes_on_) return;  // unwind_round() continues it
    if (fiber.timed && fiber.deadline.in_flight()) return world_.cancel(fiber.deadline);
    if (!fiber.turn.in_flight()) world_.post(fiber.turn);
}

void Fibers::turn_came(Fiber& fiber) noexcept {
    if (exited_ && !over_) return;
    if (fiber.suspended && fiber.woken && !fiber.gone()) resume(fiber);
}

void Fibers::deadline_came(Fiber& fiber) noexcept {
    if (!fiber.suspended || !fiber.timed || fiber.gone() || (exited_ && !over_)) return;
    fiber.timed_out = !fiber.woken;
    resume(fiber);
}

// --- turns --------------------------------------------------------------------------------------

void Fibers::yield() noexcept {
    Fiber& fiber = *running_;
    const std::uint32_t turns = fiber.turns_given;
    if (over_ || turns >= free_turns) {
        const std::uint32_t doublings =
            std::min(turns - std::min(turns, free_turns), most_doublings);
        park_quietly(&fiber.turn, later(world_.now(), shortest_wait * (1 << doublings)), Wait::turn,
                     nullptr);
    } else {
        if (fiber.turn.in_flight()) return;
        fiber.waits_for = Wait::turn;
        fiber.woken = true;
        world_.post(fiber.turn);
        leave(fiber);
    }
    fiber.turns_given = turns + 1;
}

bool Fibers::preempt() noexcept {
    Fiber& fiber = *running_;
    if (++fiber.calls >= free_calls) {
        yield();
        return true;
    }
    if (over_ || fiber.turn.in_flight() || !world_.start_step(fiber.turn)) return false;
    fiber.waits_for = Wait::turn;
    fiber.woken = true;
    leave(fiber);
    return true;
}

Time Fibers::read_clock() noexcept {
    const Time now = world_.now();
    // The world's time stands still: a loop until a deadline must end all the same.
    if (over_) return later(now, step_when_over * ++reads_);
    if (now != std::exchange(last_read_, now)) reads_ = 0;
    if (++reads_ < free_reads) return now;
    // The spin reads the clock a thousand times more for each of these steps: long ones.
    Fiber& fiber = *running_;
    const std::uint32_t turns = std::max(fiber.turns_given, free_turns);
    fiber.turns_given = turns;
    yield();
    return last_read_ = world_.now();
}

Fiber* Fibers::find(std::uint64_t number) noexcept {
    return number >= 1 && number <= fibers_.size() ? fibers_[number - 1].get() : nullptr;
}

void Fibers::forget_key(unsigned key) noexcept {
    for (const std::unique_ptr<Fiber>& fiber : fibers_) {
        std::erase_if(fiber->specific, [&](const auto& entry) { return entry.first == key; });
    }
}

RandomStream& Fibers::random() noexcept {
    constexpr std::uint32_t streams = 1024;
    if (!random_) random_.emplace(over_ ? 0 : world_.choose(streams, "program: random numbers"));
    return *random_;
}

}  // namespace drydock::sim

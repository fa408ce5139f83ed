// The end of a run for its fibers: they are unwound, so that the program's objects are destroyed.
// What cannot be unwound is abandoned. See fibers.hpp.
#include <algorithm>
#include <cstdlib>

#include <sys/single_threaded.h>
#include <unistd.h>

#include "sim/program/fibers.hpp"
#include "sim/program/interposed.hpp"

namespace drydock::sim {
namespace {

// A fiber that catches Unwinding so often waits for something else, or will never let it pass.
constexpr std::uint32_t most_throws = 8;

// A fiber that yields so often waits for what never comes.
constexpr int most_rounds = 10'000;

std::terminate_handler& handler_before() noexcept {
    static std::terminate_handler handler = nullptr;
    return handler;
}

/// The exception that unwinds a fiber met a function that lets none pass, or destroyed a
/// std::thread that was not joined: neither is a fault of the program.
[[noreturn]] void terminate() noexcept {
    Fiber* const fiber = running_fiber();
    if (fiber != nullptr && fiber->fibers.over()) fiber->fibers.abandon_running();
    if (handler_before() != nullptr) handler_before()();
    std::abort();
}

constinit thread_local Fibers* fibers_of_this_thread = nullptr;

std::uint32_t next_generation() noexcept {
    static thread_local std::uint32_t generation = 0;
    generation = (generation + 1) & LockOwner::generation_mask;
    return generation;
}

/// The system's number of this process, on a fiber, too.
std::int32_t system_process() noexcept {
    const NoSwitch stay;
    return ::getpid();
}

}  // namespace

Fibers::Fibers(World& world, FiberSettings settings)
    : world_(world),
      settings_(settings),
      generation_(next_generation()),
      process_(system_process()),
      before_(Surroundings::current()),
      terminate_before_(std::set_terminate(&terminate)) {
    if (terminate_before_ != &terminate) handler_before() = terminate_before_;
    Surroundings::set_current(this);
    fibers_of_this_thread = this;
    link_interposed();
    // The C++ library takes what it calls the only thread's initialization of a static for a
    // recursion, if another fiber is in the midst of it.
    __libc_single_threaded = 0;
    reset_random_functions();
    world.explain_waits([this] { return waiting(); });
}

Fibers::~Fibers() {
    if (is_copy()) ::_exit(1);  // the caller would go on with the next run
    world_goes_on_ = false;
    world_.explain_waits(nullptr);
    unwinds_ = gentle_unwinds;
    unwind();
    for (const std::unique_ptr<Fiber>& fiber : fibers_) {
        if (!fiber->ended) StackPool::of_this_thread().abandon(fiber->stack);
    }
    std::set_terminate(terminate_before_);
    Surroundings::set_current(before_);
    fibers_of_this_thread = nullptr;
}

Fibers* Fibers::of_this_thread() noexcept { return fibers_of_this_thread; }

bool Fibers::all_ended() const noexcept {
    return std::all_of(fibers_.begin(), fibers_.end(), [](const auto& fiber) {
        return fiber->gone() && !fiber->turn.in_flight() && !fiber->deadline.in_flight();
    });
}

std::size_t Fibers::abandoned() const noexcept {
    return static_cast<std::size_t>(std::count_if(
        fibers_.begin(), fibers_.end(), [](const auto& fiber) { return fiber->abandoned; }));
}

bool Fibers::unwind() noexcept {
    over_ = true;
    ++unwinds_;
    for (const std::unique_ptr<Fiber>& fiber : fibers_) fiber->throws = 0;
    for (int round = 0; round < most_rounds && unwind_round(); ++round) {}
    for (const std::unique_ptr<Fiber>& fiber : fibers_) {
        if (fiber->gone() && fiber->deadline.in_flight()) world_.cancel(fiber->deadline);
    }
    return all_ended();
}

/// Each fiber once, the youngest first: what started a thread usually joins it. False: none has
/// come nearer to its end, as far as one can see.
bool Fibers::unwind_round() noexcept {
    bool nearer = false;
    for (std::size_t i = fibers_.size(); i-- > 0;) {
        Fiber& fiber = *fibers_[i];
        if (fiber.gone()) continue;
        const std::uint32_t throws = fiber.throws;
        const bool woken = fiber.woken;
        fiber.nudged = true;
        resume(fiber);
        const bool yields = fiber.waits_for == Wait::turn;
        nearer = nearer || woken || yields || fiber.gone() || fiber.throws != throws;
    }
    return nearer;
}

bool Fibers::may_throw(const Fiber& fiber) const noexcept {
    if (fiber.no_switch > 0 || fiber.throws >= most_throws) return false;
    if (fiber.waits_for == Wait::thread && !desperate()) return false;
    return std::uncaught_exceptions() == 0;
}

void Fibers::end_if_over() {
    if (!over_ || running_ == nullptr || !may_throw(*running_)) return;
    ++running_->throws;
    throw asio_detail::Unwinding{};
}

bool Fibers::is_copy() const noexcept { return system_process() != process_; }

void Fibers::abandon_running() noexcept {
    Fiber& fiber = *running_;
    fiber.abandoned = true;
    for (;;) leave(fiber);
}

void Fibers::exit(int status) noexcept {
    if (is_copy()) {
        const NoSwitch system_s;
        ::_exit(status);
    }
    if (!exit_status_) {
        exit_status_ = status;
        if (on_exit_) on_exit_();
        exited_ = true;
    }
    for (;;) {
        if (over_) abandon_running();
        park_quietly(&exit_status_, never, Wait::exit, nullptr);
    }
}

}  // namespace drydock::sim

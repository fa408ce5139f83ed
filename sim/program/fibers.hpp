// The threads of a simulated program as fibers of the one thread of the run.
//
// A fiber runs until it parks: in a function of the C or C++ library that blocks (those are defined
// in this folder; the linker takes them before the system's), or in an Asio context. A fiber that
// is woken continues by an operation of the world, so which fiber goes on next is the world's
// choice, like the order of all completions. Where the fault `interleave` strikes, a fiber lets
// others go first before it locks or unlocks a mutex, starts a thread and the like.
//
// Virtual time passes while all fibers are parked, and nowhere else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/asio/surroundings.hpp>
#include <drydock/sim/world.hpp>

#include "sim/program/fiber.hpp"
#include "sim/program/overflow.hpp"
#include "sim/program/random_stream.hpp"

namespace drydock::sim {

/// What the threads of a program get.
struct FiberSettings {
    std::size_t stack_size = std::size_t{8} << 20;  ///< usable bytes of each stack, or more
    unsigned processors = 4;                        ///< std::thread::hardware_concurrency()
    AsioOptions asio;                               ///< of the contexts of the program
};

/// Functions that fail in a simulated program, and say so in its error output once.
enum class Refused : std::uint8_t { fork, daemon, alarm, setitimer, timer_create };

/// The threads of one program in one run, from its constructor to its destructor also
/// Surroundings::current(). One object for a thread of the system at a time. All functions are for
/// that thread.
class Fibers final : public asio_detail::Surroundings {
public:
    /// The world must outlive this object.
    explicit Fibers(World& world, FiberSettings settings = {});
    /// Unwinds the fibers that are left without the help of the world, which may be frozen.
    ~Fibers();

    /// A new fiber, which will run `body` on a turn of the world. Returns its number, from 1 on. An
    /// exception that leaves the body fails the property `program-threw`. Throws std::bad_alloc.
    /// Its stack has `stack_size` bytes, if the settings do not give it more.
    std::uint32_t start(std::function<void()> body, std::string name = {},
                        std::size_t stack_size = 0);
    /// Whether the body of this fiber has returned.
    bool ended(std::uint32_t number) const noexcept { return fibers_[number - 1]->ended; }
    /// Whether all have, and none of their operations is in flight.
    bool all_ended() const noexcept;

    /// The object that the calling thread has, on a fiber of it or not. Null: it has none.
    static Fibers* of_this_thread() noexcept;

    // Surroundings
    CompletionQueue& queue() noexcept override { return world_; }
    bool on_fiber() const noexcept override { return running_ != nullptr; }
    AsioOptions loop_options() const noexcept override { return settings_.asio; }
    bool park(const void* key, Time deadline) override;
    bool wake_one(const void* key) noexcept override;
    void wake_all(const void* key) noexcept override;
    asio_detail::StandardStreams* standard_streams() noexcept override { return streams_; }
    /// The program's standard streams, from now on.
    void set_streams(asio_detail::StandardStreams& streams) noexcept { streams_ = &streams; }
    std::vector<Endpoint> resolve(std::string_view name) override {
        return on_resolve_ ? on_resolve_(name) : std::vector<Endpoint>();
    }

    /// The run is over: lets every fiber end. A parked fiber continues with an exception,
    /// Unwinding, if nothing forbids it there (another exception on its way, a join of a thread
    /// that has not ended). True: all have ended, and no operation of theirs is in flight. False:
    /// let the world do its next completions, and call it again; later calls are less careful.
    bool unwind() noexcept;
    /// Whether unwind() was called.
    bool over() const noexcept { return over_; }
    /// How many fibers could not be unwound: their objects are never destroyed.
    std::size_t abandoned() const noexcept;

    /// The program called exit() with this status. Its threads do not go on; unwind() ends them.
    std::optional<int> exit_status() const noexcept { return exit_status_; }
    /// Called, on the fiber, when the program calls exit().
    void on_exit(std::function<void()> function) { on_exit_ = std::move(function); }
    /// Called, on the fiber, when the program looks up a host. Without it there are no hosts.
    void on_resolve(std::function<std::vector<Endpoint>(std::string_view)> function) {
        on_resolve_ = std::move(function);
    }

    /// "thread 1 (main) waits for the end of thread 2; thread 2 waits to lock a mutex that thread 1
    /// holds". Empty: there is no fiber.
    std::string waiting();

    // --- For the functions of the C library in this folder. They are called on a fiber. ----------

    /// Parks the running fiber. False: its deadline has come, or the run is over and it must end,
    /// but not here. Throws Unwinding when the run is over and that does no harm.
    bool park(const void* key, Time deadline, Wait wait, const void* caller);
    /// The same without the exception, for functions that must not throw.
    bool park_quietly(const void* key, Time deadline, Wait wait, const void* caller) noexcept;
    /// Lets others have a turn. A fiber that does nothing else lets a little time pass, too, so
    /// that a loop that polls comes to its end.
    void yield() noexcept;
    /// Other fibers may go first here, if the fault `interleave` says so: whether they have.
    bool preempt() noexcept;
    /// Ends the running fiber by an exception if the run is over and that does no harm.
    void end_if_over();
    /// The time, on the clock of the queue. A fiber that reads it over and over waits a little.
    Time read_clock() noexcept;
    /// The program calls exit(). It does not return.
    [[noreturn]] void exit(int status) noexcept;
    /// Called on each fiber at its end, after what its end calls.
    void on_thread_end(std::function<void()> function) { on_thread_end_ = std::move(function); }
    /// How many have not ended; with the caller, if that is one.
    std::size_t living() const noexcept;
    /// Called, on the fiber, with a signal for which the program has no handler. False: the system
    /// gets it.
    void on_unhandled(std::function<bool(int)> function) { on_unhandled_ = std::move(function); }
    bool unhandled(int number) { return on_unhandled_ && on_unhandled_(number); }
    /// The program called a function that it does not get: its error output says so, once a run.
    void refuse(Refused function, const char* name, const char* why) noexcept;
    /// Whether the calling process is a copy that the program has made, past fork() above. It must
    /// never act for the run: its _exit() is the system's.
    bool is_copy() const noexcept;
    /// Never continues the running fiber.
    [[noreturn]] void abandon_running() noexcept;

    /// The key of pthread_key_delete() means nothing any more.
    void forget_key(unsigned key) noexcept;
    /// The fiber with this number; null: there is none.
    Fiber* find(std::uint64_t number) noexcept;
    World& world() noexcept { return world_; }
    const FiberSettings& settings() const noexcept { return settings_; }
    /// The random numbers of the run. Their seed is a choice of the world.
    RandomStream& random() noexcept;
    /// Tells the locks of this run from those that an earlier run has left locked.
    std::uint32_t generation() const noexcept { return generation_; }
    /// Joins and locks give up, too: nothing else has helped to end the fibers.
    bool desperate() const noexcept { return unwinds_ > gentle_unwinds; }

private:
    friend struct Fiber;
    static constexpr std::uint32_t gentle_unwinds = 20;

    void resume(Fiber& fiber) noexcept;
    void leave(Fiber& fiber) noexcept;
    static void enter(void* fiber) noexcept;
    static void run_body(Fiber& fiber) noexcept;
    void run_last_calls(Fiber& fiber) noexcept;
    void turn_came(Fiber& fiber) noexcept;
    void deadline_came(Fiber& fiber) noexcept;
    void wake(Fiber& fiber) noexcept;
    bool may_throw(const Fiber& fiber) const noexcept;
    bool unwind_round() noexcept;
    void uncaught(Fiber& fiber) noexcept;
    std::string describe(Fiber& fiber);
    static void look_at_frames(Fiber& fiber) noexcept;

    World& world_;
    const FiberSettings settings_;
    const std::uint32_t generation_;
    std::vector<std::unique_ptr<Fiber>> fibers_;
    std::vector<Fiber*> parked_;  // with a key; the one that is parked for longest comes first
    Fiber* running_ = nullptr;
    Context world_context_;
    ThreadState world_state_;
    const void* world_stack_ = nullptr;  // as AddressSanitizer knows it
    std::size_t world_stack_size_ = 0;
    bool over_ = false;
    bool world_goes_on_ = true;
    std::uint32_t unwinds_ = 0;
    std::uint32_t refused_ = 0;   // a bit for each function
    const std::int32_t process_;  // the number of the process that runs this
    std::optional<int> exit_status_;
    bool exited_ = false;  // and what exit() does has been done
    std::function<void()> on_exit_;
    std::function<bool(int)> on_unhandled_;
    std::function<void()> on_thread_end_;
    std::function<std::vector<Endpoint>(std::string_view)> on_resolve_;
    asio_detail::StandardStreams* streams_ = nullptr;
    Time last_read_{};
    std::uint32_t reads_ = 0;
    std::optional<RandomStream> random_;
    Surroundings* const before_;
    const std::terminate_handler terminate_before_;
    const OverflowWatch overflow_watch_;
};

/// " in transfer(int)", or where to look with addr2line: " at program+0x1234". Empty: nothing is
/// known of this code.
std::string place_of(const void* caller);

/// "std::runtime_error: no such room", of the exception that is being handled.
std::string text_of_current_exception();

/// The fibers of the calling thread, if the caller is on one of them and may leave it; else null.
Fibers* simulated() noexcept;

}  // namespace drydock::sim

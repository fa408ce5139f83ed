// What the Asio contexts of a simulated program run in: the world's queue, the program's threads.
//
// On a real queue there are none: a context opens a queue of its own and its threads are the
// system's. In the simulator a program's threads are fibers of one thread of the system. A context
// must then not wait by itself; it parks its fiber here, and the completion function of an
// operation, which the world's loop calls, wakes it.
//
// Threads: one thread of the system, that of the run.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include <drydock/asio/options.hpp>
#include <drydock/queue.hpp>
#include <drydock/time.hpp>

namespace drydock::asio_detail {

/// A part of the program that a harness can stop from outside: a context.
class Stoppable {
public:
    /// Makes run() return as soon as possible, as io_context::stop() does.
    virtual void stop() noexcept = 0;
    /// Closes its sockets, as the end of the process does. Nothing of the program runs any more.
    virtual void close_sockets() noexcept = 0;

protected:
    ~Stoppable() = default;
};

/// A part of the program that waits for signals: a signal_set.
class SignalSink {
public:
    /// Signal `number` was raised. False: this set does not have it.
    virtual bool raised(int number) noexcept = 0;

protected:
    ~SignalSink() = default;
};

/// A part of the program that waits for its standard input: a stream_descriptor.
class InputSink {
public:
    /// There is something to read now: bytes, or the end.
    virtual void input_came() noexcept = 0;

protected:
    ~InputSink() = default;
};

/// The standard streams of a simulated program, and the descriptors that it has of them.
class StandardStreams {
public:
    StandardStreams() = default;
    StandardStreams(const StandardStreams&) = delete;
    StandardStreams& operator=(const StandardStreams&) = delete;

    /// The stream that a descriptor of the program stands for: 0 is its input, 1 its output, 2 its
    /// error output. -1: none.
    virtual int stream_of(int descriptor) const noexcept = 0;
    /// Closes a descriptor that stands for a stream.
    virtual void close_descriptor(int descriptor) noexcept = 0;
    /// Writes to stream 1 or 2.
    virtual void write(int stream, std::string_view text) = 0;
    /// Whether read() need not wait.
    virtual bool input_is_ready() const noexcept = 0;
    /// Parks the calling fiber until read() need not wait, or the run is over.
    virtual void wait_for_input() = 0;
    /// Reads up to `size` bytes of the input; 0 is its end. Waits as wait_for_input() does.
    virtual std::size_t read(std::byte* bytes, std::size_t size) = 0;

    /// A sink waits for input from now on, until leave().
    void join(InputSink& sink) { sinks_.push_back(&sink); }
    void leave(InputSink& sink) noexcept { std::erase(sinks_, &sink); }

protected:
    ~StandardStreams() = default;
    void tell_input_came() noexcept {
        for (InputSink* sink : std::vector(sinks_)) sink->input_came();
    }

private:
    std::vector<InputSink*> sinks_;
};

/// What is thrown at a parked fiber when the run is over, so that its objects are destroyed. It is
/// no std::exception, so that a program's `catch (const std::exception&)` lets it pass.
struct Unwinding {};

/// The surroundings of one simulated program.
class Surroundings {
public:
    Surroundings() = default;
    Surroundings(const Surroundings&) = delete;
    Surroundings& operator=(const Surroundings&) = delete;

    /// The queue of contexts that are given none: the world.
    virtual CompletionQueue& queue() noexcept = 0;
    /// Whether the caller runs on one of the program's fibers, and so can park.
    virtual bool on_fiber() const noexcept = 0;
    /// Parks the calling fiber until wake_one() or wake_all() with the same `key`, or until
    /// `deadline` on the queue's clock. False: the deadline came first. Others run meanwhile.
    /// Throws Unwinding when the run is over.
    virtual bool park(const void* key, Time deadline) = 0;
    /// Lets one of the fibers that are parked with `key` continue; which one is a choice of the
    /// world. It continues later, from the world's loop. False: none is parked. From fibers and
    /// from completion functions.
    virtual bool wake_one(const void* key) noexcept = 0;
    /// Lets all fibers that are parked with `key` continue.
    virtual void wake_all(const void* key) noexcept = 0;

    /// The options of contexts that are given none.
    virtual AsioOptions loop_options() const noexcept { return {}; }
    /// The endpoints of the host `name`, which is neither a numeric address nor "localhost"; their
    /// port does not matter. Empty: there is no such host.
    virtual std::vector<Endpoint> resolve(std::string_view) { return {}; }

    /// The standard streams of the program; null: they are the process's.
    virtual StandardStreams* standard_streams() noexcept { return nullptr; }

    /// A context has begun to exist, until leave().
    void join(Stoppable& part) { parts_.push_back(&part); }
    void leave(Stoppable& part) noexcept { std::erase(parts_, &part); }
    /// A signal set has begun to wait for signals, until leave().
    void join(SignalSink& sink) { sinks_.push_back(&sink); }
    void leave(SignalSink& sink) noexcept { std::erase(sinks_, &sink); }

    /// Raises signal `number` in the program. False: no signal set of the program has it.
    bool raise(int number) noexcept {
        bool taken = false;
        for (SignalSink* sink : std::vector(sinks_)) taken = sink->raised(number) || taken;
        return taken;
    }
    /// Stops every context of the program.
    void stop_contexts() noexcept {
        for (Stoppable* part : std::vector(parts_)) part->stop();
    }

    /// Closes the sockets of every context of the program.
    void close_sockets() noexcept {
        for (Stoppable* part : std::vector(parts_)) part->close_sockets();
    }

    /// No two surroundings of a process have the same.
    std::uint64_t id() const noexcept { return id_; }

    /// Those of the calling thread; null where no program is simulated.
    static Surroundings* current() noexcept { return current_; }
    /// Sets those of the calling thread, or none.
    static void set_current(Surroundings* surroundings) noexcept { current_ = surroundings; }

    /// What belongs to the calling thread of the program: the contexts that it runs, innermost
    /// first. A switch of fibers saves and restores it. For contexts.
    static void*& slot() noexcept { return slot_; }

protected:
    ~Surroundings() = default;

private:
    static inline std::atomic<std::uint64_t> last_id_{0};
    const std::uint64_t id_ = last_id_.fetch_add(1) + 1;
    std::vector<Stoppable*> parts_;
    std::vector<SignalSink*> sinks_;
    static inline constinit thread_local Surroundings* current_ = nullptr;
    static inline constinit thread_local void* slot_ = nullptr;
};

}  // namespace drydock::asio_detail

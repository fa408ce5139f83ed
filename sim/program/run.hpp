// One run of a program: its main() on a fiber, its end, its streams and its signals.
//
// The functions of the C library that concern the whole process (exit, abort, signal, write, ...)
// are defined in interposed.cpp; they ask current() whether a program's fiber calls them.
#pragma once

#include <array>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/sim/program.hpp>

#include "sim/program/capture.hpp"
#include "sim/program/fibers.hpp"

namespace drydock::sim::program_detail {

/// The signals of a program: what it does with each, and which were raised and not taken yet.
class Signals {
public:
    Signals() noexcept {
        for (sigset_t* set : {&blocked, &pending, &waited_for}) sigemptyset(set);
    }

    static constexpr int count = 65;  // numbers are from 1 to 64

    struct sigaction& action(int number) noexcept {
        return actions_[static_cast<std::size_t>(number)];
    }
    static bool valid(int number) noexcept { return number > 0 && number < count; }

    sigset_t blocked{};
    sigset_t pending{};
    sigset_t waited_for{};  // by sigwait() and its like
    int waiters = 0;
    std::uint64_t handled = 0;  // handlers that have run

private:
    std::array<struct sigaction, count> actions_{};
};

class ProgramRun final : public asio_detail::SignalSink, public asio_detail::StandardStreams {
public:
    ProgramRun(World& world, ProgramScenario& scenario);
    ProgramRun(const ProgramRun&) = delete;
    ProgramRun& operator=(const ProgramRun&) = delete;
    /// Unwinds what is left of the program.
    ~ProgramRun();

    /// The whole run.
    Task<void> run();

    /// The run whose program is the caller. Null: the caller is not on a fiber of a program.
    static ProgramRun* current() noexcept;

    // --- What the program does, on a fiber of its. ---

    void wrote(ProgramStream stream, std::string_view text);
    /// Bytes of the standard input; 0 is the end of the file. Parks while the input stays open.
    std::size_t read(char* bytes, std::size_t size);

    // asio_detail::StandardStreams
    int stream_of(int descriptor) const noexcept override;
    void close_descriptor(int descriptor) noexcept override;
    void write(int stream, std::string_view text) override;
    bool input_is_ready() const noexcept override;
    void wait_for_input() override;
    std::size_t read(std::byte* bytes, std::size_t size) override {
        return read(reinterpret_cast<char*>(bytes), size);
    }
    /// dup() of a descriptor that stands for a stream. The new one is no descriptor of the system,
    /// and above all that it has. -1: there are too many.
    int duplicate(int descriptor) noexcept;

    void at_exit(std::function<void()> function) { at_exit_.push_back(std::move(function)); }
    /// _Exit(): the program ends here, and nothing is unwound.
    [[noreturn]] void exit(int status) noexcept { fibers_.exit(status); }
    /// abort(): the run has failed.
    [[noreturn]] void abort(const std::string& why);
    /// An exception has left a thread of the program, or main(). It is the current exception.
    void threw(std::string_view where);
    /// A signal for a handler of the program, or a thread that waits for it.
    bool raised(int number) noexcept override;
    /// A signal for which the program has no handler: it ends the program, or nothing happens.
    /// False: the system must do what is to be done.
    bool unhandled(int number);
    /// Waits for one of `numbers`, until `deadline`. 0: the deadline came first.
    int wait_for_signal(const sigset_t& numbers, Time deadline);
    /// Waits until a handler of a signal has run.
    void wait_for_handler();
    Signals& signals() noexcept { return signals_; }

private:
    void run_main();
    void run_at_exit();
    void thread_ends() noexcept;
    void ended(const std::string& how, int status);
    void exits();
    void killed();
    void fail_as_it_aborts(const std::string& why);
    bool tell_to_end();
    Task<bool> wait_for_end(Duration patience);
    void fail_as_it_stays();
    Task<void> unwind();
    void handle(const struct sigaction& action, bool with_info, int number) noexcept;
    void tell_line(ProgramStream stream, std::string_view line);
    void end_lines();
    std::string last_words() const;

    World& world_;
    ProgramScenario& scenario_;
    Fibers fibers_;
    Capture capture_;
    Signals signals_;
    Lines lines_[2];
    AsyncEvent main_over_;
    std::vector<std::string> words_;
    std::vector<char*> argv_;
    std::vector<std::function<void()>> at_exit_;
    /// The streams of the descriptors that dup() has made, from first_duplicate on; -1: closed.
    static constexpr int first_duplicate = 0x1000'0000;
    std::array<signed char, 64> duplicates_;
    std::string input_;
    std::size_t input_read_ = 0;
    bool input_ends_ = false;
    bool main_left_ = false;  // by pthread_exit(): the last thread ends the process
    bool told_ = false;       // to end
    int killed_by_ = 0;       // the signal that has ended the program
    bool exited_ = false;     // by exit() or abort(): what is left is the process's
};

/// Makes the linker take the functions of process_calls.cpp.
void link_process_calls() noexcept;

}  // namespace drydock::sim::program_detail

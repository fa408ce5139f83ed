// ProgramScenario, and the course of a run: the program beside its clients, the end that it is
// told, and what is unwound.
#include <drydock/sim/program.hpp>

#include <cxxabi.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <typeinfo>
#include <utility>

#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "sim/memory.hpp"
#include "sim/program/interposed.hpp"
#include "sim/program/linked_program.hpp"
#include "sim/program/run.hpp"

namespace drydock::sim {

ProgramScenario::ProgramScenario() = default;
ProgramScenario::~ProgramScenario() = default;

Task<void> ProgramScenario::main(World& world) {
    program_detail::ProgramRun run(world, *this);
    co_await run.run();
}

int ProgramScenario::program(int argc, char** argv) {
    return program_detail::linked_program(argc, argv);
}

PeerPlan program_peer_plan(World& world, const PeerChoices& choices) {
    PeerPlan plan = choose_peer_plan(world, choices);
    plan.patience = std::chrono::minutes(1);
    return plan;
}

namespace program_detail {
namespace {

using asio_detail::Unwinding;

thread_local ProgramRun* running = nullptr;

constexpr std::size_t most_text = 1024 * 1024;
/// The virtual time that a program gets whose contexts are stopped and that knows no signal.
constexpr Duration after_stop = std::chrono::seconds(5);
/// Between two attempts to unwind the threads of a program.
constexpr Duration shortest_pause = std::chrono::microseconds(1);
constexpr Duration longest_pause = std::chrono::hours(1);

/// "std::runtime_error: no such room" of the current exception.
std::string text_of_current_exception() {
    const auto named = [](const char* symbol) {
        int status = 0;
        const std::unique_ptr<char, decltype(&std::free)> name(
            abi::__cxa_demangle(symbol, nullptr, nullptr, &status), &std::free);
        return std::string(name ? name.get() : symbol);
    };
    try {
        throw;
    } catch (const std::exception& exception) {
        return named(typeid(exception).name()) + ": " + exception.what();
    } catch (...) {
        const std::type_info* const type = abi::__cxa_current_exception_type();
        return type == nullptr ? "an exception" : named(type->name());
    }
}

std::string one_line(std::string_view text) {
    std::string line(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return line;
}

std::string name_of_signal(int number) {
    const char* const name = ::sigabbrev_np(number);
    return name == nullptr ? std::to_string(number) : std::string("SIG") + name;
}

/// The last line of the text, without its end. Empty: it has none.
std::string_view last_line(std::string_view text) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    return text.substr(text.rfind('\n') + 1);
}

}  // namespace

// --- the course of a run -------------------------------------------------------------------------

ProgramRun::ProgramRun(World& world, ProgramScenario& scenario)
    : world_(world),
      scenario_(scenario),
      fibers_(world, {.asio = scenario.asio_options()}),
      main_over_(world),
      words_(scenario.arguments()),
      input_(scenario.input()) {
    running = this;
    duplicates_.fill(-1);
    fibers_.set_streams(*this);
    link_process_calls();
    fibers_.on_exit([this] { killed_by_ == 0 ? exits() : killed(); });
    fibers_.on_thread_end([this] { thread_ends(); });
    fibers_.on_unhandled([this](int number) { return unhandled(number); });
    fibers_.on_resolve([this](std::string_view name) {
        const NoSwitch stay;
        return scenario_.resolve(name);
    });
    fibers_.join(*this);
    words_.insert(words_.begin(), scenario.program_name());
    for (std::string& word : words_) argv_.push_back(word.data());
    argv_.push_back(nullptr);
}

ProgramRun::~ProgramRun() {
    static_cast<asio_detail::Surroundings&>(fibers_).leave(*this);
    running = nullptr;  // what is unwound now is no part of the run
}

ProgramRun* ProgramRun::current() noexcept {
    return running != nullptr && simulated() != nullptr ? running : nullptr;
}

Task<void> ProgramRun::run() {
    fibers_.start([this] { run_main(); }, "main");
    co_await scenario_.clients(world_);
    const bool asked = scenario_.ends_by_itself() || tell_to_end();
    const Duration patience = scenario_.ending().patience;
    const bool ended = co_await wait_for_end(asked ? patience : std::min(patience, after_stop));
    if (!ended && asked) fail_as_it_stays();
    if (world_.failed()) co_return;  // the run ends here
    if (exited_) {
        // The run ends here, too. What this frame owns stays until then: its fibers have operations
        // in flight.
        world_.abandon();
        Timer timer(world_);
        co_await timer.after(longest_pause);
    }
    co_await unwind();
    // Objects on the stacks of threads that cannot be unwound stay, with what they have in flight:
    // a main() that would destroy a std::thread without a join().
    if (fibers_.abandoned() > 0) world_.abandon();
    memory_must_be_freed =
        ended && fibers_.abandoned() == 0 && scenario_.must_free_memory() && !world_.failed();
}

/// Ends the threads that are left, with the world's help, for the operations that they cancel.
Task<void> ProgramRun::unwind() {
    Timer timer(world_);
    for (Duration pause = shortest_pause; !fibers_.unwind(); pause *= 2) {
        if (pause > longest_pause) {
            world_.fail("program-stays",
                        "threads of the program cannot be ended: " + fibers_.waiting());
            co_return;
        }
        co_await timer.after(pause);
    }
}

void ProgramRun::run_main() {
    try {
        const int status = scenario_.program(static_cast<int>(words_.size()), argv_.data());
        fibers_.end_if_over();
        run_at_exit();
        ended("returned " + std::to_string(status) + " from main()", status);
    } catch (const Unwinding&) {
        // The run is over.
    } catch (const ThreadExit&) {
        main_left_ = true;
    } catch (...) {
        threw("main()");
    }
}

/// On the thread that ends. If it is the last one, it ends the program, once main() is gone.
void ProgramRun::thread_ends() noexcept {
    if (!main_left_ || exited_ || fibers_.living() > 1) return;
    main_left_ = false;
    try {
        run_at_exit();
        ended("ended with its last thread", 0);
    } catch (const Unwinding&) {
        // The run is over.
    } catch (const ThreadExit&) {
        ended("ended with its last thread", 0);
    } catch (...) {
        threw("a function of atexit()");
    }
}

void ProgramRun::run_at_exit() {
    while (!at_exit_.empty()) {
        const std::function<void()> function = std::move(at_exit_.back());
        at_exit_.pop_back();
        function();
    }
}

/// Tells the program to end. False: it knows no signal, so that its contexts were stopped instead.
bool ProgramRun::tell_to_end() {
    told_ = true;
    input_ends_ = true;
    fibers_.wake_all(&input_);
    tell_input_came();
    const ProgramEnding ending = scenario_.ending();
    for (const int number : ending.signals) {
        if (fibers_.raise(number)) return true;
    }
    if (ending.stops_contexts) fibers_.stop_contexts();
    return false;
}

Task<bool> ProgramRun::wait_for_end(Duration patience) {
    if (main_over_.is_set()) co_return true;
    Timer timer(world_);
    TaskGroup group(world_);
    group.spawn([this, &timer]() -> Task<void> {
        co_await main_over_.wait();
        timer.cancel();
    });
    const bool too_late = co_await timer.after(patience);
    if (too_late) main_over_.set();  // for the task that waits for it
    co_await group.join();
    co_return !too_late;
}

void ProgramRun::fail_as_it_stays() {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(scenario_.ending().patience).count();
    world_.fail("program-stays",
                "the program has not ended " + std::to_string(seconds) + " virtual seconds after " +
                    (scenario_.ends_by_itself() ? "the clients had ended"
                                                : "it had taken the signal that tells it to end") +
                    "; " + fibers_.waiting() + last_words());
}

// --- how a program ends --------------------------------------------------------------------------

void ProgramRun::ended(const std::string& how, int status) {
    const NoSwitch stay;
    end_lines();
    scenario_.status_ = status;
    if (!told_ && !scenario_.ends_by_itself()) {
        world_.fail("program-ended",
                    "the program " + how +
                        " before it was told to end, while its clients were there" + last_words());
    } else if (!scenario_.may_end_with(status)) {
        world_.fail("program-status",
                    "the program " + how + ", which is no status of success" + last_words());
    }
    main_over_.set();
}

/// The program has called exit(). Its fiber does not go on, and its objects stay as they are.
void ProgramRun::exits() {
    run_at_exit();
    exited_ = true;
    const int status = fibers_.exit_status().value_or(0) & 0xff;
    ended("called exit(" + std::to_string(status) + ")", status);
    static_cast<asio_detail::Surroundings&>(fibers_).close_sockets();
}

/// A signal has ended the program. If it is one that told it to end, that is its proper end.
void ProgramRun::killed() {
    const NoSwitch stay;
    end_lines();
    exited_ = true;
    scenario_.status_ = fibers_.exit_status();
    const ProgramEnding ending = scenario_.ending();
    const bool tells =
        std::find(ending.signals.begin(), ending.signals.end(), killed_by_) != ending.signals.end();
    if (!told_ || !tells) {
        world_.fail("program-ended", "the signal " + name_of_signal(killed_by_) +
                                         " ended the program, which has no handler for it" +
                                         last_words());
    }
    main_over_.set();
    static_cast<asio_detail::Surroundings&>(fibers_).close_sockets();
}

void ProgramRun::abort(const std::string& why) {
    fail_as_it_aborts(why);
    fibers_.abandon_running();
}

void ProgramRun::fail_as_it_aborts(const std::string& why) {
    const NoSwitch stay;
    end_lines();
    exited_ = true;
    if (std::current_exception() != nullptr) {
        world_.fail("program-threw", "the program was terminated by an exception: " +
                                         one_line(text_of_current_exception()));
    } else {
        world_.fail("program-aborted", "the program called abort()" +
                                           (why.empty() ? last_words() : ": " + one_line(why)));
    }
}

void ProgramRun::threw(std::string_view where) {
    const NoSwitch stay;
    end_lines();
    world_.fail("program-threw", "an exception left " + std::string(where) + ": " +
                                     one_line(text_of_current_exception()));
    main_over_.set();
}

std::string ProgramRun::last_words() const {
    for (const std::string* text : {&scenario_.errors(), &scenario_.output()}) {
        const std::string_view line = last_line(*text);
        if (!line.empty()) return "; its last words: '" + one_line(line.substr(0, 200)) + "'";
    }
    return {};
}

// --- streams -------------------------------------------------------------------------------------

void ProgramRun::wrote(ProgramStream stream, std::string_view text) {
    const NoSwitch stay;
    const auto index = static_cast<std::size_t>(stream);
    std::string& all = scenario_.texts_[index];
    all += text;
    if (all.size() > 2 * most_text) all.erase(0, all.size() - most_text);
    lines_[index].add(text, [&](std::string_view line) { tell_line(stream, line); });
    scenario_.on_output(world_, stream, text);
}

void ProgramRun::tell_line(ProgramStream stream, std::string_view line) {
    world_.printed(stream == ProgramStream::output ? "stdout" : "stderr", one_line(line));
}

void ProgramRun::end_lines() {
    for (const ProgramStream stream : {ProgramStream::output, ProgramStream::error}) {
        lines_[static_cast<std::size_t>(stream)].end(
            [&](std::string_view line) { tell_line(stream, line); });
    }
}

bool ProgramRun::input_is_ready() const noexcept {
    return input_read_ < input_.size() || !scenario_.input_stays_open() || input_ends_;
}

void ProgramRun::wait_for_input() {
    while (!input_is_ready()) {
        try {
            fibers_.park(&input_, never);
        } catch (const Unwinding&) {
            return;  // the C library may be the caller: the next wait of the fiber unwinds it
        }
    }
}

int ProgramRun::stream_of(int descriptor) const noexcept {
    if (descriptor < first_duplicate) return descriptor >= 0 && descriptor <= 2 ? descriptor : -1;
    const auto index = static_cast<std::size_t>(descriptor - first_duplicate);
    return index < duplicates_.size() ? duplicates_[index] : -1;
}

int ProgramRun::duplicate(int descriptor) noexcept {
    const auto free = std::find(duplicates_.begin(), duplicates_.end(), -1);
    if (free == duplicates_.end()) return -1;
    *free = static_cast<signed char>(stream_of(descriptor));
    return first_duplicate + static_cast<int>(free - duplicates_.begin());
}

void ProgramRun::close_descriptor(int descriptor) noexcept {
    // The first three stay: the process goes on to use them after the program.
    if (descriptor < first_duplicate || stream_of(descriptor) < 0) return;
    duplicates_[static_cast<std::size_t>(descriptor - first_duplicate)] = -1;
}

void ProgramRun::write(int stream, std::string_view text) {
    wrote(stream == 1 ? ProgramStream::output : ProgramStream::error, text);
}

std::size_t ProgramRun::read(char* bytes, std::size_t size) {
    wait_for_input();
    if (!input_is_ready()) return 0;
    const std::size_t given = input_.copy(bytes, size, input_read_);
    input_read_ += given;
    return given;
}

// --- signals -------------------------------------------------------------------------------------

bool ProgramRun::raised(int number) noexcept {
    if (!Signals::valid(number)) return false;
    if (signals_.waiters > 0 && sigismember(&signals_.waited_for, number) == 1) {
        sigaddset(&signals_.pending, number);
        fibers_.wake_all(&signals_);
        return true;
    }
    const struct sigaction action = signals_.action(number);
    const bool with_info = (action.sa_flags & SA_SIGINFO) != 0;
    if (!with_info && action.sa_handler == SIG_IGN) return false;
    if (sigismember(&signals_.blocked, number) == 1) {
        sigaddset(&signals_.pending, number);
        return true;
    }
    if (!with_info && action.sa_handler == SIG_DFL) return false;
    if ((action.sa_flags & static_cast<int>(SA_RESETHAND)) != 0) signals_.action(number) = {};
    fibers_.start([this, action, with_info, number] {
        handle(action, with_info, number);
        fibers_.wake_all(&signals_);  // pause() returns after a handler
    });
    return true;
}

bool ProgramRun::unhandled(int number) {
    if (!Signals::valid(number)) return false;
    const struct sigaction& action = signals_.action(number);
    if ((action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN) return true;
    switch (number) {
        case SIGCHLD:
        case SIGCONT:
        case SIGURG:
        case SIGWINCH:
            return true;  // by default, nothing happens
        case SIGABRT:
        case SIGBUS:
        case SIGFPE:
        case SIGILL:
        case SIGSEGV:
        case SIGSYS:
        case SIGTRAP:
        case SIGSTOP:
        case SIGTSTP:
        case SIGTTIN:
        case SIGTTOU:
            return false;  // a crash; or the process stops
        default:
            killed_by_ = number;
            fibers_.exit(128 + number);
    }
}

/// Runs the program's handler. An exception that leaves it ends the program.
void ProgramRun::handle(const struct sigaction& action, bool with_info, int number) noexcept {
    ++signals_.handled;
    if (!with_info) return action.sa_handler(number);
    siginfo_t info{};
    info.si_signo = number;
    action.sa_sigaction(number, &info, nullptr);
}

int ProgramRun::wait_for_signal(const sigset_t& numbers, Time deadline) {
    const auto take = [&] {
        for (int number = 1; number < Signals::count; ++number) {
            if (sigismember(&numbers, number) != 1) continue;
            if (sigismember(&signals_.pending, number) != 1) continue;
            sigdelset(&signals_.pending, number);
            return number;
        }
        return 0;
    };
    for (;;) {
        if (const int number = take()) return number;
        sigorset(&signals_.waited_for, &signals_.waited_for, &numbers);
        ++signals_.waiters;
        struct Waiting {
            Signals& signals;
            ~Waiting() {
                if (--signals.waiters == 0) sigemptyset(&signals.waited_for);
            }
        } const waiting{signals_};
        if (!fibers_.park(&signals_, deadline)) return take();
    }
}

void ProgramRun::wait_for_handler() {
    const std::uint64_t before = signals_.handled;
    while (signals_.handled == before) fibers_.park(&signals_, never);
}

}  // namespace program_detail
}  // namespace drydock::sim

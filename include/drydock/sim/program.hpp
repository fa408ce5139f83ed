// A program's main() as a scenario: the program runs unchanged, in the simulated world, beside
// clients that are coroutines.
//
//     class ChatScenario final : public sim::ProgramScenario {
//         std::vector<std::string> arguments() const override { return {"7000"}; }
//         Task<void> clients(sim::World& world) override {
//             Visitor visitor(world, "visitor", 1, sim::program_peer_plan(world));
//             co_await visitor.run(Endpoint::loopback(7000));
//         }
//     };
//
//     int main(int argc, char** argv) {
//         static constexpr auto chat = sim::scenario_info<ChatScenario>("chat", "a chat server");
//         static constexpr const sim::ScenarioInfo* scenarios[] = {&chat};
//         return sim::tool_main(argc, argv, scenarios);
//     }
//
// The CMake function drydock_simulated_program() compiles the program's files, renames their main,
// and links them with such a file. In the run, each thread of the program is a fiber of the one
// thread of the run; sleeping, clocks, locks, random numbers, signals, exit() and the standard
// streams are the world's.
//
// What happens, in order: the program's main() begins; clients() runs; when it has returned, the
// program is told to end (ending()); when main() has returned, or patience is over, every thread of
// the program is unwound where it waits. Properties that the run itself checks are in
// docs/PROPERTIES.md, under "Programs".
//
// The variables with static storage duration of a program live on from run to run of one process,
// as the program is not loaded anew. A farm makes up to 64 runs in one process, and takes a new one
// for the next run when a run has changed such a variable of the executable, or not freed all of
// its memory. What it cannot see are variables of shared libraries, and guards of statics that are
// initialized at their first use: so it runs the first seed of each failure alone once more, and
// says if that goes another way. A scenario with such a program says `fresh_process = true`. With
// --in-process (Isolation::threads) all runs are made in one process.
//
// The memory that the program allocates lies at the same addresses in each run of a seed, in each
// process; builds with a sanitizer excepted. Bytes of it that the program has not written yet, or
// has freed, are 0xDD.
//
// Linux on x86-64 and aarch64. Threads: all of it belongs to the thread of the run. Runs of
// programs may not be made in several threads of a process at the same time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/asio/options.hpp>
#include <drydock/endpoint.hpp>
#include <drydock/sim/peers.hpp>
#include <drydock/sim/run.hpp>
#include <drydock/sim/world.hpp>
#include <drydock/task.hpp>
#include <drydock/time.hpp>

#ifdef DRYDOCK_SCENARIO_MAIN
// In the scenario's files, which drydock_simulated_program() compiles: an executable has one symbol
// `main`, and that is the program's.
int main(int argc, char** argv) __asm__("drydock_scenario_main");
#endif

namespace drydock::sim {

namespace program_detail {
class ProgramRun;
}

/// How a program is told to end when the clients of its scenario are done.
struct ProgramEnding {
    /// The number of SIGTERM on Linux, which asks a program to end.
    static constexpr int terminate = 15;
    /// The number of SIGINT on Linux: Ctrl-C.
    static constexpr int interrupt = 2;

    /// These signals are raised, one after the other, until the program has a handler (std::signal,
    /// sigaction), a signal_set or a sigwait() for one of them.
    std::vector<int> signals = {terminate, interrupt};
    /// If it has none for any of them: its Asio contexts are stopped (io_context::stop()).
    bool stops_contexts = true;
    /// The virtual time that main() may take to return after that. A program that has taken a
    /// signal and not ended by then fails `program-stays`; one that knows no signal is unwound
    /// where it waits.
    Duration patience = std::chrono::seconds(60);
};

/// One of the standard streams that a program writes to.
enum class ProgramStream : std::uint8_t {
    output,  ///< the standard output
    error    ///< the standard error
};

/// A program and its clients. The class that is derived from it says which arguments the program
/// gets and what the clients do. The rest has defaults.
class ProgramScenario : public Scenario {
public:
    /// scenario_info() tells by this that the scenario runs a program.
    static constexpr bool runs_program = true;
    /// Whether each run gets a new process. The default: a process makes up to 64 runs, as long as
    /// none leaves anything behind that is known of.
    static constexpr bool fresh_process = false;

    ProgramScenario();
    ~ProgramScenario() override;

    /// Runs the program beside clients(). Not to be overridden.
    Task<void> main(World& world) final;

    // --- What a scenario says. ---

    /// The words of the program's command line after its name: argv[1] and those that follow.
    virtual std::vector<std::string> arguments() const { return {}; }
    /// The name of the program: argv[0].
    virtual std::string program_name() const { return "program"; }

    /// The clients. When it returns, the program is told to end. It may use the world as any
    /// scenario's main() does, and listen() where the program is the client. Nothing of it may be
    /// left when it returns. The program may not listen yet when it begins: see PeerPlan::patience
    /// and program_peer_plan().
    virtual Task<void> clients(World& world) = 0;

    /// What the program reads from its standard input (std::cin, stdin, read(0, ...)).
    virtual std::string input() const { return {}; }
    /// What comes after input(): the end of the file at once (false), or only when the program is
    /// told to end (true), for programs that serve until somebody presses Enter.
    virtual bool input_stays_open() const { return false; }

    /// What the program's Asio contexts do otherwise than Asio.
    virtual AsioOptions asio_options() const { return {}; }

    /// The addresses of the host `name`, when the program looks it up; their port does not matter.
    /// It is neither numeric nor "localhost". Empty: there is no such host.
    virtual std::vector<Endpoint> resolve(std::string_view) { return {}; }

    /// How the program is told to end.
    virtual ProgramEnding ending() const { return {}; }
    /// Whether the program ends by itself, before it is told to: a client. Then it is never told
    /// to, and clients() may return before or after it has ended. It must end within
    /// ending().patience after that. If it ends by exit(), its sockets are closed, its threads do
    /// not go on, and the run ends when clients() has returned. A socket on which a thread is just
    /// waiting in a synchronous call stays open, with its operations canceled.
    virtual bool ends_by_itself() const { return false; }
    /// Whether the program may end with this `status`: that of main() or of exit().
    virtual bool may_end_with(int status) const { return status == 0; }

    /// Whether the program must free the memory that it allocates (property `program-leaks`). It is
    /// looked for when main() has returned: a block that is not freed, and that no variable and no
    /// other block of the process has a pointer to, is leaked. In builds with a sanitizer it is not
    /// looked for.
    virtual bool must_free_memory() const { return true; }

    /// The program has written `text` to `stream`: what one call wrote. Called in the middle of a
    /// step of the program; it may call World::fail().
    virtual void on_output(World&, ProgramStream, std::string_view) {}

    // --- What happened. From clients(), on_output() and outcome(). ---

    /// What the program has written to its standard output so far; of a long text the last 1 MiB.
    const std::string& output() const noexcept { return texts_[0]; }
    /// What it has written to its standard error, in the same way.
    const std::string& errors() const noexcept { return texts_[1]; }
    /// What it ended with: the value that main() returned or exit() got. None: it has not ended.
    std::optional<int> status() const noexcept { return status_; }

protected:
    /// The program itself. The default is the main() of the files that drydock_simulated_program()
    /// was given. A test may have a function of its own here, with the arguments of a main().
    virtual int program(int argc, char** argv);

private:
    friend class program_detail::ProgramRun;

    std::string texts_[2];
    std::optional<int> status_;
};

/// choose_peer_plan() for a client of a program: the peer tries again, for up to a minute of
/// virtual time, when the program does not listen yet.
PeerPlan program_peer_plan(World& world, const PeerChoices& choices = {});

}  // namespace drydock::sim

// Running a scenario in a new world, and the report of a run.
//
// Everything here is single-threaded and uses no clock and no global state. Several threads may run
// worlds at the same time, each its own.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drydock/sim/choices.hpp>
#include <drydock/sim/events.hpp>
#include <drydock/sim/faults.hpp>
#include <drydock/sim/world.hpp>
#include <drydock/task.hpp>

namespace drydock::sim {

/// A server, its clients and the properties that must hold. Each run uses a new object, on one
/// thread. Several objects may be used at the same time, each on its own thread.
class Scenario {
public:
    Scenario() = default;
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
    virtual ~Scenario() = default;

    /// The whole run. `world` is the queue of the server and of its clients, and it makes the
    /// choices of the workload. When main() returns, no operation may be in flight, no socket or
    /// listener open and no task running (the property `nothing-pending`, and the rules about
    /// leaks).
    virtual Task<void> main(World& world) = 0;

    /// Sets one of the scenario's parameters, by its name and value; called before main(). False:
    /// the scenario has no parameter of that name, or the value is out of range.
    virtual bool set(std::string_view, std::uint64_t) { return false; }

    /// What was chosen for this run, for the line `options:` of a report: "clients=3 buffer=64".
    /// Called after the run.
    virtual std::string options() const { return {}; }

    /// What the clients saw, on one line. `explore` counts runs by outcome. Called after the run.
    virtual std::string outcome() const { return {}; }
    /// The outcomes of all runs that this run stands for, where World::equal_clients() was true:
    /// one for each way to name the equal clients (outcomes_of_equals() makes them). Called after
    /// the run.
    virtual std::vector<std::string> outcomes() const { return {outcome()}; }
};

/// For Scenario::outcomes(): what `tell` gives for each way to name `count` equal clients. Its
/// argument has, for each client from 0 on, the place from 0 on of the client that it is told as.
/// The first way is the one in which each client is itself.
std::vector<std::string> outcomes_of_equals(
    std::uint32_t count, const std::function<std::string(std::span<const std::uint32_t>)>& tell);

/// A parameter of a scenario. When a value is given, the scenario uses a small fixed workload
/// instead of choosing one.
struct Parameter {
    std::string_view name;       ///< letters, digits, - and _; the tool's option is --NAME
    std::string_view summary;    ///< for the help, in part of a sentence
    std::uint64_t least = 0;     ///< the least value
    std::uint64_t most = 0;      ///< the largest value
    std::uint64_t explored = 0;  ///< the value that `explore` uses if none is given
};

/// Whether `parameters` has one of that `name` whose range includes `value`.
inline bool in_range(std::span<const Parameter> parameters, std::string_view name,
                     std::uint64_t value) noexcept {
    for (const Parameter& known : parameters) {
        if (known.name == name) return value >= known.least && value <= known.most;
    }
    return false;
}

/// A property of a scenario, and what it expects, for reports: {"echo-prefix", "a client gets back
/// what it sent, byte for byte and in order"}.
struct Expectation {
    std::string_view property;  ///< its name, as World::fail() gets it
    std::string_view text;      ///< a clause, without a full stop
};

/// Where an exploration of a world that is too large stops going into its orders and its faults.
/// What lies within the bounds is explored completely. Without a value there is no bound. Bounds do
/// not go together with Reduction::sleep_sets, whose choice of one order may lie outside.
struct ExploreBounds {
    /// A schedule has at most so many overtakings: steps that are run though an older one is ready.
    std::optional<std::uint32_t> overtakings = {};
    /// A schedule has at most so many choices inside its steps that are not the benign one: faults
    /// that strike.
    std::optional<std::uint32_t> strikes = {};
    /// After so many steps all choices are benign, and the oldest step that is ready comes next.
    std::optional<std::uint32_t> steps = {};

    /// Whether there is a bound.
    bool any() const noexcept { return overtakings || strikes || steps; }
};

/// An entry in the list of scenarios. scenario_info() makes one for a class. It views texts and
/// arrays that must live as long as the program.
struct ScenarioInfo {
    /// As command lines and schedules have it: no spaces, and no other scenario of the list has it.
    std::string_view name;
    /// What the scenario shows, in part of a sentence.
    std::string_view summary;
    /// Makes a new object for each run. From any thread. What it throws leaves run().
    std::unique_ptr<Scenario> (*make)();
    /// The probes that a farm of 20,000 seeds or more must reach.
    std::span<const std::string_view> probes;
    /// The parameters that the scenario has.
    std::span<const Parameter> parameters;
    /// The faults that are active in `explore` if --faults is not given, in addition to `reorder`.
    FaultSet explored_faults;
    /// The bounds of `explore` if none is given, for worlds that are too large without.
    ExploreBounds explored_bounds = {};
    /// What each of the scenario's own properties expects. Reports of failures print it.
    std::span<const Expectation> properties = {};
    /// The page that explains the properties, each under a heading of its name. Empty: none does.
    std::string_view explained_in = {};
    /// A calm run must end within this many completions (the property `stuck`). 0: 20,000.
    std::uint64_t calm_bound = 0;
    /// It runs a whole program (sim::ProgramScenario). Such runs are made one at a time in a
    /// process, and `explore` refuses them: it cannot see what the program's threads and variables
    /// know.
    bool runs_program = false;
    /// Where runs are made in child processes, each gets a new one. False: a process makes up to 64
    /// runs, one after the other, as long as none of a program leaves variables with static storage
    /// duration changed, or memory that it has not freed.
    bool fresh_process = false;
};

/// The entry, with this `name` and `summary`, for a class that is derived from Scenario and has a
/// default constructor. The class says more about itself in static members, each of which it may
/// leave out: `parameters`, `probes` and `properties` (arrays of Parameter, std::string_view and
/// Expectation), `explored_faults`, `explored_bounds`,
/// `calm_bound`, `explained_in`.
///
///     constinit const ScenarioInfo lines = scenario_info<LineScenario>("lines", "a line server");
template <std::derived_from<Scenario> T>
constexpr ScenarioInfo scenario_info(std::string_view name, std::string_view summary) {
    ScenarioInfo info{};
    info.name = name;
    info.summary = summary;
    info.make = []() -> std::unique_ptr<Scenario> { return std::make_unique<T>(); };
    if constexpr (requires { T::parameters; }) info.parameters = T::parameters;
    if constexpr (requires { T::probes; }) info.probes = T::probes;
    if constexpr (requires { T::properties; }) info.properties = T::properties;
    if constexpr (requires { T::explored_faults; }) info.explored_faults = T::explored_faults;
    if constexpr (requires { T::explored_bounds; }) info.explored_bounds = T::explored_bounds;
    if constexpr (requires { T::calm_bound; }) info.calm_bound = T::calm_bound;
    if constexpr (requires { T::explained_in; }) info.explained_in = T::explained_in;
    if constexpr (requires { T::runs_program; }) info.runs_program = T::runs_program;
    if constexpr (requires { T::fresh_process; }) info.fresh_process = T::fresh_process;
    return info;
}

/// Values of parameters, by name.
using Settings = std::vector<std::pair<std::string, std::uint64_t>>;

/// A new object of `scenario` with these `settings`, which the caller owns. Null: a setting is
/// unknown or out of range (objection() says which). Throws what the scenario's constructor throws.
std::unique_ptr<Scenario> make(const ScenarioInfo& scenario, const Settings& settings);

/// Why make() gives null for these `settings` of `scenario`, as one sentence without a full stop.
/// Empty: it does not.
std::string objection(const ScenarioInfo& scenario, const Settings& settings);

/// How a run is made, beside its choices. The usual values are those of the tool.
struct RunOptions {
    /// The faults that the swarm may choose from.
    FaultSet faults = FaultSet::all();
    /// The faults that are active in any case.
    FaultSet always;
    /// The world becomes calm after this many completions, or after calm_after_time.
    std::uint64_t calm_after = 1500;
    /// The world becomes calm after this much virtual time, or after calm_after completions.
    Duration calm_after_time = std::chrono::seconds(60);
    /// A calm run must end within this many completions (the property `stuck`). 0: as many as the
    /// scenario says (ScenarioInfo::calm_bound), or 20,000.
    std::uint64_t calm_bound = 0;
    /// One step may make this many choices. A step that makes more never ends: it ends the process
    /// with an error message, since nothing else can interrupt it.
    std::uint64_t most_choices_in_step = 1'000'000;
    /// Gets the events of the run; it must outlive it. Null: none does.
    RunListener* listener = nullptr;
    /// The fault `network_reset` aborts at most this many connections of a run.
    std::uint64_t most_resets = ~std::uint64_t{0};
    /// At most this many hosts of a run crash: of the faults `crash` and `restart`.
    std::uint64_t most_crashes = ~std::uint64_t{0};
    /// The fault `partition` strikes at most this often in a run.
    std::uint64_t most_partitions = ~std::uint64_t{0};
    /// Receives on the connecting side (the clients') complete before all other operations, without
    /// a choice; those of hosts do not. So the explorer does not count orders that differ only in
    /// when a client sees something: these make no difference to the server.
    bool prompt_clients = false;
    /// Keep the schedule: Report::schedule, spans, outcome.
    bool record = false;
    /// Keep the last so many completions as text: Report::trace.
    std::size_t trace = 0;
    /// Keep a mark of each completion, to compare two runs: Report::marks.
    bool marks = false;
};

/// A completion of a run, as it came out of the queue.
struct Mark {
    std::uint64_t digest = 0;                  ///< of the run up to and including this completion
    Duration at{0};                            ///< virtual time since the beginning of the run
    std::size_t bytes = 0;                     ///< received or sent
    std::uint64_t connection = 0;              ///< its number in the run, from 1; 0: none
    OperationKind kind = OperationKind::none;  ///< of the operation
    Error error = Error::ok;                   ///< what it completed with
    bool accepted = false;  ///< on the accepted side of the connection, the server's
};

/// How often a run passed a probe.
struct ProbeHits {
    std::string_view name;   ///< as CompletionQueue::probe() got it
    std::uint64_t hits = 0;  ///< how often
};

/// How many lines of a program's output the report of a failure has at most.
inline constexpr std::size_t most_output_lines = 12;

/// The report of one run.
struct Report {
    bool passed = false;  ///< no property and no rule failed
    /// The property or rule that failed. Empty if the run passed.
    std::string property;
    /// The error message, without a full stop. Empty if the run passed.
    std::string sentence;
    /// What the run chose and which faults were active. Set if the run failed, or with
    /// RunOptions::trace or RunOptions::record.
    std::string options;
    /// The faults that were active. Empty for a run that has ended its process.
    FaultSet active_faults;
    std::uint64_t digest = 0;       ///< of all that happened; the same on every system
    std::uint64_t completions = 0;  ///< that came out of the queue
    std::uint64_t choices = 0;      ///< that were made
    Duration virtual_time{0};       ///< from the beginning of the run to its end
    std::string outcome;            ///< with RunOptions::record
    bool redundant = false;         ///< ended by the choice source as redundant; the rest is empty
    bool recorded = false;  ///< with RunOptions::record: the schedule below is that of the run
    /// How often the program entered a monitor. Where the fault `interleave` was not active, no
    /// other coroutine ran between the co_await and the entry.
    std::uint64_t monitor_entries = 0;
    std::vector<ProbeHits> probes;   ///< that the run passed, and faults that struck
    std::vector<Choice> schedule;    ///< with RunOptions::record
    std::vector<ChoiceSpan> spans;   ///< of the schedule; an outer span before its inner ones
    std::vector<std::string> trace;  ///< with RunOptions::trace
    /// The last lines that a simulated program wrote to its standard output and error.
    std::vector<std::string> output;
    std::vector<Mark> marks;  ///< with RunOptions::marks
};

/// Runs `scenario` once, in a new world that takes its choices from `choices`, as `options` say.
/// The same choices give the same report on every system. Neither object can be used for a second
/// run. It does not throw, except std::bad_alloc and what the scenario's own functions outside its
/// tasks throw. Blocks, on one thread.
Report run(Scenario& scenario, ChoiceSource& choices, const RunOptions& options = {});

/// Runs a new object of `scenario` with these `settings`. Throws std::invalid_argument, with the
/// sentence of objection(), if they are not valid.
Report run(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
           const RunOptions& options = {});

/// Runs a new object of `scenario` with choices from `seed`, and without settings.
Report run(const ScenarioInfo& scenario, std::uint64_t seed, const RunOptions& options = {});

/// A world without a scenario, as a queue that the caller owns and drives: for tests of the
/// contract itself. Its choices come from `seed`. All of `faults` are active from the beginning,
/// and the world never becomes calm. A violation aborts, as on the backends. For one thread.
std::unique_ptr<CompletionQueue> make_queue(std::uint64_t seed, FaultSet faults);

}  // namespace drydock::sim

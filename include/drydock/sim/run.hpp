// Running a scenario in a fresh world, and what a run reports.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <drydock/sim/choices.hpp>
#include <drydock/sim/faults.hpp>
#include <drydock/sim/world.hpp>
#include <drydock/task.hpp>

namespace drydock::sim {

/// What is simulated: a server, its clients and the properties that must hold. A new one for each
/// run.
class Scenario {
public:
    Scenario() = default;
    Scenario(const Scenario&) = delete;
    Scenario& operator=(const Scenario&) = delete;
    virtual ~Scenario() = default;

    /// The whole run: when it has ended, nothing may be in flight, open or running any more.
    virtual Task<void> main(World& world) = 0;

    /// Sets one of the scenario's parameters, before main(). False: it has none of that name, or
    /// the value is out of its range.
    virtual bool set(std::string_view, std::uint64_t) { return false; }

    /// What was chosen for this run, as "clients=3 buffer=64". Asked after the run.
    virtual std::string options() const { return {}; }

    /// What the peers of the server have seen, in one line: two runs with one outcome are the same
    /// to them. Asked after the run.
    virtual std::string outcome() const { return {}; }
};

/// A setting that makes a scenario's world small and known, instead of chosen.
struct Parameter {
    std::string_view name;
    std::string_view summary;
    std::uint64_t least = 0;
    std::uint64_t most = 0;
    std::uint64_t explored = 0;  ///< what `explore` takes where none is given
};

/// Whether there is a parameter of that name which takes that value.
inline bool in_range(std::span<const Parameter> parameters, std::string_view name,
                     std::uint64_t value) noexcept {
    for (const Parameter& known : parameters) {
        if (known.name == name) return value >= known.least && value <= known.most;
    }
    return false;
}

struct ScenarioInfo {
    std::string_view name;
    std::string_view summary;
    std::unique_ptr<Scenario> (*make)();
    /// The probes that a farm of the standard size must reach.
    std::span<const std::string_view> probes;
    std::span<const Parameter> parameters;
    /// The faults that `explore` lets strike anywhere where none are given, beside reorder.
    FaultSet explored_faults;
};

/// Values for parameters, by name.
using Settings = std::vector<std::pair<std::string, std::uint64_t>>;

/// A new instance with these settings. Null: one of them is unknown, or out of range.
std::unique_ptr<Scenario> make(const ScenarioInfo& scenario, const Settings& settings);

struct RunOptions {
    /// The kinds that the swarm may switch on.
    FaultSet faults = FaultSet::all();
    /// The kinds that are active in any case.
    FaultSet always;
    /// The fault phase ends after this many completions, or virtual seconds.
    std::uint64_t calm_after = 1500;
    Duration calm_after_time = std::chrono::seconds(60);
    /// Once calm, the run must end within this many completions.
    std::uint64_t calm_bound = 20000;
    /// The network aborts at most so many connections.
    std::uint64_t most_resets = ~std::uint64_t{0};
    /// Receives of connecting sides complete before all else, without a choice: clients see at once
    /// what comes, so when they see it multiplies no orders. For exploration; what a server can be
    /// made to do is the same.
    bool prompt_clients = false;
    /// Keep the choices, and the last so many events.
    bool record = false;
    std::size_t trace = 0;
    /// Keep a mark of each completion, to compare runs by.
    bool marks = false;
};

/// A completion as it came out.
struct Mark {
    std::uint64_t digest = 0;  ///< of the run, up to and with it
    Duration at{0};
    std::size_t bytes = 0;
    std::uint64_t connection = 0;  ///< the how-manieth of the run; 0: none
    OperationKind kind = OperationKind::none;
    Error error = Error::ok;
    bool accepted = false;  ///< on the server's side of the connection
};

struct ProbeHits {
    std::string_view name;
    std::uint64_t hits = 0;
};

struct Report {
    bool passed = false;
    /// The property or rule that was broken, and the sentence that says how. Empty when passed.
    std::string property;
    std::string sentence;
    std::string options;
    std::uint64_t digest = 0;
    std::uint64_t completions = 0;
    std::uint64_t choices = 0;
    Duration virtual_time{0};
    std::string outcome;     ///< with RunOptions::record
    bool redundant = false;  ///< given up by the source: nothing is told
    std::vector<ProbeHits> probes;
    std::vector<Choice> schedule;    ///< with RunOptions::record
    std::vector<ChoiceSpan> spans;   ///< of the schedule; an outer one before those inside it
    std::vector<std::string> trace;  ///< with RunOptions::trace
    std::vector<Mark> marks;         ///< with RunOptions::marks
};

/// Runs a scenario once. The same choices give the same report on every system.
Report run(Scenario& scenario, ChoiceSource& choices, const RunOptions& options = {});

/// The same with a new instance of the scenario. The settings must be good.
Report run(const ScenarioInfo& scenario, const Settings& settings, ChoiceSource& choices,
           const RunOptions& options = {});

/// The same with SeedChoices, and nothing set.
Report run(const ScenarioInfo& scenario, std::uint64_t seed, const RunOptions& options = {});

/// A world without a scenario, to be driven by hand: for tests of the contract itself. Of `faults`,
/// all are active from the beginning; a broken rule aborts.
std::unique_ptr<CompletionQueue> make_queue(std::uint64_t seed, FaultSet faults);

}  // namespace drydock::sim

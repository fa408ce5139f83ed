// Running a scenario in a fresh world, and what a run reports.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
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

    /// What was chosen for this run, as "clients=3 buffer=64". Asked after the run.
    virtual std::string options() const { return {}; }
};

struct ScenarioInfo {
    std::string_view name;
    std::string_view summary;
    std::unique_ptr<Scenario> (*make)();
    /// The probes that a farm of the standard size must reach.
    std::span<const std::string_view> probes;
};

struct RunOptions {
    /// The kinds that the swarm may switch on.
    FaultSet faults = FaultSet::all();
    /// The fault phase ends after this many completions, or virtual seconds.
    std::uint64_t calm_after = 1500;
    Duration calm_after_time = std::chrono::seconds(60);
    /// Once calm, the run must end within this many completions.
    std::uint64_t calm_bound = 20000;
    /// Keep the choices, and the last so many events.
    bool record = false;
    std::size_t trace = 0;
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
    std::vector<ProbeHits> probes;
    std::vector<Choice> schedule;    ///< with RunOptions::record
    std::vector<std::string> trace;  ///< with RunOptions::trace
};

/// Runs a scenario once. The same choices give the same report on every system.
Report run(Scenario& scenario, ChoiceSource& choices, const RunOptions& options = {});

/// The same with SeedChoices.
Report run(const ScenarioInfo& scenario, std::uint64_t seed, const RunOptions& options = {});

/// A world without a scenario, to be driven by hand: for tests of the contract itself. Of `faults`,
/// all are active from the beginning; a broken rule aborts.
std::unique_ptr<CompletionQueue> make_queue(std::uint64_t seed, FaultSet faults);

}  // namespace drydock::sim

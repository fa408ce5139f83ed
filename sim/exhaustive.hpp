// The choices of an exploration, depth first: each run takes the choices of its prefix again and
// the next option of the last one that has options left. What cannot matter is left out: steps that
// sleep, or states that were explored before.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <drydock/monitor.hpp>
#include <drydock/sim/choices.hpp>
#include <drydock/sim/explore.hpp>

#include "sim/footprints.hpp"
#include "sim/histories.hpp"
#include "sim/state_table.hpp"
#include "sim/trace_order.hpp"

namespace drydock::sim {

/// What runs were, each counted once: where states are left out, with the state that they have left
/// last.
struct Tally {
    std::uint64_t ended = 0;     ///< runs to the end
    std::uint64_t edges = 0;     ///< ways from the state to other ones
    std::uint64_t failures = 0;  ///< of the runs to the end
    std::map<std::string, std::uint64_t> outcomes;

    void add(const Tally& other);
};

class ExhaustiveChoices final : public ChoiceSource,
                                public StepWatcher,
                                public detail::MonitorLives {
public:
    /// `worker` says in which order it takes options: the first one from the first to the last, the
    /// second one from the last to the first, others from anywhere.
    ExhaustiveChoices(const ExploreOptions& options, StateTable& explored, unsigned worker);

    // --- one run ---

    void begin_run();
    void end_run();
    bool redundant() const noexcept override { return redundant_; }
    /// Of the run that has just ended, which was not redundant. None: too many.
    std::optional<double> orders() const { return sleeps_ ? count_orders(trace_) : 1.0; }
    /// How many clients are equal, if only one order of their beginnings is explored; or 0.
    std::uint32_t equal_clients() const noexcept {
        return static_cast<std::uint32_t>(equals_.size());
    }
    /// What the run has come to; several outcomes if it stands for as many.
    void note_end(const std::vector<std::string>& outcomes, bool passed);

    // --- from run to run ---

    /// Turns to the next schedule. False: all have been run. `schedules`: for how many this run
    /// stood.
    bool advance(double schedules);
    /// All schedules, once advance() was false.
    double all_schedules() const noexcept { return all_schedules_; }
    /// Of what this worker has finished.
    const Tally& tally() const noexcept { return tally_; }
    /// The same with what it has begun.
    Tally tally_of_all() const;
    /// Which bounds have left something out.
    const Exploration::LeftOut& left_out() const noexcept { return left_out_; }
    /// How much of the tree of choices lies behind it, from 0 to 1.
    double done_part() const noexcept;

    // --- ChoiceSource, StepWatcher ---

    StepWatcher* watcher() noexcept override { return this; }
    std::uint32_t choose(std::uint32_t options, const char* label) noexcept override;
    std::uint32_t flip(std::uint32_t, const char* label) noexcept override {
        return choose(2, label);
    }
    std::uint32_t choose_step(std::span<const Step> ready,
                              const StateView& network) noexcept override;
    bool equal_clients(std::uint32_t count) noexcept override;
    bool counts_overtakings() const noexcept override {
        return options_.bounds.overtakings || options_.bounds.steps;
    }
    void begins(std::uint64_t number, std::uint64_t told) noexcept override {
        if (merges_) histories_.begins(number, told);
    }
    std::uint64_t started(const void* operation) noexcept override;
    void waits(const void* operation) noexcept override {
        if (merges_) histories_.waits(operation);
    }
    void abandoned(const void* operation, std::uint64_t number) noexcept override {
        if (merges_) histories_.abandoned(operation, number);
    }
    void learned(std::uint64_t value) noexcept override {
        if (merges_) histories_.learned(value);
    }
    void settled(std::uint64_t value) noexcept override {
        if (merges_) histories_.settled(value);
    }
    void begins_anew(std::uint64_t identity) noexcept override {
        if (merges_) histories_.begins_anew(identity);
    }
    void spawns() noexcept override {
        spawns_ = true;
        if (merges_) histories_.spawns();
    }
    void created(const void* object, Owner owner) noexcept override {
        if (sleeps_) footprints_.created(object);
        if (merges_) histories_.created(object, owner);
    }
    void touched(const void* object, Owner owner) noexcept override {
        if (sleeps_) footprints_.touched(object);
        if (merges_) histories_.touched(object, owner);
    }
    void left(const void* object, const StateView& view) noexcept override {
        if (merges_) histories_.left(object, view);
    }
    void gave(const void* object) noexcept override {
        if (sleeps_) footprints_.touched(object);
        if (merges_) histories_.gave(object);
    }
    void time_passes() noexcept override { footprints_.end_step(); }
    void monitor_made(const void* monitor, bool can_be_hashed) noexcept override {
        created(monitor, can_be_hashed ? Owner::open_program : Owner::program);
    }
    void monitor_gone(const void* monitor) noexcept override { gone(monitor, Owner::program); }
    void gone(const void* object, Owner) noexcept override {
        if (sleeps_) footprints_.gone(object);
        if (merges_) histories_.gone(object);
    }

private:
    /// What a step decided inside itself: the values of its choices. Each variant is a step of its
    /// own.
    using Variant = std::vector<std::uint32_t>;
    /// A step that was explored from here on already.
    struct Sleeper {
        std::uint64_t start = 0;
        bool all_variants = false;
        Variant variant;
        Footprint footprint;
    };
    /// One decision of the current run: a choice, or which step comes next.
    struct Node {
        bool is_step = false;
        std::uint32_t value = 0;
        std::uint32_t options = 0;
        std::uint32_t first = 0;    // the option that is taken first
        std::uint32_t turn = 0;     // how many options are done
        std::vector<double> below;  // schedules, of each option that is done
        // Of a step:
        std::uint64_t state = 0;
        Tally tally;
        std::vector<std::uint64_t> ready;  // starts
        std::vector<Sleeper> sleepers;
        std::vector<std::uint64_t> done;  // starts that are explored in full or are left out
        std::size_t left_out = 0;         // how many of these were there from the beginning
        Footprint footprint;              // of all variants of the step that is being explored
    };
    struct Made {
        std::uint64_t start = 0;
        std::size_t node = 0;
        Variant variant;
    };
    struct ReadySince {
        std::uint64_t start;
        std::size_t step;
        bool waited;
    };
    /// The first step of one of several equal clients.
    struct Equal {
        std::uint64_t start;
        bool begun;
    };
    /// What the bounds count.
    struct Spent {
        std::uint32_t overtakings = 0;
        std::uint32_t strikes = 0;
        std::uint32_t steps = 0;
    };

    std::uint32_t first_option(std::uint32_t options) const noexcept;
    std::uint32_t option_at(const Node& node) const noexcept;
    static double sum(std::vector<double>& parts) noexcept;
    Tally& tally_of_last_step() noexcept;
    void open_step(std::uint64_t start);
    void close_step();
    void note_ready(std::span<const Step> ready);
    bool add_step_node(std::span<const Step> ready, const StateView& network);
    std::uint64_t state_with(std::uint64_t network_state, std::span<const Step> ready) const;
    void leave_out(Node& node, std::span<const Step> ready);
    void keep_equals_in_order(Node& node) const;
    bool choose_undone(Node& node) const noexcept;
    void finish_variant();
    bool turn_to_next(Node& node);
    void pop_step(double below);

    const ExploreOptions& options_;
    const bool sleeps_;
    const bool merges_;
    const unsigned worker_;
    StateTable& explored_;
    std::vector<Node> nodes_;
    Tally tally_;
    Tally before_first_step_;
    double all_schedules_ = 0;
    Exploration::LeftOut left_out_;

    // The current run:
    std::size_t next_ = 0;  // node
    bool redundant_ = false;
    double known_below_ = 0;  // redundant: for so many schedules
    Histories histories_;
    Footprints footprints_;
    std::vector<Equal> equals_;
    std::uint32_t equals_to_come_ = 0;
    bool spawns_ = false;
    std::uint64_t starts_ = 0;
    Spent spent_;
    std::vector<Made> steps_;       // the first stands for what happens before the first step
    std::vector<TraceStep> trace_;  // as many, once all are closed
    std::vector<ReadySince> ready_since_;
    TraceStep current_;
};

}  // namespace drydock::sim

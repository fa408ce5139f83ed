// Depth-first search over choices, which runs the program anew from the beginning for each schedule
// and leaves out what cannot matter: steps that sleep, or states that were explored before.
#include <drydock/sim/explore.hpp>

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include <drydock/hash.hpp>

#include "sim/invalid.hpp"
#include "sim/trace_order.hpp"

namespace drydock::sim {
namespace {

// A world that is explored has long ended by then; one that does not end must turn calm to be
// told from one that is slow.
constexpr std::uint64_t calm_after = 5000;

// One connection that is aborted, at any place: a second one adds a hundred times as many states.
// The same for a host that crashes, and for a partition.
constexpr std::uint64_t most_resets = 1;
constexpr std::uint64_t most_crashes = 1;
constexpr std::uint64_t most_partitions = 1;

/// What a step decided inside itself: the values of its choices. Each variant is a step of its own.
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
    double schedules = 0;  // below it, of the options that are done
    // Of a step:
    std::uint64_t state = 0;
    std::vector<std::uint64_t> ready;  // starts
    std::vector<Sleeper> sleepers;
    std::vector<std::uint64_t> done;  // starts that were explored in full, here or by others
    Footprint footprint;              // of all variants of the step that is being explored
};

class ExhaustiveChoices final : public ChoiceSource, public StepWatcher {
public:
    explicit ExhaustiveChoices(Reduction reduction) noexcept
        : sleeps_(reduction == Reduction::sleep_sets), merges_(reduction == Reduction::states) {}

    // --- one run ---

    void begin_run() {
        next_ = 0;
        redundant_ = false;
        known_below_ = 0;
        trace_.clear();
        objects_.clear();
        steps_.assign(1, {});
        ready_since_.clear();
        open_step(0);
    }

    StepWatcher* watcher() noexcept override { return this; }
    bool redundant() const noexcept override { return redundant_; }

    std::uint32_t choose(std::uint32_t options, const char*) noexcept override {
        if (next_ == nodes_.size()) {
            Node node;
            node.options = options;
            nodes_.push_back(std::move(node));
        }
        const std::uint32_t value = nodes_[next_++].value;
        if (sleeps_) steps_.back().variant.push_back(value);
        return value;
    }
    std::uint32_t flip(std::uint32_t, const char* label) noexcept override {
        return choose(2, label);
    }

    std::uint32_t choose_step(std::span<const Step> ready,
                              const StateView& network) noexcept override {
        close_step();
        if (redundant_) return 0;
        if (sleeps_) note_ready(ready);
        if (next_ == nodes_.size() && !add_step_node(ready, network)) {
            redundant_ = true;
            return 0;
        }
        const std::size_t place = next_++;
        const std::uint32_t value = nodes_[place].value;
        steps_.push_back({ready[value].start, place, {}});
        open_step(ready[value].start);
        return value;
    }

    void begins(std::uint64_t number, std::uint64_t told) noexcept override {
        remember();
        history_ = hash_of({number, told});
    }
    std::uint64_t started() noexcept override { return hash_of({history_, ++made_}); }
    void learned(std::uint64_t value) noexcept override { history_ = hash_of({history_, value}); }

    void created(const void* object, Owner owner) noexcept override {
        const auto known = find(object);
        if (known != objects_.end()) objects_.erase(known);
        const std::uint64_t number = (steps_.back().start << 16) + ++made_;
        objects_.push_back({object, number, hash_of({history_, made_}), owner, true});
        if (sleeps_ && !between_steps_) current_.footprint.add(number);
    }

    void touched(const void* object, Owner owner) noexcept override {
        auto known = find(object);
        if (known == objects_.end()) {
            current_.footprint.found = current_.footprint.found || !between_steps_;
            created(object, owner);
            known = objects_.end() - 1;
            known->touched = false;
        }
        if (sleeps_ && !between_steps_) current_.footprint.add(known->number);
        if (owner != Owner::program || known->touched) return;
        known->touched = true;
        history_ = hash_of({history_, known->version});
    }

    void left(const void* object, const StateView& view) noexcept override {
        const auto known = merges_ ? find(object) : objects_.end();
        if (known != objects_.end()) known->version = view.hash(view.state);
    }

    void time_passes() noexcept override { between_steps_ = true; }

    void gone(const void* object, Owner) noexcept override {
        const auto known = find(object);
        if (known != objects_.end()) objects_.erase(known);
    }

    void end_run() {
        if (!redundant_) close_step();
    }

    /// Of the run that has just ended, which was not redundant. None: too many.
    std::optional<double> orders() const { return sleeps_ ? count_orders(trace_) : 1.0; }

    // --- from run to run ---

    /// Turns to the next schedule. False: all have been run. `schedules`: for how many this run
    /// stood.
    bool advance(double schedules) {
        double below = redundant_ ? known_below_ : schedules;
        finish_variant();
        while (!nodes_.empty()) {
            Node& node = nodes_.back();
            node.schedules += below;
            if (node.is_step ? turn_to_next_step(node) : ++node.value < node.options) return true;
            below = node.schedules;
            const bool was_step = node.is_step;
            if (was_step && merges_) explored_.emplace(node.state, below);
            nodes_.pop_back();
            if (!was_step) continue;
            steps_.pop_back();
            trace_.pop_back();
            finish_variant();
        }
        all_schedules_ = below;
        return false;
    }
    bool done() const noexcept { return nodes_.empty(); }
    double all_schedules() const noexcept { return all_schedules_; }
    std::size_t states() const noexcept { return explored_.size(); }

private:
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
    struct Object {
        const void* address;
        std::uint64_t number;   // for footprints
        std::uint64_t version;  // a hash of all that was done to it
        Owner owner;
        bool touched;  // by the current step
    };

    std::vector<Object>::iterator find(const void* address) noexcept {
        return std::find_if(objects_.begin(), objects_.end(),
                            [&](const Object& object) { return object.address == address; });
    }

    void open_step(std::uint64_t start) {
        current_ = TraceStep{};
        between_steps_ = false;
        made_ = 0;
        history_ = start;
        const auto since =
            std::find_if(ready_since_.begin(), ready_since_.end(),
                         [&](const ReadySince& known) { return known.start == start; });
        if (since == ready_since_.end()) return;
        current_.ready_after = since->step;
        current_.after_all = since->waited;
        ready_since_.erase(since);
    }

    /// The step that is being made has come to its end. Is it one that sleeps?
    void close_step() {
        trace_.push_back(std::move(current_));
        remember();
        if (!sleeps_ || steps_.size() == 1) return;
        const Made& made = steps_.back();
        for (const Sleeper& sleeper : nodes_[made.node].sleepers) {
            const bool same = !sleeper.all_variants && sleeper.start == made.start &&
                              sleeper.variant == made.variant;
            redundant_ = redundant_ || same;
        }
    }

    /// What was touched has been touched by all that the step has done so far.
    void remember() noexcept {
        for (Object& object : objects_) {
            if (object.owner == Owner::program && object.touched) {
                object.version = hash_of({object.version, history_});
            }
            object.touched = false;
        }
    }

    void note_ready(std::span<const Step> ready) {
        for (const Step& step : ready) {
            const bool known =
                std::any_of(ready_since_.begin(), ready_since_.end(),
                            [&](const ReadySince& since) { return since.start == step.start; });
            // The first of `trace_` is what happened before the first step.
            if (!known) ready_since_.push_back({step.start, trace_.size(), step.waited});
        }
    }

    std::uint64_t state_with(std::uint64_t network_state) const noexcept {
        std::uint64_t sum = 0;
        for (const Object& object : objects_) {
            if (object.owner != Owner::network) sum += hash_of({1, object.version});
        }
        return hash_of({network_state, sum});
    }

    /// False: all that could come next sleeps, or was explored from this state on.
    bool add_step_node(std::span<const Step> ready, const StateView& network) {
        Node node;
        node.is_step = true;
        node.options = static_cast<std::uint32_t>(ready.size());
        for (const Step& step : ready) node.ready.push_back(step.start);
        if (merges_) {
            node.state = state_with(network.hash(network.state));
            const auto known = explored_.find(node.state);
            if (known != explored_.end()) {
                known_below_ = known->second;
                return false;
            }
        }
        if (sleeps_ && steps_.size() > 1) {
            for (const Sleeper& sleeper : nodes_[steps_.back().node].sleepers) {
                if (sleeper.footprint.depends_on(trace_.back().footprint)) continue;
                node.sleepers.push_back(sleeper);
                if (sleeper.all_variants) node.done.push_back(sleeper.start);
            }
        }
        const bool found = choose_undone(node);
        if (found) nodes_.push_back(std::move(node));
        return found;
    }

    static bool choose_undone(Node& node) noexcept {
        for (std::uint32_t i = 0; i < node.ready.size(); ++i) {
            if (std::find(node.done.begin(), node.done.end(), node.ready[i]) == node.done.end()) {
                node.value = i;
                return true;
            }
        }
        return false;
    }

    /// The last step of `steps_`, as it was made, has been explored with all that can follow.
    void finish_variant() {
        if (!sleeps_ || steps_.size() < 2) return;
        const Made& made = steps_.back();
        Node& node = nodes_[made.node];
        const Footprint& footprint = trace_.back().footprint;
        node.sleepers.push_back({made.start, false, made.variant, footprint});
        for (const std::uint64_t object : footprint.objects) node.footprint.add(object);
        node.footprint.found = node.footprint.found || footprint.found;
    }

    /// All variants of the node's step are done.
    bool turn_to_next_step(Node& node) {
        const std::uint64_t start = node.ready[node.value];
        node.done.push_back(start);
        if (sleeps_) node.sleepers.push_back({start, true, {}, std::exchange(node.footprint, {})});
        return choose_undone(node);
    }

    const bool sleeps_;
    const bool merges_;
    std::vector<Node> nodes_;
    // States, and the schedules from there on.
    std::map<std::uint64_t, double> explored_;
    double all_schedules_ = 0;

    // The current run:
    std::size_t next_ = 0;  // node
    bool redundant_ = false;
    double known_below_ = 0;  // redundant: for so many schedules
    std::vector<Object> objects_;
    std::vector<Made> steps_;       // the first stands for what happens before the first step
    std::vector<TraceStep> trace_;  // as many, once all are closed
    std::vector<ReadySince> ready_since_;

    // The current step:
    TraceStep current_;
    bool between_steps_ = false;  // it has ended, and time has passed
    std::uint64_t history_ = 0;   // a hash of all that has made it what it is
    std::uint64_t made_ = 0;      // operations and objects
};

}  // namespace

RunOptions explored_run(const RunOptions& options) {
    RunOptions run = options;
    run.faults = FaultSet();
    run.always = run.always.with(Fault::reorder);
    run.prompt_clients = true;
    run.most_resets = std::min(run.most_resets, most_resets);
    run.most_crashes = std::min(run.most_crashes, most_crashes);
    run.most_partitions = std::min(run.most_partitions, most_partitions);
    run.calm_after = std::max(run.calm_after, calm_after);
    run.record = true;
    return run;
}

Exploration explore(const std::function<std::unique_ptr<Scenario>()>& make,
                    ExploreOptions options) {
    options.run = explored_run(options.run);
    Exploration found;
    ExhaustiveChoices choices(options.reduction);
    bool countable = true;
    double stood_for = 0;
    do {
        choices.begin_run();
        Report report = run(*make(), choices, options.run);
        choices.end_run();
        found.completions += report.completions;
        found.monitor_entries += report.monitor_entries;
        if (choices.redundant()) {
            ++found.cut;
            stood_for = 0;
            continue;
        }
        ++found.schedules;
        found.longest = std::max(found.longest, report.choices);
        ++found.outcomes[report.passed ? report.outcome : report.property];
        const std::optional<double> orders = countable ? choices.orders() : std::nullopt;
        countable = orders.has_value();
        stood_for = orders.value_or(0);
        if (report.passed) continue;
        ++found.failures;
        if (!found.failure) found.failure = std::move(report);
        if (!options.all_failures) break;
    } while (choices.advance(stood_for) && !options.stop());
    found.states = choices.states();
    found.complete = choices.done();
    if (found.complete && countable) found.unreduced = choices.all_schedules();
    return found;
}

std::string explore_objection(const ScenarioInfo& scenario) {
    if (!scenario.runs_program) return {};
    return "the scenario '" + std::string(scenario.name) +
           "' cannot be explored: it runs a program, and what its threads and variables know "
           "cannot be compared";
}

Exploration explore(const ScenarioInfo& scenario, ExploreOptions options) {
    if (const std::string complaint = explore_objection(scenario); !complaint.empty()) {
        refuse_argument(complaint);
    }
    const Settings settings = options.settings;
    if (make(scenario, settings) == nullptr) {
        refuse_argument(objection(scenario, settings));
    }
    if (options.run.calm_bound == 0) options.run.calm_bound = scenario.calm_bound;
    return explore([&] { return make(scenario, settings); }, std::move(options));
}

}  // namespace drydock::sim

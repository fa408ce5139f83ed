// The tree of choices: which option comes next, what is left out, and how many schedules it holds.
#include "sim/exhaustive.hpp"

#include <algorithm>
#include <utility>

#include <drydock/hash.hpp>

namespace drydock::sim {

void Tally::add(const Tally& other) {
    ended += other.ended;
    edges += other.edges;
    failures += other.failures;
    for (const auto& [outcome, count] : other.outcomes) outcomes[outcome] += count;
}

ExhaustiveChoices::ExhaustiveChoices(const ExploreOptions& options, StateTable& explored,
                                     unsigned worker)
    : options_(options),
      sleeps_(options.reduction == Reduction::sleep_sets),
      merges_(options.reduction == Reduction::states),
      worker_(worker),
      explored_(explored) {}

// --- one run -------------------------------------------------------------------------------------

void ExhaustiveChoices::begin_run() {
    next_ = 0;
    redundant_ = false;
    known_below_ = 0;
    histories_.begin_run();
    footprints_.begin_run();
    equals_.clear();
    equals_to_come_ = 0;
    spawns_ = false;
    starts_ = 0;
    spent_ = {};
    trace_.clear();
    steps_.assign(1, {});
    ready_since_.clear();
    open_step(0);
}

void ExhaustiveChoices::end_run() {
    if (!redundant_) close_step();
}

void ExhaustiveChoices::note_end(const std::vector<std::string>& outcomes, bool passed) {
    Tally& tally = tally_of_last_step();
    ++tally.ended;
    if (!passed) ++tally.failures;
    if (!passed && sleeps_) trace_.back().footprint.last = true;
    for (const std::string& outcome : outcomes) ++tally.outcomes[outcome];
}

/// Where states are not told apart, each run is counted at once.
Tally& ExhaustiveChoices::tally_of_last_step() noexcept {
    if (!merges_) return tally_;
    for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
        if (node->is_step) return node->tally;
    }
    return before_first_step_;
}

Tally ExhaustiveChoices::tally_of_all() const {
    Tally all = tally_;
    all.add(before_first_step_);
    for (const Node& node : nodes_) all.add(node.tally);
    return all;
}

std::uint32_t ExhaustiveChoices::choose(std::uint32_t options, const char*) noexcept {
    if (redundant_) return 0;  // the run ends with the completion that is being taken
    if (next_ == nodes_.size()) {
        Node node;
        node.options = options;
        const ExploreBounds& bounds = options_.bounds;
        const bool spent = bounds.strikes && spent_.strikes >= *bounds.strikes;
        const bool too_deep = bounds.steps && spent_.steps > *bounds.steps;
        if (spent || too_deep) {
            node.options = 1;
            if (options > 1) left_out_.add({false, spent, too_deep});
        }
        node.first = first_option(node.options);
        node.value = option_at(node);
        nodes_.push_back(std::move(node));
    }
    const std::uint32_t value = nodes_[next_++].value;
    if (value > 0) ++spent_.strikes;
    if (sleeps_) steps_.back().variant.push_back(value);
    return value;
}

std::uint32_t ExhaustiveChoices::choose_step(std::span<const Step> ready,
                                             const StateView& network) noexcept {
    close_step();
    if (redundant_) return 0;
    ++spent_.steps;
    if (sleeps_) note_ready(ready);
    if (next_ == nodes_.size() && !add_step_node(ready, network)) {
        redundant_ = true;
        return 0;
    }
    const std::size_t place = next_++;
    const std::uint32_t value = nodes_[place].value;
    const std::uint64_t start = ready[value].start;
    if (value > 0) ++spent_.overtakings;
    for (Equal& equal : equals_) equal.begun = equal.begun || equal.start == start;
    steps_.push_back({start, place, {}});
    open_step(start);
    return value;
}

bool ExhaustiveChoices::equal_clients(std::uint32_t count) noexcept {
    // An older step may be one of any client: a bound on overtakings is not the same for all.
    if (!merges_ || !options_.symmetry || counts_overtakings() || !equals_.empty() || count < 2)
        return false;
    equals_to_come_ = count;
    return true;
}

std::uint64_t ExhaustiveChoices::started(const void* operation) noexcept {
    ++starts_;  // as the world counts them
    if (std::exchange(spawns_, false) && equals_to_come_ > 0) {
        --equals_to_come_;
        equals_.push_back({starts_, false});
    }
    return merges_ ? histories_.started(operation) : 0;
}

void ExhaustiveChoices::open_step(std::uint64_t start) {
    if (merges_) return histories_.begin_step();
    if (!sleeps_) return;
    footprints_.begin_step(start);
    current_ = TraceStep{};
    const auto since = std::find_if(ready_since_.begin(), ready_since_.end(),
                                    [&](const ReadySince& known) { return known.start == start; });
    if (since == ready_since_.end()) return;
    current_.ready_after = since->step;
    current_.after_all = since->waited;
    ready_since_.erase(since);
}

/// The step that is being made has come to its end. Is it one that sleeps?
void ExhaustiveChoices::close_step() {
    if (merges_) return histories_.end_step();
    if (!sleeps_) return;
    current_.footprint = footprints_.footprint();
    trace_.push_back(std::move(current_));
    if (steps_.size() == 1) return;
    const Made& made = steps_.back();
    for (const Sleeper& sleeper : nodes_[made.node].sleepers) {
        const bool same =
            !sleeper.all_variants && sleeper.start == made.start && sleeper.variant == made.variant;
        redundant_ = redundant_ || same;
    }
}

void ExhaustiveChoices::note_ready(std::span<const Step> ready) {
    for (const Step& step : ready) {
        const bool known =
            std::any_of(ready_since_.begin(), ready_since_.end(),
                        [&](const ReadySince& since) { return since.start == step.start; });
        // The first of `trace_` is what happened before the first step.
        if (!known) ready_since_.push_back({step.start, trace_.size(), step.waited});
    }
}

// --- a new step ----------------------------------------------------------------------------------

/// With bounds a state is also what is left of them, and the order in which completions became
/// ready, where it matters.
std::uint64_t ExhaustiveChoices::state_with(std::uint64_t network_state,
                                            std::span<const Step> ready) const {
    std::uint64_t state = hash_of({network_state, histories_.state()});
    const ExploreBounds& bounds = options_.bounds;
    if (bounds.strikes) state = hash_of({state, 1, spent_.strikes});
    if (bounds.steps) state = hash_of({state, 2, spent_.steps});
    if (bounds.overtakings) state = hash_of({state, 3, spent_.overtakings});
    if (!counts_overtakings()) return state;
    for (const Step& step : ready) state = hash_of({state, step.number});
    return state;
}

/// False: all that could come next sleeps, or was explored from this state on.
bool ExhaustiveChoices::add_step_node(std::span<const Step> ready, const StateView& network) {
    Node node;
    node.is_step = true;
    node.options = static_cast<std::uint32_t>(ready.size());
    node.first = first_option(node.options);
    for (const Step& step : ready) node.ready.push_back(step.start);
    if (merges_) {
        node.state = state_with(network.hash(network.state), ready);
        if (const std::optional<double> known = explored_.find(node.state)) {
            known_below_ = *known;
            return false;
        }
        keep_equals_in_order(node);
    }
    leave_out(node, ready);
    if (sleeps_ && steps_.size() > 1) {
        for (const Sleeper& sleeper : nodes_[steps_.back().node].sleepers) {
            if (sleeper.footprint.depends_on(trace_.back().footprint)) continue;
            node.sleepers.push_back(sleeper);
            if (sleeper.all_variants) node.done.push_back(sleeper.start);
        }
    }
    node.left_out = std::min<std::size_t>(node.done.size(), node.options - 1);
    const bool found = choose_undone(node);
    if (found) nodes_.push_back(std::move(node));
    return found;
}

/// All but the oldest step, if a bound says so.
void ExhaustiveChoices::leave_out(Node& node, std::span<const Step> ready) {
    const ExploreBounds& bounds = options_.bounds;
    const bool spent = bounds.overtakings && spent_.overtakings >= *bounds.overtakings;
    const bool too_deep = bounds.steps && spent_.steps > *bounds.steps;
    if (!spent && !too_deep) return;
    for (std::size_t i = 1; i < ready.size(); ++i) node.done.push_back(ready[i].start);
    if (ready.size() > 1) left_out_.add({spent, false, too_deep});
}

/// Equal clients begin in one order only: the others differ from it by names.
void ExhaustiveChoices::keep_equals_in_order(Node& node) const {
    bool first = true;
    for (const Equal& equal : equals_) {
        if (equal.begun) continue;
        if (!std::exchange(first, false)) node.done.push_back(equal.start);
    }
}

/// Where the third worker and others begin: at different places, so that they meet late.
std::uint32_t ExhaustiveChoices::first_option(std::uint32_t options) const noexcept {
    if (worker_ < 2) return 0;
    return static_cast<std::uint32_t>(hash_of({worker_, nodes_.size()}) % options);
}

/// The option that this worker takes in its present turn.
std::uint32_t ExhaustiveChoices::option_at(const Node& node) const noexcept {
    if (worker_ == 1) return node.options - 1 - node.turn;
    return (node.first + node.turn) % node.options;
}

bool ExhaustiveChoices::choose_undone(Node& node) const noexcept {
    for (; node.turn < node.options; ++node.turn) {
        node.value = option_at(node);
        const std::uint64_t start = node.ready[node.value];
        if (std::find(node.done.begin(), node.done.end(), start) == node.done.end()) return true;
    }
    return false;
}

// --- from run to run -----------------------------------------------------------------------------

/// From the smallest to the largest: so the sum is the same in whatever order they were explored.
double ExhaustiveChoices::sum(std::vector<double>& parts) noexcept {
    std::sort(parts.begin(), parts.end());
    double all = 0;
    for (const double part : parts) all += part;
    return all;
}

bool ExhaustiveChoices::advance(double schedules) {
    double below = schedules;
    if (redundant_) {
        below = known_below_;
        ++tally_of_last_step().edges;
    }
    finish_variant();
    while (!nodes_.empty()) {
        Node& node = nodes_.back();
        node.below.push_back(below);
        if (turn_to_next(node)) return true;
        below = sum(node.below);
        if (node.is_step) {
            pop_step(below);
        } else {
            nodes_.pop_back();
        }
    }
    tally_.add(before_first_step_);
    before_first_step_ = {};
    all_schedules_ = below;
    return false;
}

/// The last node, a step, is explored in full.
void ExhaustiveChoices::pop_step(double below) {
    Node node = std::move(nodes_.back());
    nodes_.pop_back();
    if (merges_) {
        if (explored_.add(node.state, below)) tally_.add(node.tally);
        ++tally_of_last_step().edges;
    }
    if (!sleeps_) return;
    steps_.pop_back();
    trace_.pop_back();
    finish_variant();
}

/// The last step of `steps_`, as it was made, has been explored with all that can follow.
void ExhaustiveChoices::finish_variant() {
    if (!sleeps_ || steps_.size() < 2) return;
    const Made& made = steps_.back();
    Node& node = nodes_[made.node];
    const Footprint& footprint = trace_.back().footprint;
    node.sleepers.push_back({made.start, false, made.variant, footprint});
    node.footprint.add(footprint);
}

bool ExhaustiveChoices::turn_to_next(Node& node) {
    if (!node.is_step) {
        if (++node.turn == node.options) return false;
        node.value = option_at(node);
        return true;
    }
    // All variants of the step are done.
    const std::uint64_t start = node.ready[node.value];
    node.done.push_back(start);
    if (sleeps_) node.sleepers.push_back({start, true, {}, std::exchange(node.footprint, {})});
    return choose_undone(node);
}

double ExhaustiveChoices::done_part() const noexcept {
    double part = 0;
    double whole = 1;
    for (const Node& node : nodes_) {
        const std::size_t behind = node.is_step ? node.done.size() - node.left_out : node.turn;
        whole /= static_cast<double>(node.options - node.left_out);
        part += whole * static_cast<double>(behind);
    }
    return part;
}

}  // namespace drydock::sim

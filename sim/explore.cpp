// Workers that explore a small world together, and what they have found.
#include <drydock/sim/explore.hpp>

#include <algorithm>
#include <utility>

#include "sim/explorer.hpp"
#include "sim/invalid.hpp"

namespace drydock::sim {
namespace {

// A world that is explored has long ended by then; one that does not end must turn calm to be
// told from one that is slow.
constexpr std::uint64_t calm_after = 5000;

// One connection that is aborted, at any place: a second one adds a hundred times as many states.
// The same for a host that crashes, and for a partition.
constexpr std::uint64_t most_if_unbounded = 1;

std::uint64_t bounded(std::uint64_t most) noexcept {
    return most == ~std::uint64_t{0} ? most_if_unbounded : most;
}

constexpr std::uint64_t runs_between_reports = 64;

// Other workers begin when the first one has made so many runs: what a small world shows does not
// depend on how many there are.
constexpr std::uint64_t runs_alone = 2048;

double factorial(std::uint64_t number) noexcept {
    return number < 2 ? 1 : static_cast<double>(number) * factorial(number - 1);
}

}  // namespace

// --- one worker ----------------------------------------------------------------------------------

Explorer::Explorer(Make make, ExploreOptions options)
    : make_(std::move(make)), options_(std::move(options)), explored_(options_.most_memory) {}

void Explorer::work(unsigned worker) {
    if (worker > 0) together_.wait(false);
    ExhaustiveChoices choices(options_, explored_, worker);
    Counts counts;
    bool more = !stopped_;
    while (more && !stopped_) {
        const double schedules = run_once(choices, counts, worker);
        if (stopped_ || counts.failed) break;
        more = choices.advance(schedules);
        const std::uint64_t runs = counts.ended + counts.cut;
        if (runs % runs_between_reports == 0) report_progress(choices, worker);
        if (worker == 0 && runs == runs_alone) begin_together();
        if (worker == 0 && options_.stop()) stopped_ = true;
    }
    const bool finished = !more && counts.ended + counts.cut > 0;
    if (finished || worker == 0) stopped_ = true;
    begin_together();
    add_up(choices, counts, finished);
}

void Explorer::begin_together() noexcept {
    together_ = true;
    together_.notify_all();
}

namespace {

/// The choices are told of the monitors of this thread.
class Told {
public:
    explicit Told(ExhaustiveChoices& choices) noexcept
        : before_(detail::tell_monitor_lives(&choices)) {}
    Told(const Told&) = delete;
    Told& operator=(const Told&) = delete;
    ~Told() { detail::tell_monitor_lives(before_); }

private:
    detail::MonitorLives* const before_;
};

}  // namespace

/// For how many schedules the run has stood.
double Explorer::run_once(ExhaustiveChoices& choices, Counts& counts, unsigned worker) {
    const Told told(choices);
    choices.begin_run();
    const std::unique_ptr<Scenario> scenario = make_();
    const Report report = run(*scenario, choices, options_.run);
    choices.end_run();
    counts.completions += report.completions;
    counts.monitor_entries += report.monitor_entries;
    counts.equals = std::max(counts.equals, choices.equal_clients());
    if (choices.redundant()) {
        ++counts.cut;
        return 0;
    }
    ++counts.ended;
    counts.longest = std::max(counts.longest, report.choices);
    choices.note_end(report.passed ? scenario->outcomes() : std::vector{report.property},
                     report.passed);
    if (!report.passed) {
        counts.failed = !options_.all_failures;
        keep_failure(choices, worker);
    }
    const std::optional<double> orders = counts.countable ? choices.orders() : std::nullopt;
    counts.countable = orders.has_value();
    return orders.value_or(0);
}

/// Runs are not recorded, as nearly all of them pass: the one that has failed is made again.
///
/// A worker ends with its first failure, and no state that leads to one is in the table by then. So
/// the first worker comes to the failure that it would come to without the others, and only that
/// ends the exploration.
void Explorer::keep_failure(ExhaustiveChoices& choices, unsigned worker) {
    const std::lock_guard lock(mutex_);
    if (found_.failure && (worker > 0 || options_.all_failures)) return;
    const Told told(choices);
    choices.begin_run();
    RunOptions options = options_.run;
    options.record = true;
    found_.failure = run(*make_(), choices, options);
    choices.end_run();
}

void Explorer::report_progress(const ExhaustiveChoices& choices, unsigned worker) {
    runs_.fetch_add(runs_between_reports, std::memory_order_relaxed);
    if (worker < 2) behind_[worker] = choices.done_part();
    if (worker != 0 || !options_.progress) return;
    ExploreProgress progress;
    progress.states = explored_.size();
    progress.runs = runs_;
    progress.part = std::min(1.0, behind_[0] + behind_[1]);
    progress.bytes = explored_.bytes();
    options_.progress(progress);
}

void Explorer::add_up(const ExhaustiveChoices& choices, const Counts& counts, bool finished) {
    const std::lock_guard lock(mutex_);
    found_.completions += counts.completions;
    found_.monitor_entries += counts.monitor_entries;
    found_.longest = std::max(found_.longest, counts.longest);
    found_.cut += counts.cut;
    found_.left_out.add(choices.left_out());
    found_.bounded = found_.left_out.any();
    countable_ = countable_ && counts.countable;
    equals_ = std::max<std::uint64_t>(equals_, counts.equals);
    tally_.add(choices.tally());
    tally_begun_.add(choices.tally_of_all());
    if (!finished || finished_) return;
    finished_ = true;
    found_.unreduced = choices.all_schedules() * factorial(counts.equals);
}

// --- the result ----------------------------------------------------------------------------------

/// Of a complete exploration each state is counted once, whichever workers came to it.
Exploration Explorer::result() {
    const std::lock_guard lock(mutex_);
    found_.complete = finished_;
    found_.bounds = options_.bounds;
    found_.states = explored_.size();
    found_.memory_was_short = explored_.has_forgotten();
    found_.equal_clients = equals_;
    const Tally& tally = finished_ ? tally_ : tally_begun_;
    found_.schedules = tally.ended;
    found_.failures = tally.failures;
    found_.outcomes = tally.outcomes;
    if (finished_ && options_.reduction == Reduction::states && !found_.memory_was_short) {
        found_.cut = tally.edges - std::min(tally.edges, found_.states);
    }
    if (!countable_) found_.unreduced.reset();
    return std::move(found_);
}

RunOptions explored_run(const RunOptions& options) {
    RunOptions run = options;
    run.faults = FaultSet();
    run.always = run.always.with(Fault::reorder);
    run.prompt_clients = true;
    run.most_resets = bounded(run.most_resets);
    run.most_crashes = bounded(run.most_crashes);
    run.most_partitions = bounded(run.most_partitions);
    run.calm_after = std::max(run.calm_after, calm_after);
    run.record = true;
    return run;
}

Exploration explore(const std::function<std::unique_ptr<Scenario>()>& make,
                    ExploreOptions options) {
    options.run = explored_run(options.run);
    options.run.record = false;
    Explorer explorer(make, std::move(options));
    explorer.work(0);
    return explorer.result();
}

std::string explore_objection(const ScenarioInfo& scenario) {
    if (!scenario.runs_program) return {};
    return "the scenario '" + std::string(scenario.name) +
           "' cannot be explored: it runs a program, and what its threads and variables know "
           "cannot be compared";
}

ExploreOptions checked(const ScenarioInfo& scenario, ExploreOptions options) {
    if (const std::string complaint = explore_objection(scenario); !complaint.empty()) {
        refuse_argument(complaint);
    }
    if (make(scenario, options.settings) == nullptr) {
        refuse_argument(objection(scenario, options.settings));
    }
    if (options.bounds.any() && options.reduction == Reduction::sleep_sets) {
        refuse_argument("bounds do not go together with sleep sets");
    }
    if (options.run.calm_bound == 0) options.run.calm_bound = scenario.calm_bound;
    options.run = explored_run(options.run);
    options.run.record = false;
    return options;
}

Exploration explore(const ScenarioInfo& scenario, ExploreOptions options) {
    const Settings settings = options.settings;
    options = checked(scenario, std::move(options));
    return explore([&] { return make(scenario, settings); }, std::move(options));
}

}  // namespace drydock::sim

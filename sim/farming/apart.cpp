// One run in a child process, and shrinking by such runs.
#include <atomic>
#include <new>

#include "platform/host/last_words.hpp"
#include "sim/farming/codec.hpp"
#include "sim/farming/processes.hpp"

namespace drydock::sim {
namespace {

using Clock = std::chrono::steady_clock;

host::ChildErrors errors_of(const Apart& apart) {
    return apart.quiet ? host::ChildErrors::discarded : host::ChildErrors::shown;
}

/// Waits for a child's end. `over` is asked again and again with the time that has passed; true
/// kills the child. False: it was killed.
bool wait_for_end(host::Child& child, std::string& received, Milliseconds tick, auto over) {
    PatienceClock clock;
    bool killed = false;
    const host::Child* const one[] = {&child};
    while (child.receive(received)) {
        host::Child::wait_for_any(one, tick);
        if (!killed && over(clock.since_last_look())) {
            killed = true;
            child.kill();
        }
    }
    return !killed;
}

/// Runs in children, one after the other.
class ApartRuns {
public:
    Report run(const RunToKeepApart& run, const Apart& apart) {
        RunListener& listener = box_.record(apart.trace);
        host::Child child([&](host::ChildOutput& output) { run_and_send(run, listener, output); },
                          errors_of(apart));
        Milliseconds waited{0};
        std::string received;
        const Milliseconds tick = std::min(PatienceClock::tick, apart.timeout);
        const bool ended = wait_for_end(child, received, tick, [&](Milliseconds passed) {
            waited += passed;
            return waited >= apart.timeout;
        });
        const host::ChildEnd end = child.wait();
        if (std::optional<Report> report = take_report(received)) return *std::move(report);
        return report_of_end(box_, end, ended ? Milliseconds(0) : apart.timeout);
    }

private:
    BlackBox box_;
};

/// Counts steps, for last words.
class StepCounter final : public RunListener {
public:
    void happened(const RunEvent& event) noexcept override {
        if (event.kind == RunEventKind::completed) step.store(event.step);
    }
    std::atomic<std::uint64_t> step{0};
};

Report run_here(const RunToKeepApart& run, const Apart& apart) {
    const host::LastWords words(apart.last_words, {});
    StepCounter counter;
    host::LastWords::work_on(&counter.step);
    Report report = run(&counter);
    host::LastWords::done();
    return report;
}

// --- shrinking a failure that does not end its process ------------------------------------------

/// What the parent and a child that shrinks tell each other.
struct Shrinking {
    std::atomic<std::uint64_t> runs;
    std::atomic<bool> stopped;
};

/// The whole of it in one child. None: a run has ended that child, or hung.
std::optional<Shrunk> shrink_in_child(const ExperimentToKeepApart& experiment,
                                      const Report& failing, const ShrinkOptions& options,
                                      const Apart& apart) {
    const host::SharedMemory memory(sizeof(Shrinking));
    Shrinking& shared = *::new (memory.data()) Shrinking{};
    const auto body = [&](host::ChildOutput& output) {
        const Experiment counted = [&](ChoiceSource& choices) {
            shared.runs.fetch_add(1, std::memory_order_relaxed);
            return experiment(choices, nullptr);
        };
        ShrinkOptions stoppable = options;
        // The caller may decide by a clock, which goes on here, or by what only the parent sees.
        stoppable.stop = [&] {
            return shared.stopped.load(std::memory_order_relaxed) || options.stop();
        };
        Encoder encoder;
        encoder.shrunk(shrink(counted, failing, stoppable));
        output.send(framed(encoder.bytes()));
    };
    host::Child child(body, host::ChildErrors::discarded);
    std::string received;
    std::uint64_t runs = 0;
    Milliseconds waited{0};
    wait_for_end(child, received, Milliseconds(20), [&](Milliseconds passed) {
        if (options.stop()) shared.stopped.store(true);
        const std::uint64_t now = shared.runs.load(std::memory_order_relaxed);
        waited = now == std::exchange(runs, now) ? waited + passed : Milliseconds(0);
        return waited >= apart.timeout;
    });
    child.wait();
    const std::optional<std::string> frame = take_frame(received);
    if (!frame) return std::nullopt;
    Decoder decoder(*frame);
    Shrunk shrunk = decoder.shrunk();
    return decoder.good() ? std::optional(std::move(shrunk)) : std::nullopt;
}

// --- shrinking by a child for each run ----------------------------------------------------------

constexpr Milliseconds hang_while_shrinking{500};

Shrunk shrink_by_children(const ExperimentToKeepApart& experiment, Report failing,
                          const ShrinkOptions& options, const Apart& apart,
                          Milliseconds most_time) {
    ApartRuns runs;
    Apart each = apart;
    each.quiet = true;
    each.trace = 0;
    const bool hangs = failing.property == "hang";
    if (hangs) each.timeout = std::min(apart.timeout, hang_while_shrinking);
    const Experiment apart_experiment = [&](ChoiceSource& choices) {
        return runs.run([&](RunListener* listener) { return experiment(choices, listener); }, each);
    };
    ShrinkOptions bounded = options;
    const Clock::time_point end = Clock::now() + most_time;
    bounded.stop = [&] { return options.stop() || Clock::now() >= end; };
    Shrunk shrunk = shrink(apart_experiment, failing, bounded);
    if (!hangs) return shrunk;
    each.timeout = second_look(apart.timeout);
    ReplayChoices found{std::span<const Choice>(shrunk.report.schedule)};
    Report confirmed = apart_experiment(found);
    if (confirmed.property != failing.property) return {std::move(failing), shrunk.runs, false};
    confirmed.schedule = std::move(shrunk.report.schedule);
    confirmed.spans = std::move(shrunk.report.spans);
    shrunk.report = std::move(confirmed);
    return shrunk;
}

}  // namespace

Report run_apart(const RunToKeepApart& run, const Apart& apart) {
    if (!uses_processes(apart.isolation)) return run_here(run, apart);
    return ApartRuns().run(run, apart);
}

Shrunk shrink_apart(const ExperimentToKeepApart& experiment, Report failing,
                    const ShrinkOptions& options, const Apart& apart, Milliseconds most_time) {
    if (!uses_processes(apart.isolation)) {
        const Experiment here = [&](ChoiceSource& choices) { return experiment(choices, nullptr); };
        return shrink(here, std::move(failing), options);
    }
    if (!ends_process(failing.property) && !apart.fresh_process) {
        std::optional<Shrunk> shrunk = shrink_in_child(experiment, failing, options, apart);
        if (shrunk) return *std::move(shrunk);
    }
    return shrink_by_children(experiment, std::move(failing), options, apart, most_time);
}

Shrunk shrink_seed_apart(const ScenarioInfo& scenario, const FarmOptions& options,
                         std::uint64_t seed, const ShrinkOptions& shrinking, const Apart& apart) {
    FarmOptions recorded = options;
    recorded.run.record = true;
    const auto run_recorded = [&](RunListener* listener) {
        recorded.run.listener = listener;
        return run_seed(scenario, recorded, seed);
    };
    const auto experiment = [&](ChoiceSource& choices, RunListener* listener) {
        RunOptions run = recorded.run;
        run.listener = listener;
        return sim::run(scenario, options.settings, choices, run);
    };
    Apart first = apart;
    first.quiet = true;
    first.timeout = second_look(apart.timeout);
    Report failing = run_apart(run_recorded, first);
    if (failing.passed) return {std::move(failing), 1, false};
    Apart each = apart;
    each.fresh_process = scenario.runs_program;  // its variables live on from run to run
    return shrink_apart(experiment, std::move(failing), shrinking, each);
}

}  // namespace drydock::sim

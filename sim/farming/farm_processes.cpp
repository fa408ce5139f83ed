// A farm in child processes.
//
// The children take blocks from a counter that they share and send what each block gave to their
// parent, which adds it up. The parent runs no seed. Each child has a slot in the shared memory,
// which says which seed it is in. When a child ends there, or stays there too long, the parent lets
// another child run that seed once more and listen to it, to learn how far it comes; then a new
// child takes the unfinished block again, and counts that seed without running it.
//
// A run of a program may leave memory behind, or variables with static storage duration changed.
// The next run would not begin as in a new process, so the child ends there, and another one takes
// up the rest of the block.
#include <algorithm>
#include <atomic>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "sim/farm_parts.hpp"
#include "sim/farming/codec.hpp"
#include "sim/farming/processes.hpp"
#include "sim/memory.hpp"

namespace drydock::sim {
namespace {

/// Workers that are started later do not show their standard error: a reader has seen enough.
constexpr std::uint64_t most_shown = 10;
/// How often children may end for reasons that have nothing to do with a seed.
constexpr int most_strays = 3;
/// A seed that takes longer than this when the farm is stopped is ended.
constexpr Milliseconds grace{2000};

constexpr std::uint64_t no_block = ~std::uint64_t{0};

/// Where a child is. It alone writes here.
struct Slot {
    std::atomic<std::uint64_t> block;
    std::atomic<std::uint64_t> seed;
    std::atomic<std::uint64_t> runs;  // begun; so a watcher sees that it goes on
    std::atomic<bool> running;        // in that seed
};

struct Shared {
    std::atomic<std::uint64_t> next_block;
    std::atomic<bool> stopped;
};

/// A block that a child takes up again.
struct Resumed {
    std::uint64_t block = no_block;
    std::uint64_t cut = ~std::uint64_t{0};  // it ends before this seed
    std::uint64_t done = 0;                 // so many of its seeds are done
};

using KnownFailures = std::map<std::uint64_t, KnownFailure>;

/// A child's work. It runs in a copy of the parent, so it has the parent's options and knowledge.
class Worker final : public SeedWatch {
public:
    Worker(const ScenarioInfo& scenario, const FarmOptions& options, const KnownFailures& known,
           Shared& shared, Slot& slot, const Resumed& resumed)
        : scenario_(scenario),
          options_(options),
          known_(known),
          shared_(shared),
          slot_(slot),
          resumed_(resumed) {}

    void work(host::ChildOutput& output) {
        if (resumed_.block != no_block) run(resumed_.block, output);
        resumed_ = {};
        while (!used_up_ && !shared_.stopped.load(std::memory_order_relaxed)) {
            const std::uint64_t number = shared_.next_block.fetch_add(1, std::memory_order_relaxed);
            if (!block_of(options_, number)) break;
            run(number, output);
        }
    }

    const KnownFailure* begins(std::uint64_t seed) override {
        const auto known = known_.find(seed);
        slot_.running.store(false, std::memory_order_release);
        ++begun_;
        if (known != known_.end()) return &known->second;
        slot_.seed.store(seed, std::memory_order_relaxed);
        slot_.runs.fetch_add(1, std::memory_order_relaxed);
        slot_.running.store(true, std::memory_order_release);
        return nullptr;
    }

    bool wanted(std::uint64_t seed) override {
        used_up_ = used_up_ || (begun_ > 0 && leaves_something());
        return seed < resumed_.cut && !used_up_;
    }

    /// Both of a program begin with what the process has now.
    Report first_of_two(const std::function<Report()>& run) override {
        if (!scenario_.runs_program) return run();
        Apart apart;
        apart.isolation = Isolation::processes;
        return run_apart([&run](RunListener*) { return run(); }, apart);
    }

private:
    /// Whether the next run would not begin as in a new process.
    bool leaves_something() const noexcept {
        if (scenario_.fresh_process) return true;
        return scenario_.runs_program && memory_watch != nullptr && !memory_watch->left_nothing();
    }

    void run(std::uint64_t number, host::ChildOutput& output) {
        slot_.block.store(number, std::memory_order_relaxed);
        SeedBlock rest = *block_of(options_, number);
        const std::uint64_t end = std::min(resumed_.cut, rest.first + rest.count);
        rest.first += resumed_.done;
        rest.count -= resumed_.done;
        const FarmSummary part = run_block(scenario_, options_, rest, this);
        slot_.running.store(false, std::memory_order_release);
        const bool enough = options_.until_failure && part.failures > 0;
        Encoder encoder;
        encoder.number(number);
        encoder.number(used_up_ && !enough && rest.first + part.seeds < end ? 1 : 0);
        encoder.summary(part);
        output.send(framed(encoder.bytes()));
        slot_.block.store(no_block, std::memory_order_relaxed);
        used_up_ = used_up_ || leaves_something();
    }

    const ScenarioInfo& scenario_;
    const FarmOptions& options_;
    const KnownFailures& known_;
    Shared& shared_;
    Slot& slot_;
    Resumed resumed_;
    std::uint64_t begun_ = 0;  // seeds
    bool used_up_ = false;     // another process must go on
};

class ProcessFarm {
public:
    ProcessFarm(const ScenarioInfo& scenario, const FarmOptions& options, const FarmRun& how,
                unsigned jobs)
        : scenario_(scenario),
          options_(options),
          how_(how),
          memory_(sizeof(Shared) + jobs * sizeof(Slot)),
          shared_(*::new (memory_.data()) Shared{}),
          total_(options_),
          places_(jobs) {
        for (std::size_t i = 0; i < places_.size(); ++i) {
            std::byte* const memory = memory_.data() + sizeof(Shared) + i * sizeof(Slot);
            places_[i].slot = ::new (memory) Slot{no_block, 0, 0, false};
        }
    }

    FarmSummary run() {
        for (Place& place : places_) start(place, {});
        PatienceClock clock;
        for (;;) {
            std::vector<const host::Child*> children;
            for (const Place& place : places_) {
                if (place.child) children.push_back(place.child.get());
            }
            if (children.empty()) break;
            host::Child::wait_for_any(children, PatienceClock::tick);
            const Milliseconds passed = clock.since_last_look();
            for (Place& place : places_) {
                if (place.child) attend(place, passed);
            }
            if (how_.progress) how_.progress(done_, failures_);
            if (how_.stop && how_.stop()) stop();
        }
        return total_.summary();
    }

private:
    /// What one of the jobs is at: a worker, or a second look at the seed that ended one.
    struct Place {
        Slot* slot = nullptr;
        std::unique_ptr<host::Child> child;
        // Of a block that children do part by part:
        std::uint64_t block = no_block;
        FarmSummary done;
        std::string received;
        std::uint64_t runs_seen = 0;
        Milliseconds waited{0};
        Milliseconds limit{0};  // not zero: the child was killed after this time
        // For a second look:
        std::unique_ptr<BlackBox> box;
        bool looking = false;
        std::uint64_t seed = 0;
        Report first;  // how the worker has ended there
        Milliseconds first_limit{0};
        Resumed resumed;
    };

    void stop() {
        stopped_ = true;
        shared_.stopped.store(true);
    }

    bool enough() const { return crashes_ >= how_.most_crashes || hangs_ >= how_.most_hangs; }

    void launch(Place& place, const std::function<void(host::ChildOutput&)>& body,
                host::ChildErrors errors) {
        place.received.clear();
        place.waited = place.limit = Milliseconds(0);
        place.slot->running.store(false);
        place.runs_seen = place.slot->runs.load();
        place.child = std::make_unique<host::Child>(body, errors);
    }

    void start(Place& place, const Resumed& resumed) {
        place.looking = false;
        place.slot->block.store(resumed.block);
        place.resumed = resumed;
        if (resumed.block != no_block && resumed.block == place.block) {
            place.resumed.done = place.done.seeds;
        }
        const bool shown = crashes_ + hangs_ < most_shown;
        launch(
            place,
            [&](host::ChildOutput& output) {
                Worker(scenario_, options_, known_, shared_, *place.slot, place.resumed)
                    .work(output);
            },
            shown ? host::ChildErrors::shown : host::ChildErrors::discarded);
    }

    void attend(Place& place, Milliseconds passed) {
        const bool open = place.child->receive(place.received);
        if (!place.looking) {
            while (const std::optional<std::string> frame = take_frame(place.received)) {
                Decoder decoder(*frame);
                const std::uint64_t number = decoder.number();
                const bool more = decoder.number() != 0;
                take_part(place, number, more, decoder.summary());
            }
        }
        if (!open) return ended(place);
        const std::uint64_t runs = place.slot->runs.load(std::memory_order_relaxed);
        const bool same = place.looking || (place.slot->running.load() && runs == place.runs_seen);
        place.runs_seen = runs;
        place.waited = same ? place.waited + passed : Milliseconds(0);
        if (place.waited < patience(place) || place.limit.count() > 0) return;
        const bool second_hang = place.looking && place.first_limit.count() > 0;
        place.limit = second_hang ? place.first_limit : patience(place);
        place.child->kill();
    }

    Milliseconds patience(const Place& place) const {
        if (place.looking) return second_look(stopped_ ? grace : how_.seed_timeout);
        return stopped_ ? std::min(how_.seed_timeout, grace) : how_.seed_timeout;
    }

    /// What a child has done of a block; with `more`, another one must go on with it.
    void take_part(Place& place, std::uint64_t number, bool more, FarmSummary part) {
        if (place.block == number) {
            place.done.merge(part);
        } else {
            place.done = std::move(part);
        }
        place.block = more ? number : no_block;
        if (!more) add(number, std::exchange(place.done, {}));
    }

    void add(std::uint64_t number, FarmSummary part) {
        if (total_.has(number)) return;
        done_ += part.seeds;
        failures_ += part.failures;
        if (part.failures > 0 && options_.until_failure) shared_.stopped.store(true);
        total_.add(number, std::move(part));
    }

    void ended(Place& place) {
        const host::ChildEnd end = place.child->wait();
        place.child.reset();
        if (place.looking) return conclude(place, end);
        const std::uint64_t block = place.slot->block.load();
        if (place.slot->running.load()) {
            place.first = {};
            place.first_limit = place.limit;
            place.first.property = place.limit.count() > 0 ? "hang" : "crash";
            place.first.sentence = place.limit.count() > 0 ? hang_text(place.limit) : describe(end);
            return look_again(place, block);
        }
        if (end.well()) return go_on(place);
        if (++strays_ > most_strays) {
            throw std::runtime_error("a process of the farm has ended between two seeds: " +
                                     describe(end));
        }
        Resumed resumed = place.resumed;
        if (block != resumed.block) resumed = {};
        resumed.block = block;
        start(place, resumed);
    }

    /// A child has ended because a new one must go on, or because there is nothing left to do.
    void go_on(Place& place) {
        const bool stops = shared_.stopped.load();
        if (place.block != no_block) {
            Resumed rest{place.block};
            const std::uint64_t first = block_of(options_, place.block)->first;
            if (stops) rest.cut = first + place.done.seeds;
            return start(place, rest);
        }
        if (!stops && block_of(options_, shared_.next_block.load())) start(place, {});
    }

    void look_again(Place& place, std::uint64_t block) {
        place.looking = true;
        place.seed = place.slot->seed.load();
        place.resumed.block = block;
        if (!place.box) place.box = std::make_unique<BlackBox>();
        RunListener& listener = place.box->record(0);
        launch(
            place,
            [&](host::ChildOutput& output) {
                const auto run = [&](RunListener* hears) {
                    FarmOptions options = options_;
                    options.run.listener = hears;
                    return run_seed(scenario_, options, place.seed);
                };
                run_and_send(run, listener, output);
            },
            host::ChildErrors::discarded);
    }

    /// The second look is over: the seed's failure is known, and a worker takes up its block.
    void conclude(Place& place, const host::ChildEnd& end) {
        Resumed resumed{place.resumed.block};
        const std::optional<Report> report = take_report(place.received);
        const bool only_slow = report && stopped_ && place.first.property == "hang";
        if (only_slow) {
            resumed.cut = place.seed;
        } else {
            know(place.seed, report ? changed(place.first, *report)
                                    : report_of_end(*place.box, end, place.limit));
            if (stopped_ || enough()) resumed.cut = place.seed + 1;
        }
        if (enough()) shared_.stopped.store(true);
        start(place, resumed);
    }

    /// The seed has not ended its process the second time.
    static Report changed(Report first, const Report& again) {
        first.sentence += again.passed ? "; run once more, the seed passed"
                                       : "; run once more, the seed failed " + again.property;
        return first;
    }

    void know(std::uint64_t seed, const Report& report) {
        ++(report.property == "hang" ? hangs_ : crashes_);
        known_[seed] = {report.property, {1, seed, report.sentence, report.options}};
    }

    const ScenarioInfo& scenario_;
    const FarmOptions& options_;
    const FarmRun& how_;
    host::SharedMemory memory_;
    Shared& shared_;
    FarmTotal total_;
    std::vector<Place> places_;
    KnownFailures known_;
    std::uint64_t done_ = 0;
    std::uint64_t failures_ = 0;
    std::uint64_t crashes_ = 0;
    std::uint64_t hangs_ = 0;
    int strays_ = 0;
    bool stopped_ = false;  // by the caller
};

}  // namespace

FarmSummary run_processes(const ScenarioInfo& scenario, const FarmOptions& options,
                          const FarmRun& how, unsigned jobs) {
    return ProcessFarm(scenario, options, how, jobs).run();
}

}  // namespace drydock::sim

// The hosts of a lock service, what its workers do, and the audit at the end.
#include "tests/zoo/specimens/lock_scenario.hpp"

#include <algorithm>
#include <array>

#include "tests/scenarios/text.hpp"

namespace drydock::zoo {

bool LockScenario::set(std::string_view name, std::uint64_t value) {
    if (!sim::in_range(lock_parameters, name, value)) return false;
    if (are_chosen_) visits_.assign(1, LockVisit{});
    are_chosen_ = false;
    if (name == "workers") visits_.resize(value, visits_.front());
    if (name == "adds") {
        for (LockVisit& visit : visits_) visit.adds = value;
    }
    return true;
}

void LockScenario::choose_visits(sim::World& world) {
    constexpr std::array<std::int64_t, 3> pauses_ms = {0, 500, 1500};
    constexpr std::uint32_t most_workers = 3;
    constexpr std::uint32_t most_adds = 4;
    for (std::uint32_t number = 1; number <= most_workers; ++number) {
        const sim::Spanned span(world, "worker");
        if (number > 1 && world.choose(4, "worker: another") == 0) break;
        LockVisit visit;
        visit.adds = world.choose(most_adds, "worker: adds") + 1;
        visit.start = std::chrono::milliseconds(500 * world.choose(3, "worker: start"));
        visit.pause = std::chrono::milliseconds(
            pauses_ms[world.choose(pauses_ms.size(), "worker: pause between adds")]);
        visits_.push_back(visit);
    }
}

std::string LockScenario::options() const {
    std::string text = "workers:";
    for (const LockVisit& visit : visits_) {
        text += " " + std::to_string(visit.adds) + "(start=" + sim::in_ms(visit.start) +
                " pause=" + sim::in_ms(visit.pause) + ")";
    }
    return text;
}

sim::Host& LockScenario::host(sim::World& world, const std::string& name) {
    sim::Host& made = world.host(name);
    if (is_explored() && name != struck_) made.spare();
    return made;
}

void LockScenario::start(sim::World& world) {
    keeper_ = &host(world, "keeper");
    ledger_ = &host(world, "ledger");
    keeper_->run([this](sim::Host& host) -> Task<void> {
        const std::unique_ptr<Keeper> keeper = parts_.keeper(host);
        if (is_explored()) keeper->set_patience(Duration::max());
        co_await keeper->run();
    });
    ledger_->run([this](sim::Host& host) -> Task<void> {
        const std::unique_ptr<Ledger> ledger = parts_.ledger(host);
        if (is_explored()) ledger->set_patience(Duration::max());
        co_await ledger->run();
    });
    for (std::size_t i = 0; i < visits_.size(); ++i) {
        WorkerPlan plan;
        plan.number = static_cast<std::uint32_t>(i + 1);
        plan.adds = visits_[i].adds;
        plan.pause = visits_[i].pause;
        if (is_explored()) {
            plan.patience = Duration::max();
            plan.retry = std::chrono::seconds(15);
        }
        plan.keeper = keeper_->endpoint(lock_port);
        plan.ledger = ledger_->endpoint(lock_port);
        plan.judge = judge_.get();
        workers_.push_back(&host(world, "worker " + std::to_string(plan.number)));
        workers_.back()->run([this, plan, pause = visits_[i].start](sim::Host& host) {
            return run_worker(host, plan, pause);
        });
    }
    ended_.resize(workers_.size());
}

Task<void> LockScenario::run_worker(sim::Host& host, WorkerPlan plan, Duration start) {
    if (start > Duration(0)) {
        Timer timer(host);
        co_await timer.after(start);
    }
    const std::unique_ptr<Worker> worker = parts_.worker(host, plan);
    co_await worker->run();
}

/// Whatever happens before the calm, and however long a partition, a lease or a patience is: five
/// minutes are enough for all that is left to do.
Task<void> LockScenario::watch(sim::World& world, Timer& timer) {
    constexpr Duration enough = std::chrono::minutes(5);
    Time calm_since = never;
    for (;;) {
        const bool elapsed = co_await timer.after(std::chrono::seconds(30));
        if (!elapsed) co_return;
        if (!world.calm()) continue;
        calm_since = std::min(calm_since, world.now());
        if (world.now() - calm_since < enough) continue;
        for (std::uint32_t i = 0; i < workers_.size(); ++i) {
            if (!ended_[i]) co_return judge_->late(i + 1, world.now() - calm_since);
        }
    }
}

/// What the ledger has is what it has kept: it is started anew before it is asked.
Task<void> LockScenario::audit(sim::World& world) {
    Timer timer(world);
    ledger_->crash(false, std::chrono::milliseconds(1));
    co_await timer.after(std::chrono::milliseconds(200));
    for (;;) {
        const std::string answer =
            co_await ask_once(world, ledger_->endpoint(lock_port), "sum",
                              is_explored() ? Duration::max() : std::chrono::seconds(3));
        LockWords words(answer);
        if (words.word() == "sum") co_return judge_->audit(words.number());
        co_await timer.after(std::chrono::milliseconds(200));
    }
}

Task<void> LockScenario::main(sim::World& world) {
    judge_ = std::make_unique<LockJudge>(world);
    if (is_explored()) judge_->allow_any_patience();
    if (are_chosen_) choose_visits(world);
    start(world);
    Timer timer(world);
    TaskGroup watching(world);
    if (are_chosen_) watching.spawn(watch(world, timer));
    for (std::size_t i = 0; i < workers_.size(); ++i) {
        co_await workers_[i]->ended();
        ended_[i] = true;
    }
    if (are_chosen_) timer.cancel();
    co_await watching.join();
    co_await audit(world);
    keeper_->shut_down();
    ledger_->shut_down();
    for (sim::Host* const worker : workers_) worker->shut_down();
    outcome_ = judge_->outcome();
}

}  // namespace drydock::zoo

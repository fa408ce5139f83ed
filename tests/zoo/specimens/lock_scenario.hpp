// The scenario of the lock service: a keeper, a ledger and some workers, each on a host of its
// own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <drydock/sim/run.hpp>

#include "tests/zoo/specimens/lock_service.hpp"

namespace drydock::zoo {

inline constexpr sim::Parameter lock_parameters[] = {
    {"workers", "workers that make adds under the lock", 1, 3, 1},
    {"adds", "adds that each worker makes", 1, 4, 1},
};

/// What one worker does, before it knows where.
struct LockVisit {
    std::uint64_t adds = 1;
    Duration start{0};
    Duration pause{0};
};

class LockScenario final : public sim::Scenario {
public:
    /// Its workers are chosen.
    explicit LockScenario(LockParts parts) noexcept : parts_(parts) {}
    /// The workers are these.
    LockScenario(LockParts parts, std::vector<LockVisit> visits) noexcept
        : parts_(parts), visits_(std::move(visits)), are_chosen_(false) {}

    /// Before the run: no fault of hosts strikes the other hosts, and nothing in them limits how
    /// long it waits, so that the explorer has fewer orders of steps. Where nothing else can
    /// happen, the run becomes calm, and that ends each wait.
    void strike_only(std::string_view host) { struck_ = host; }

    bool set(std::string_view name, std::uint64_t value) override;
    Task<void> main(sim::World& world) override;
    std::string options() const override;
    std::string outcome() const override { return outcome_; }

private:
    void choose_visits(sim::World& world);
    void start(sim::World& world);
    bool is_explored() const noexcept { return !struck_.empty(); }
    sim::Host& host(sim::World& world, const std::string& name);
    Task<void> run_worker(sim::Host& host, WorkerPlan plan, Duration start);
    Task<void> watch(sim::World& world, Timer& timer);
    Task<void> audit(sim::World& world);

    const LockParts parts_;
    std::vector<LockVisit> visits_;
    bool are_chosen_ = true;
    std::string struck_;  // the one host; empty: all are struck
    std::unique_ptr<LockJudge> judge_;
    sim::Host* keeper_ = nullptr;
    sim::Host* ledger_ = nullptr;
    std::vector<sim::Host*> workers_;
    std::vector<bool> ended_;
    std::string outcome_;
};

}  // namespace drydock::zoo

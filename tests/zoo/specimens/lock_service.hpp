// The lock service, which the specimens of worlds with several hosts are made from.
//
// The keeper, on a host of its own, grants a lock for a lease, to one worker at a time, with a
// token that grows from grant to grant. The workers, each on a host of its own, make adds to the
// ledger as long as they hold the lock. The ledger, on a third host, counts each add once and
// keeps it in its log; it refuses adds with a smaller token than one that it has seen, as those
// come late from a former holder.
//
// Each request is one line on a connection of its own, and so is the answer:
//
//     to the keeper   lock W                    token T, or held
//                     free W T                  free
//     to the ledger   add W N T                 place P T, stale, or later (it is recovering)
//                     sum                       sum S, or later
//
// W is the worker's number, N the number of its add, T the token, P the place of the add in the
// log, counted from 1.
//
// How much clocks may differ: the lease is 4 s long by the keeper's clock, and a worker uses 1.6 s
// of it, by its own clock, from the moment in which it has asked. So two clocks may differ in
// speed by a factor of 2.5, and in what they show by any amount.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/io.hpp>
#include <drydock/monitor.hpp>
#include <drydock/sim/host.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "tests/zoo/specimens/lock_judge.hpp"

namespace drydock::zoo {

inline constexpr std::uint16_t lock_port = 70;

/// The words of a request or an answer, one after the other.
class LockWords {
public:
    explicit LockWords(std::string_view line) noexcept : rest_(line) {}
    /// The next word; empty: there is none.
    std::string_view word() noexcept;
    /// The next word as a number; 0: it is none.
    std::uint64_t number() noexcept;

private:
    std::string_view rest_;
};

/// One request on a connection of its own, from `queue`. The answer without its newline, or
/// nothing if there was none within `patience`.
Task<std::string> ask_once(CompletionQueue& queue, Endpoint whom, std::string request,
                           Duration patience);

/// A program that answers requests for ever.
class LockNode {
public:
    explicit LockNode(sim::Host& host) noexcept : host_(host) {}
    LockNode(const LockNode&) = delete;
    LockNode& operator=(const LockNode&) = delete;
    virtual ~LockNode() = default;

    Task<void> run();
    /// How long a connection may take. Before run().
    void set_patience(Duration patience) noexcept { patience_ = patience; }

protected:
    /// Before the first request is taken.
    virtual void begin() {}
    /// Beside the first requests.
    virtual Task<void> recover() { co_return; }
    virtual Task<std::string> answer(std::string request) = 0;

    sim::Host& host_;

private:
    Task<void> serve(std::unique_ptr<AsyncSocket> socket);

    Duration patience_ = std::chrono::seconds(2);
};

/// Grants the lock.
class Keeper : public LockNode {
public:
    using LockNode::LockNode;
    static constexpr Duration lease = std::chrono::seconds(4);

protected:
    struct State {
        std::uint64_t token = 0;   // of the last grant
        std::uint64_t holder = 0;  // 0: it is free
        Time until{};
        std::uint64_t state_hash() const noexcept;
    };

    void begin() override { state_.unguarded() = recovered(); }
    Task<std::string> answer(std::string request) override;

    /// The state that the program begins with.
    virtual State recovered();
    /// The answers to requests.
    virtual std::string lock(State& state, std::uint64_t worker);
    virtual std::string release(State& state, std::uint64_t worker, std::uint64_t token);

    bool is_held_by_another(const State& state, std::uint64_t worker) const noexcept;
    /// A new grant, which is in the store before it is told.
    std::string grant(State& state, std::uint64_t worker);

private:
    Monitor<State> state_;
};

/// Counts adds.
class Ledger : public LockNode {
public:
    using LockNode::LockNode;

protected:
    struct Record {
        std::uint64_t worker = 0;
        std::uint64_t number = 0;
        std::uint64_t token = 0;
    };
    struct State {
        std::vector<Record> records;
        bool recovered = false;
        std::uint64_t state_hash() const noexcept;
    };

    Task<void> recover() override;
    Task<std::string> answer(std::string request) override;

    /// The log without what a loss of power has left of a record.
    virtual std::string whole_records();
    /// Whether requests are answered already.
    virtual bool answers(const State& state) const { return state.recovered; }
    /// The place of this worker's add with this number; 0: it is not there.
    virtual std::uint64_t place_of(const State& state, const Record& add) const;
    /// Whether the add comes from a former holder.
    virtual bool is_stale(const State& state, const Record& add) const;
    /// Returns when all that was written before the call lasts. Several adds share one sync.
    virtual Task<void> settle();
    /// The same before a known add, which was sent again, is acknowledged.
    virtual Task<void> settle_known() { return settle(); }

    Monitor<State> state_;

private:
    Task<std::string> add(Record record);
    Task<std::string> sum();
};

/// What a worker has to do, and where.
struct WorkerPlan {
    std::uint32_t number = 1;
    std::uint64_t adds = 1;
    Duration pause{0};  // between its adds
    Duration patience = std::chrono::seconds(1);
    Duration retry = std::chrono::milliseconds(700);  // after an add without an answer
    Endpoint keeper;
    Endpoint ledger;
    LockJudge* judge = nullptr;
};

/// Makes its adds, each once, whatever happens.
class Worker {
public:
    Worker(sim::Host& host, const WorkerPlan& plan) noexcept : host_(host), plan_(plan) {}
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;
    virtual ~Worker() = default;

    /// So much of a lease a worker uses, by its own clock.
    static constexpr Duration usable_lease = std::chrono::milliseconds(1600);

    Task<void> run();

protected:
    struct Grant {
        std::uint64_t token = 0;  // 0: none
        Time until{};             // by the worker's clock
    };

    /// How long it waits for an answer.
    virtual Duration patience() const { return plan_.patience; }
    /// The end of a lease that was asked for at `asked`, and whose answer has come now. `rest` is
    /// what the answer says behind the token.
    virtual Time lease_end(Time asked, LockWords rest) const;
    /// The number of the add that it is to make next: the same until it is done.
    virtual std::uint64_t add_number() { return done_ + 1; }

    sim::Host& host_;
    const WorkerPlan plan_;
    std::uint64_t done_ = 0;  // adds that were acknowledged; in the store, too

private:
    Task<std::string> ask(Endpoint whom, std::string_view name, std::string request);
    Task<Grant> acquire();
    Task<void> work(Grant grant);
    void add_done();
    Task<void> sleep(Duration span);
};

/// The programs of a lock service: the sound ones, or one with a defect.
struct LockParts {
    std::unique_ptr<Keeper> (*keeper)(sim::Host&);
    std::unique_ptr<Ledger> (*ledger)(sim::Host&);
    std::unique_ptr<Worker> (*worker)(sim::Host&, const WorkerPlan&);
};

template <typename K, typename L, typename W>
LockParts lock_parts() {
    return {[](sim::Host& host) -> std::unique_ptr<Keeper> { return std::make_unique<K>(host); },
            [](sim::Host& host) -> std::unique_ptr<Ledger> { return std::make_unique<L>(host); },
            [](sim::Host& host, const WorkerPlan& plan) -> std::unique_ptr<Worker> {
                return std::make_unique<W>(host, plan);
            }};
}

}  // namespace drydock::zoo

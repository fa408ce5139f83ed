// The judge of the lock service: what the workers have seen must fit together.
//
// It lies outside all hosts. The workers report what they have been granted, what they do under the
// lock, and what the ledger has acknowledged; they learn nothing from it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <drydock/sim/run.hpp>

namespace drydock::zoo {

/// What must hold of the lock service. docs/ZOO.md#the-lock-service says more.
inline constexpr sim::Expectation lock_properties[] = {
    {"lock-alone", "at no time do two workers take themselves for the holder of the lock"},
    {"lock-tokens", "each grant has a greater token than all grants to others before it"},
    {"ledger-fenced", "behind an add with one token, no add with a smaller token is counted"},
    {"ledger-keeps", "each add that was acknowledged is in the ledger, at its own place, for ever"},
    {"ledger-once", "an add is counted once, however often it was sent"},
    {"lock-patience", "a worker does not wait for an answer longer than 45 seconds"},
    {"lock-served", "within five minutes after the calm, each worker has done what it had to do"},
};

class LockJudge {
public:
    explicit LockJudge(sim::World& world) noexcept;
    LockJudge(const LockJudge&) = delete;
    LockJudge& operator=(const LockJudge&) = delete;

    /// A worker begins a run of its program: what it had been granted went with the run before.
    void starts(std::uint32_t worker);
    /// A worker has been granted the lock, and its lease has not ended by its own clock.
    void granted(std::uint32_t worker, std::uint64_t token);
    /// A worker does something under the lock, as its lease has not ended by its own clock.
    void acts(std::uint32_t worker, std::uint64_t token);
    /// The ledger has acknowledged a worker's add number `add`, of those that it must do: it was
    /// counted at `place`, under `token`.
    void counted(std::uint32_t worker, std::uint64_t add, std::uint64_t place, std::uint64_t token);
    /// A worker asks `whom`, and waits for the answer until answered().
    void asks(std::uint32_t worker, std::string_view whom, std::string_view request);
    /// It has the `answer`, or has given up (empty).
    void answered(std::uint32_t worker, std::string_view answer);

    /// From here on a worker may wait for an answer as long as it likes.
    void allow_any_patience() noexcept { longest_wait_ = Duration::max(); }

    /// All workers have ended, and the ledger has said how many adds it has.
    void audit(std::uint64_t adds);
    /// The calm has lasted long, and `worker` has not ended.
    void late(std::uint32_t worker, Duration calm);

    /// "worker 1: 2 adds; worker 2: 1 add".
    std::string outcome() const;

    std::uint64_t state_hash() const;

private:
    struct Add {
        std::uint32_t worker = 0;
        std::uint64_t number = 0;
        std::uint64_t token = 0;
    };
    static std::string text(const Add& add);
    void check_fence(std::uint64_t place, const Add& add);

    sim::World& world_;
    Duration longest_wait_ = std::chrono::seconds(45);
    std::uint64_t highest_token_ = 0;  // of all grants
    std::uint32_t last_holder_ = 0;
    std::map<std::uint64_t, Add> places_;  // that were acknowledged
    struct Question {
        std::string text;
        std::string answer;
        bool waits = true;
        Time since{};
    };
    std::map<std::uint32_t, Question> questions_;  // the last of each worker
};

}  // namespace drydock::zoo

// What the workers of the lock service report is compared here.
#include "tests/zoo/specimens/lock_judge.hpp"

#include <set>

#include <drydock/hash.hpp>

#include "tests/scenarios/text.hpp"

namespace drydock::zoo {
namespace {

std::string worker_name(std::uint32_t worker) { return "worker " + std::to_string(worker); }

std::string adds_text(std::uint64_t count) {
    return std::to_string(count) + (count == 1 ? " add" : " adds");
}

}  // namespace

std::string LockJudge::text(const Add& add) {
    return "add " + std::to_string(add.number) + " of " + worker_name(add.worker);
}

/// A worker that starts anew may bring it back to the state that it begins in.
LockJudge::LockJudge(sim::World& world) noexcept : world_(world) {
    world.created_open(this);
    const sim::Inside inside(world_, *this);
}

void LockJudge::starts(std::uint32_t worker) {
    const sim::Inside inside(world_, *this);
    questions_.erase(worker);
}

void LockJudge::granted(std::uint32_t worker, std::uint64_t token) {
    const sim::Inside inside(world_, *this);
    const bool is_confirmed = token == highest_token_ && worker == last_holder_;
    if (token <= highest_token_ && !is_confirmed) {
        return world_.fail("lock-tokens",
                           worker_name(worker) + " was granted the lock with token " +
                               std::to_string(token) + ", though " + worker_name(last_holder_) +
                               " had been granted it with token " + std::to_string(highest_token_));
    }
    highest_token_ = token;
    last_holder_ = worker;
}

void LockJudge::acts(std::uint32_t worker, std::uint64_t token) {
    const sim::Inside inside(world_, *this);
    if (token >= highest_token_) return;
    world_.fail("lock-alone",
                worker_name(worker) + " still takes itself for the holder, with token " +
                    std::to_string(token) + ", after " + worker_name(last_holder_) +
                    " was granted the lock with token " + std::to_string(highest_token_));
}

void LockJudge::counted(std::uint32_t worker, std::uint64_t add, std::uint64_t place,
                        std::uint64_t token) {
    const sim::Inside inside(world_, *this);
    const Add made{worker, add, token};
    const auto [known, is_new] = places_.emplace(place, made);
    if (!is_new && (known->second.worker != worker || known->second.number != add)) {
        return world_.fail("ledger-keeps", text(made) + " was acknowledged at place " +
                                               std::to_string(place) + " of the ledger, where " +
                                               text(known->second) +
                                               " had been acknowledged: only one of them is in it");
    }
    check_fence(place, made);
}

void LockJudge::check_fence(std::uint64_t place, const Add& add) {
    for (const auto& [other_place, other] : places_) {
        const bool before = other_place < place && other.token > add.token;
        const bool behind = other_place > place && other.token < add.token;
        if (!before && !behind) continue;
        const auto at = [](const Add& it, std::uint64_t where) {
            return text(it) + ", with token " + std::to_string(it.token) + ", at place " +
                   std::to_string(where);
        };
        return world_.fail("ledger-fenced",
                           before
                               ? at(add, place) + " was counted behind " + at(other, other_place)
                               : at(other, other_place) + " was counted behind " + at(add, place));
    }
}

void LockJudge::asks(std::uint32_t worker, std::string_view whom, std::string_view request) {
    const sim::Inside inside(world_, *this);
    questions_[worker] = {"the " + std::string(whom) + " '" + std::string(request) + "'", "", true,
                          world_.now()};
}

void LockJudge::answered(std::uint32_t worker, std::string_view answer) {
    const sim::Inside inside(world_, *this);
    Question& last = questions_[worker];
    last.answer = answer;
    last.waits = false;
    if (world_.now() - last.since <= longest_wait_) return;
    world_.fail("lock-patience", worker_name(worker) + " has asked " + last.text + " and waited " +
                                     sim::in_ms(world_.now() - last.since) + " for the answer");
}

void LockJudge::audit(std::uint64_t adds) {
    const sim::Inside inside(world_, *this);
    const std::uint64_t acknowledged = places_.size();
    if (adds < acknowledged) {
        world_.fail("ledger-keeps", "the ledger has acknowledged " + adds_text(acknowledged) +
                                        ", and when it has started anew it has " +
                                        std::to_string(adds));
    } else if (adds > acknowledged) {
        world_.fail("ledger-once", "the workers have made " + adds_text(acknowledged) +
                                       ", each of which was acknowledged, and the ledger has " +
                                       std::to_string(adds) + ": some are counted twice");
    }
}

void LockJudge::late(std::uint32_t worker, Duration calm) {
    const sim::Inside inside(world_, *this);
    const Question& last = questions_[worker];
    std::string state = "it has asked nothing";
    if (last.waits && !last.text.empty()) {
        state = "it has asked " + last.text + " and waits for the answer";
    } else if (!last.text.empty()) {
        state = "the last that it has asked is " + last.text + ", and it has heard " +
                (last.answer.empty() ? "nothing" : "'" + last.answer + "'");
    }
    world_.fail("lock-served", worker_name(worker) + " is not done " + sim::in_ms(calm) +
                                   " after the calm; " + state);
}

std::string LockJudge::outcome() const {
    std::map<std::uint32_t, std::set<std::uint64_t>> adds;
    for (const auto& [place, add] : places_) adds[add.worker].insert(place);
    std::string all;
    for (const auto& [worker, places] : adds) {
        all += (all.empty() ? "" : "; ") + worker_name(worker) + ": " + adds_text(places.size());
    }
    return all;
}

std::uint64_t LockJudge::state_hash() const {
    std::uint64_t hash = hash_of({highest_token_, last_holder_});
    for (const auto& [place, add] : places_) {
        hash = hash_of({hash, place, add.worker, add.number, add.token});
    }
    for (const auto& [worker, question] : questions_) {
        hash = hash_of({hash, worker, hash_of(std::string_view(question.text)),
                        hash_of(std::string_view(question.answer)), question.waits ? 1U : 0U});
    }
    return hash;
}

}  // namespace drydock::zoo

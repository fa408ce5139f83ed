// The judges.
#include "judge.hpp"

#include <algorithm>

#include <drydock/hash.hpp>

#include "protocol.hpp"

namespace kv {

using drydock::sim::Inside;

std::string OwnKeys::execute(const Request& request) {
    const auto found = values_.find(request.key);
    const bool exists = found != values_.end();
    switch (request.verb) {
        case Verb::set:
            values_[request.key] = request.value;
            return std::string(answers::ok);
        case Verb::get:
            return exists ? answers::value(found->second) : std::string(answers::none);
        case Verb::del:
            if (!exists) return std::string(answers::none);
            values_.erase(found);
            return std::string(answers::ok);
        case Verb::incr: {
            // The clients' values are short: digits alone, or letters alone.
            const std::string old = exists ? found->second : "0";
            if (old.empty() || old[0] < '0' || old[0] > '9') {
                return std::string(answers::not_a_number);
            }
            const std::string next = std::to_string(std::stoull(old) + 1);
            values_[request.key] = next;
            return answers::value(next);
        }
        case Verb::quit:
            break;
    }
    return std::string(answers::bye);
}

bool OwnKeys::match(const Store& store, char suffix) const {
    std::size_t count = 0;
    for (const auto& [key, value] : store.values()) {
        if (!key.ends_with(suffix)) continue;
        const auto found = values_.find(key);
        if (found == values_.end() || found->second != value) return false;
        ++count;
    }
    return count == values_.size();
}

void Counter::asked(std::uint32_t client, bool increments) {
    const Inside inside(world_, *this);
    clients_[client].pending.push_back({increments, newest_});
    if (increments) ++increments_;
}

std::string Counter::answered(std::uint32_t client, std::uint64_t value) {
    const Inside inside(world_, *this);
    Client& it = clients_[client];
    const Pending request = it.pending.front();
    it.pending.pop_front();
    // What was answered before it was asked has happened before it.
    const std::uint64_t least = std::max(request.newest, it.last) + (request.increments ? 1 : 0);
    it.last = value;
    newest_ = std::max(newest_, value);
    if (value < least) return "it must be at least " + std::to_string(least) + " by then";
    if (value > increments_) {
        return "only " + std::to_string(increments_) + " INCRs had been sent by then";
    }
    const bool is_taken = request.increments && !taken_.insert(value).second;
    return is_taken ? "another INCR was answered by the same" : "";
}

void Counter::refused(std::uint32_t client) {
    const Inside inside(world_, *this);
    Client& it = clients_[client];
    if (it.pending.front().increments) --increments_;
    it.pending.pop_front();
}

std::string Counter::judge_end(std::uint64_t value, bool is_exact) const {
    const Inside inside(world_, *this);
    const std::uint64_t least = std::max<std::uint64_t>(newest_, taken_.size());
    const std::uint64_t most = is_exact ? taken_.size() : increments_;
    if (value >= least && value <= most) return {};
    return "the counter is " + std::to_string(value) + " in the end; " +
           std::to_string(taken_.size()) + " of " + std::to_string(increments_) +
           " INCRs were answered, the last with " + std::to_string(newest_) +
           (is_exact ? ", and nothing had disturbed a connection" : "");
}

std::uint64_t Counter::state_hash() const {
    std::uint64_t hash = drydock::hash_of({increments_, newest_});
    for (const auto& [number, client] : clients_) {
        hash = drydock::hash_of({hash, number, client.last, client.pending.size()});
        for (const Pending& pending : client.pending) {
            hash = drydock::hash_of({hash, pending.increments ? 1U : 0U, pending.newest});
        }
    }
    for (const std::uint64_t value : taken_) hash = drydock::hash_with(hash, value);
    return hash;
}

}  // namespace kv

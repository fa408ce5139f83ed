// Keys, their expiry, and a hash of all of it.
#include "tests/broker/keyspace.hpp"

#include <bit>

#include <drydock/hash.hpp>

namespace drydock::broker {
namespace {

std::uint64_t hash_of_value(const Stream& stream) noexcept {
    const StreamId last = stream.last_id();
    std::uint64_t hash = hash_of({last.time, last.sequence, stream.entries().size()});
    for (const StreamEntry& entry : stream.entries()) {
        hash = hash_of({hash, entry.id.time, entry.id.sequence});
        for (const std::string& field : entry.fields)
            hash = hash_of({hash, hash_of(std::string_view(field))});
    }
    return hash;
}

std::uint64_t hash_of_value(const Hash& fields) noexcept {
    std::uint64_t hash = fields.size();
    for (const auto& [name, value] : fields) {
        hash = hash_of({hash, hash_of(std::string_view(name)), hash_of(std::string_view(value))});
    }
    return hash;
}

std::uint64_t hash_of_value(const SortedSet& members) noexcept {
    std::uint64_t hash = members.size();
    for (const auto& [member, score] : members) {
        hash =
            hash_of({hash, hash_of(std::string_view(member)), std::bit_cast<std::uint64_t>(score)});
    }
    return hash;
}

}  // namespace

bool Keyspace::remove(std::string_view key) {
    const auto at = values_.find(key);
    if (at == values_.end()) return false;
    values_.erase(at);
    return true;
}

bool Keyspace::set_expiry(std::string_view key, std::int64_t at) {
    const auto found = values_.find(key);
    if (found == values_.end()) return false;
    found->second.expires = at;
    return true;
}

std::optional<std::int64_t> Keyspace::expiry(std::string_view key) const {
    const auto found = values_.find(key);
    return found == values_.end() ? std::nullopt : found->second.expires;
}

std::vector<std::string> Keyspace::expire(std::int64_t now) {
    std::vector<std::string> gone;
    for (auto at = values_.begin(); at != values_.end();) {
        const bool is_due = at->second.expires && *at->second.expires <= now;
        if (is_due) gone.push_back(at->first);
        at = is_due ? values_.erase(at) : std::next(at);
    }
    return gone;
}

std::uint64_t Keyspace::hash() const noexcept {
    std::uint64_t hash = values_.size();
    for (const auto& [key, slot] : values_) {
        const std::uint64_t value =
            std::visit([](const auto& its) { return hash_of_value(its); }, slot.value);
        hash = hash_of({hash, hash_of(std::string_view(key)), value,
                        static_cast<std::uint64_t>(slot.expires.value_or(-1))});
    }
    return hash;
}

}  // namespace drydock::broker

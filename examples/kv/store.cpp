// Commands on the store.
#include "store.hpp"

#include <charconv>
#include <limits>
#include <system_error>

#include <drydock/hash.hpp>

namespace kv {

std::string Store::execute(const Command& command) {
    switch (command.verb) {
        case Verb::set:
            return std::string(put(command.key, command.value) ? answers::ok : answers::store_full);
        case Verb::get: {
            const auto found = values_.find(command.key);
            if (found == values_.end()) return std::string(answers::none);
            return answers::value(found->second);
        }
        case Verb::del:
            return std::string(remove(command.key) ? answers::ok : answers::none);
        case Verb::incr:
            return increment(command.key);
        case Verb::quit:
            break;
    }
    return std::string(answers::bye);
}

/// False: the store would exceed its memory. Then it is unchanged.
bool Store::put(std::string_view key, std::string_view value) {
    const auto found = values_.find(key);
    const std::size_t old = found == values_.end() ? 0 : cost_of(key, found->second);
    const std::size_t used = used_ - old + cost_of(key, value);
    if (used > memory_) return false;
    used_ = used;
    if (found == values_.end()) {
        values_.emplace(key, value);
    } else {
        found->second = value;
    }
    return true;
}

std::string Store::increment(std::string_view key) {
    std::uint64_t number = 0;
    const auto found = values_.find(key);
    if (found != values_.end()) {
        const std::string& text = found->second;
        const char* const last = text.data() + text.size();
        const auto [end, error] = std::from_chars(text.data(), last, number);
        if (error == std::errc::result_out_of_range) return std::string(answers::number_too_large);
        if (error != std::errc() || end != last) return std::string(answers::not_a_number);
    }
    if (number == std::numeric_limits<std::uint64_t>::max()) {
        return std::string(answers::number_too_large);
    }
    const std::string next = std::to_string(number + 1);
    if (!put(key, next)) return std::string(answers::store_full);
    return answers::value(next);
}

bool Store::remove(std::string_view key) {
    const auto found = values_.find(key);
    if (found == values_.end()) return false;
    used_ -= cost_of(key, found->second);
    values_.erase(found);
    return true;
}

std::uint64_t Store::state_hash() const noexcept {
    std::uint64_t hash = drydock::hash_seed;
    for (const auto& [key, value] : values_) {
        hash = drydock::hash_of({hash, drydock::hash_of(key), drydock::hash_of(value)});
    }
    return hash;
}

}  // namespace kv

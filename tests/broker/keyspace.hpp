// What the model of Redis keeps: streams, hashes and sorted sets by key, and when keys expire.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tests/broker/stream.hpp"

namespace drydock::broker {

using Hash = std::map<std::string, std::string, std::less<>>;
using SortedSet = std::map<std::string, double, std::less<>>;

/// What a command finds under a key.
template <typename T>
struct Found {
    T* value = nullptr;     ///< null: no such key, or
    bool is_wrong = false;  ///< the value is of another type
};

class Keyspace {
public:
    template <typename T>
    Found<T> find(std::string_view key) {
        const auto at = values_.find(key);
        if (at == values_.end()) return {};
        T* const value = std::get_if<T>(&at->second.value);
        return {value, value == nullptr};
    }
    /// find(), and the key is made if there is none.
    template <typename T>
    Found<T> find_or_make(std::string_view key) {
        const Found<T> found = find<T>(key);
        if (found.value != nullptr || found.is_wrong) return found;
        return {&std::get<T>(values_.emplace(key, Slot{T(), {}}).first->second.value), false};
    }
    bool has(std::string_view key) const { return values_.find(key) != values_.end(); }
    bool remove(std::string_view key);

    /// A time in milliseconds since 1970 at which the key goes. False: no such key.
    bool set_expiry(std::string_view key, std::int64_t at);
    /// That time, or none.
    std::optional<std::int64_t> expiry(std::string_view key) const;
    /// Removes the keys whose time has come, and names them.
    std::vector<std::string> expire(std::int64_t now);

    /// Calls `use` with each key and its variant of Stream, Hash and SortedSet.
    template <typename Use>
    void for_each(Use use) const {
        for (const auto& [key, slot] : values_) use(std::string_view(key), slot.value);
    }

    /// By value.
    std::uint64_t hash() const noexcept;

private:
    struct Slot {
        std::variant<Stream, Hash, SortedSet> value;
        std::optional<std::int64_t> expires;
    };

    std::map<std::string, Slot, std::less<>> values_;
};

}  // namespace drydock::broker

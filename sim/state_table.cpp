// Open addressing with short linear probes; each shard grows by itself.
#include "sim/state_table.hpp"

#include <algorithm>
#include <utility>

namespace drydock::sim {
namespace {

constexpr std::size_t least_entries = 64;

// A full table looks at so many states for the one to forget.
constexpr std::size_t candidates = 32;

}  // namespace

StateTable::StateTable(std::uint64_t most_bytes) noexcept : most_bytes_(most_bytes) {}

/// The hash is stirred once more, so that shard and place do not depend on how it was made.
std::uint64_t StateTable::key_of(std::uint64_t state) noexcept {
    state ^= state >> 32;
    state *= 0xd6e8feb86659fd93;
    state ^= state >> 32;
    return state != 0 ? state : 1;
}

/// The upper half of the key says where in the shard its search begins.
std::size_t StateTable::first_place(const Shard& shard, std::uint64_t key) noexcept {
    return static_cast<std::size_t>((key >> 32) * shard.entries.size() >> 32);
}

const StateTable::Entry* StateTable::look_up(const Shard& shard, std::uint64_t key) noexcept {
    if (shard.entries.empty()) return nullptr;
    std::size_t at = first_place(shard, key);
    for (std::size_t i = 0; i < longest_probe; ++i) {
        const Entry& entry = shard.entries[at];
        if (entry.key == key) return &entry;
        if (entry.key == 0) return nullptr;
        if (++at == shard.entries.size()) at = 0;
    }
    return nullptr;
}

std::optional<double> StateTable::find(std::uint64_t state) const {
    const std::uint64_t key = key_of(state);
    const Shard& shard = shard_of(key);
    const std::lock_guard lock(shard.mutex);
    const Entry* const known = look_up(shard, key);
    return known != nullptr ? std::optional(known->schedules) : std::nullopt;
}

bool StateTable::add(std::uint64_t state, double schedules) {
    const Entry entry{key_of(state), schedules};
    Shard& shard = shard_of(entry.key);
    const std::lock_guard lock(shard.mutex);
    if (look_up(shard, entry.key) != nullptr) return false;
    while (shard.used * 20 >= shard.entries.size() * 17 || !put(shard, entry)) {
        if (grow(shard)) continue;
        replace(shard, entry);
        break;
    }
    return true;
}

/// False: no free place is near enough.
bool StateTable::put(Shard& shard, const Entry& entry) noexcept {
    std::size_t at = first_place(shard, entry.key);
    for (std::size_t i = 0; i < std::min(longest_probe, shard.entries.size()); ++i) {
        if (shard.entries[at].key == 0) {
            shard.entries[at] = entry;
            ++shard.used;
            size_.fetch_add(1, std::memory_order_relaxed);
            return true;
        }
        if (++at == shard.entries.size()) at = 0;
    }
    return false;
}

/// By a quarter: 85 % of the shard are in use before it, and 68 % after it.
bool StateTable::grow(Shard& shard) {
    const std::size_t before = shard.entries.size();
    const std::size_t after = std::max(least_entries, before + before / 4);
    const std::uint64_t more = (after - before) * sizeof(Entry);
    if (bytes_.fetch_add(more, std::memory_order_relaxed) + more > most_bytes_) {
        bytes_.fetch_sub(more, std::memory_order_relaxed);
        return false;
    }
    std::vector<Entry> old = std::exchange(shard.entries, std::vector<Entry>(after));
    size_.fetch_sub(std::exchange(shard.used, 0), std::memory_order_relaxed);
    for (const Entry& entry : old) {
        if (entry.key != 0 && !put(shard, entry)) forgotten_.store(true);
    }
    return true;
}

/// Of the states near its place, that with the fewest schedules is given up for this one, unless
/// this one has fewer: it takes the least work to explore again.
void StateTable::replace(Shard& shard, const Entry& entry) noexcept {
    const bool room = shard.used * 20 < shard.entries.size() * 19;
    if (room && put(shard, entry)) return;
    forgotten_.store(true, std::memory_order_relaxed);
    if (shard.entries.empty()) return;
    Entry* least = nullptr;
    std::size_t at = first_place(shard, entry.key);
    for (std::size_t i = 0; i < std::min(candidates, shard.entries.size()); ++i) {
        Entry& other = shard.entries[at];
        if (other.key != 0 && (least == nullptr || other.schedules < least->schedules))
            least = &other;
        if (++at == shard.entries.size()) at = 0;
    }
    if (least != nullptr && least->schedules < entry.schedules) *least = entry;
}

}  // namespace drydock::sim

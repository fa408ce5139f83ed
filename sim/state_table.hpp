// The states that an exploration has finished, each with the number of schedules that lead on from
// it: 16 bytes a state, in shards that several workers use at the same time.
//
// A table that may not grow any more forgets the states that are cheapest to explore again. So an
// exploration with a table that is too small is slower, and as complete.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <drydock/mutex.hpp>

namespace drydock::sim {

class StateTable {
public:
    /// A table of at most so many bytes. While a part of it grows, it takes a few percent more.
    explicit StateTable(std::uint64_t most_bytes) noexcept;

    /// The schedules from `state` on. None: the state is not in the table.
    std::optional<double> find(std::uint64_t state) const;
    /// Adds `state`. False: another worker has added it before.
    bool add(std::uint64_t state, double schedules);

    /// How many states are in the table.
    std::uint64_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
    /// A state was forgotten, or not kept at all.
    bool has_forgotten() const noexcept { return forgotten_.load(std::memory_order_relaxed); }
    std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

private:
    struct Entry {
        std::uint64_t key = 0;  // 0: free
        double schedules = 0;
    };
    struct Shard {
        mutable Mutex mutex;
        std::vector<Entry> entries;
        std::size_t used = 0;
    };
    static constexpr std::size_t shard_count = 64;
    static constexpr std::size_t longest_probe = 512;  // few are longer than 20

    static std::uint64_t key_of(std::uint64_t state) noexcept;
    static std::size_t first_place(const Shard& shard, std::uint64_t key) noexcept;
    Shard& shard_of(std::uint64_t key) noexcept { return shards_[key % shard_count]; }
    const Shard& shard_of(std::uint64_t key) const noexcept { return shards_[key % shard_count]; }
    static const Entry* look_up(const Shard& shard, std::uint64_t key) noexcept;
    bool grow(Shard& shard);
    bool put(Shard& shard, const Entry& entry) noexcept;
    void replace(Shard& shard, const Entry& entry) noexcept;

    const std::uint64_t most_bytes_;
    std::array<Shard, shard_count> shards_;
    std::atomic<std::uint64_t> size_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<bool> forgotten_{false};
};

}  // namespace drydock::sim

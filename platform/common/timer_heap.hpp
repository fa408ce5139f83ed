// The timers of a real queue: a binary heap of operations by deadline. It uses no clock, no lock
// and no system call.
//
// Timers with equal deadlines come out in the order in which they were started. Each operation
// knows its place in the heap by a TimerRecord at the very beginning of its native record; so
// canceling takes O(log n) and leaves nothing behind. The queue's own lock guards the heap and the
// records.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include <drydock/operation.hpp>
#include <drydock/time.hpp>

namespace drydock::platform {

/// What a backend's native record begins with (or all that it is) while its operation is a timer.
struct TimerRecord {
    static constexpr std::size_t not_pending = static_cast<std::size_t>(-1);

    /// The operation's index in the heap; not_pending: it is not in the heap (not started, or due,
    /// or canceled).
    std::size_t index = not_pending;

    bool pending() const noexcept { return index != not_pending; }
};

static_assert(std::is_standard_layout_v<TimerRecord>);

class TimerHeap {
public:
    bool empty() const noexcept { return entries_.empty(); }
    std::size_t size() const noexcept { return entries_.size(); }

    /// The earliest deadline; `never` when there is no timer.
    Time next_deadline() const noexcept {
        return entries_.empty() ? never : entries_.front().deadline;
    }

    /// Room for `count` timers, so that the next pushes do not allocate. False: no memory.
    bool reserve(std::size_t count) noexcept {
        try {
            entries_.reserve(count);
        } catch (...) {
            return false;
        }
        return true;
    }

    /// Adds an operation whose native record was made already. True: it is the earliest now, so a
    /// worker that sleeps until the old earliest deadline must be woken. Ends the program when
    /// there is no memory.
    bool push(Operation& operation, Time deadline) noexcept {
        entries_.push_back({deadline, next_sequence_++, &operation});
        return rise(entries_.size() - 1) == 0;
    }

    /// Takes out one operation that is pending.
    void remove(Operation& operation) noexcept {
        const std::size_t index = std::exchange(record(operation).index, TimerRecord::not_pending);
        const Entry last = entries_.back();
        entries_.pop_back();
        if (index == entries_.size()) return;
        entries_[index] = last;
        // The last entry may belong above or below the gap, as it comes from another branch.
        if (rise(index) == index) sink(index);
    }

    /// Takes out the earliest operation if its deadline has come; null otherwise. Call it until it
    /// gives null.
    Operation* pop_due(Time now) noexcept {
        if (entries_.empty() || entries_.front().deadline > now) return nullptr;
        Operation& operation = *entries_.front().operation;
        remove(operation);
        return &operation;
    }

private:
    struct Entry {
        Time deadline;
        std::uint64_t sequence;
        Operation* operation;

        bool before(const Entry& other) const noexcept {
            return deadline != other.deadline ? deadline < other.deadline
                                              : sequence < other.sequence;
        }
    };

    static TimerRecord& record(Operation& operation) noexcept {
        return operation.native<TimerRecord>();
    }

    void place(std::size_t index, const Entry& entry) noexcept {
        entries_[index] = entry;
        record(*entry.operation).index = index;
    }

    /// Both say where the entry came to rest.
    std::size_t rise(std::size_t index) noexcept {
        const Entry entry = entries_[index];
        while (index > 0) {
            const std::size_t parent = (index - 1) / 2;
            if (!entry.before(entries_[parent])) break;
            place(index, entries_[parent]);
            index = parent;
        }
        place(index, entry);
        return index;
    }

    std::size_t sink(std::size_t index) noexcept {
        const Entry entry = entries_[index];
        for (;;) {
            std::size_t child = 2 * index + 1;
            if (child >= entries_.size()) break;
            const std::size_t right = child + 1;
            if (right < entries_.size() && entries_[right].before(entries_[child])) child = right;
            if (!entries_[child].before(entry)) break;
            place(index, entries_[child]);
            index = child;
        }
        place(index, entry);
        return index;
    }

    std::vector<Entry> entries_;
    std::uint64_t next_sequence_ = 0;
};

}  // namespace drydock::platform

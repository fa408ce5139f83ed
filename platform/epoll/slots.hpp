// The slot table: how an event finds its socket, although the socket may be gone by then.
//
// A worker takes a batch of events out of the kernel and works through it. Meanwhile another worker
// may close a socket that has a later event in that batch, and create a new socket in its place.
// Therefore an event names a slot, by number and generation, and not a socket. Slots stay allocated
// until the queue ends, so a slot's lock can always be taken. A worker that holds the lock and
// finds the event's generation unchanged also finds the socket, and keeps it from being destroyed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace drydock::epoll {

/// Receives a slot's events.
class Handler {
public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;

    /// Called with the slot's lock held; it may be released as soon as it is of no more use.
    virtual void on_events(std::uint32_t events, std::unique_lock<std::mutex> lock) noexcept = 0;

protected:
    ~Handler() = default;
};

struct Slot {
    std::mutex mutex;  // guards the rest, and the state of the handler
    std::uint32_t index = 0;
    std::uint32_t generation = 0;
    Handler* handler = nullptr;

    /// The number that the kernel puts into this slot's events.
    std::uint64_t key() const noexcept { return std::uint64_t{generation} << 32 | index; }
};

class SlotTable {
public:
    SlotTable() = default;
    SlotTable(const SlotTable&) = delete;
    SlotTable& operator=(const SlotTable&) = delete;

    /// A free slot, given to `handler`; null when there is no memory.
    Slot* acquire(Handler& handler) noexcept;

    /// Gives a slot back: events underway to it find another generation from here on.
    void release(Slot& slot) noexcept;

    /// The slot that an event's key names, of whatever generation.
    Slot& at(std::uint64_t key) noexcept {
        const std::size_t index = key & 0xffffffff;
        return chunks_[index / chunk_size].load(std::memory_order_acquire)[index % chunk_size];
    }
    static std::uint32_t generation(std::uint64_t key) noexcept {
        return static_cast<std::uint32_t>(key >> 32);
    }

    /// No slot has this key.
    static constexpr std::uint64_t no_slot = ~std::uint64_t{0};

private:
    static constexpr std::size_t chunk_size = 512;
    static constexpr std::size_t max_chunks = 4096;

    bool grow();

    std::array<std::atomic<Slot*>, max_chunks> chunks_{};
    std::mutex mutex_;                             // guards what follows
    std::vector<std::unique_ptr<Slot[]>> memory_;  // what the chunks point to
    std::vector<Slot*> free_;
};

}  // namespace drydock::epoll

// The slot table's memory: chunks that stay where they are until the queue ends.
#include "platform/epoll/slots.hpp"

#include <memory>

namespace drydock::epoll {

SlotTable::~SlotTable() {
    for (std::size_t i = 0; i < chunk_count_; ++i) {
        delete[] chunks_[i].load(std::memory_order_relaxed);
    }
}

bool SlotTable::grow() {
    if (chunk_count_ == max_chunks) {
        return false;
    }
    try {
        free_.reserve((chunk_count_ + 1) * chunk_size);  // so that release() never allocates
        auto chunk = std::make_unique<Slot[]>(chunk_size);
        for (std::size_t i = chunk_size; i-- > 0;) {
            chunk[i].index = static_cast<std::uint32_t>(chunk_count_ * chunk_size + i);
            free_.push_back(&chunk[i]);
        }
        chunks_[chunk_count_++].store(chunk.release(), std::memory_order_release);
    } catch (...) {
        return false;
    }
    return true;
}

Slot* SlotTable::acquire(Handler& handler) noexcept {
    Slot* slot = nullptr;
    {
        const std::lock_guard lock(mutex_);
        if (free_.empty() && !grow()) {
            return nullptr;
        }
        slot = free_.back();
        free_.pop_back();
    }
    const std::lock_guard lock(slot->mutex);
    slot->handler = &handler;
    return slot;
}

void SlotTable::release(Slot& slot) noexcept {
    {
        const std::lock_guard lock(slot.mutex);
        ++slot.generation;
        slot.handler = nullptr;
    }
    const std::lock_guard lock(mutex_);
    free_.push_back(&slot);
}

}  // namespace drydock::epoll

// The slot table's memory: chunks that stay in place until the queue ends.
#include "platform/epoll/slots.hpp"

namespace drydock::epoll {

bool SlotTable::grow() {
    const std::size_t chunks = memory_.size();
    if (chunks == max_chunks) {
        return false;
    }
    try {
        free_.reserve((chunks + 1) * chunk_size);  // so that release() never allocates
        memory_.push_back(std::make_unique<Slot[]>(chunk_size));
    } catch (...) {
        return false;
    }
    Slot* const slots = memory_.back().get();
    for (std::size_t i = chunk_size; i-- > 0;) {
        slots[i].index = static_cast<std::uint32_t>(chunks * chunk_size + i);
        free_.push_back(&slots[i]);
    }
    chunks_[chunks].store(slots, std::memory_order_release);
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

// Blocks that are used again at once.
#include "sim/buffers.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace drydock::sim {

/// Each byte is like the one before it: that comparison is the library's, and fast.
bool all_poison(std::span<const std::byte> bytes) noexcept {
    return bytes.empty() || (bytes.front() == poison &&
                             std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

Buffers::Block& Buffers::free_block(std::size_t size) {
    const auto free = std::find_if(blocks_.rbegin(), blocks_.rend(), [&](const Block& block) {
        return !block.out && block.capacity >= size;
    });
    if (free != blocks_.rend()) return *free;
    Block& block = blocks_.emplace_back();
    block.capacity = std::bit_ceil(size);
    block.memory = std::make_unique<std::byte[]>(block.capacity);
    std::fill_n(block.memory.get(), block.capacity, poison);
    return block;
}

ProvidedBuffer Buffers::take(std::size_t size, std::source_location where) {
    Block& block = free_block(size);
    if (block.touched() && !touched_) touched_ = block.where;
    block.size = size;
    block.where = where;
    block.out = true;
    ++out_;
    return ProvidedBuffer(*this, block.memory.get(), size);
}

void Buffers::take_back(std::byte* memory) noexcept {
    const auto given = std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& block) {
        return block.memory.get() == memory;
    });
    if (given->touched() && !touched_) touched_ = given->where;
    std::fill_n(memory, given->size, poison);
    given->out = false;
    --out_;
    if (out_ > 0) return;
    const std::shared_ptr<Buffers> last = std::move(alive_);
}

std::optional<std::source_location> Buffers::kept() const noexcept {
    for (const Block& block : blocks_) {
        if (block.out) return block.where;
    }
    return std::nullopt;
}

std::optional<std::source_location> Buffers::touched() const noexcept {
    for (const Block& block : blocks_) {
        if (!touched_ && block.touched()) return block.where;
    }
    return touched_;
}

void Buffers::abandon(std::shared_ptr<Buffers> buffers) noexcept {
    Buffers& left = *buffers;
    if (left.out_ > 0) left.alive_ = std::move(buffers);
}

}  // namespace drydock::sim

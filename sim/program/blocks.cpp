// The table of blocks. leaks.cpp looks for those that nothing leads to.
#include "sim/program/blocks.hpp"

#include <sys/mman.h>
#include <sys/single_threaded.h>

#include <utility>

namespace drydock::sim {
namespace {

constexpr std::size_t first_size = std::size_t{1} << 10;

}  // namespace

/// While it exists, no other thread uses the table.
class Blocks::Lock {
public:
    explicit Lock(std::atomic_flag& flag) noexcept
        : flag_(__libc_single_threaded ? nullptr : &flag) {
        while (flag_ != nullptr && flag_->test_and_set(std::memory_order_acquire)) {}
    }
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock() {
        if (flag_ != nullptr) flag_->clear(std::memory_order_release);
    }

private:
    std::atomic_flag* flag_;
};

std::size_t Blocks::home(const void* address) const noexcept {
    // Blocks are multiples of 16 bytes apart (Fibonacci hashing).
    const std::uint64_t bits = reinterpret_cast<std::uintptr_t>(address) >> 4;
    return static_cast<std::size_t>((bits * 0x9E3779B97F4A7C15ULL) >> 20) & (size_ - 1);
}

void Blocks::put(const Block& block) noexcept {
    std::size_t at = home(block.address);
    while (slots_[at].address != nullptr) at = (at + 1) & (size_ - 1);
    slots_[at] = block;
}

bool Blocks::grow() noexcept {
    const std::size_t size = size_ == 0 ? first_size : 2 * size_;
    void* const memory = mmap(nullptr, size * sizeof(Block), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return false;
    Block* const old = std::exchange(slots_, static_cast<Block*>(memory));
    const std::size_t old_size = std::exchange(size_, size);
    for (std::size_t i = 0; i < old_size; ++i) {
        if (old[i].address != nullptr) put(old[i]);
    }
    if (old != nullptr) munmap(old, old_size * sizeof(Block));
    return true;
}

void Blocks::add(const Block& block) noexcept {
    const Lock lock(locked_);
    if (2 * count_ >= size_ && !grow()) return;
    put(block);
    ++count_;
    of_program_ += block.by_program ? 1 : 0;
}

bool Blocks::remove(const void* address) noexcept {
    const Lock lock(locked_);
    if (size_ == 0) return false;
    const std::size_t mask = size_ - 1;
    std::size_t at = home(address);
    while (slots_[at].address != address) {
        if (slots_[at].address == nullptr) return false;
        at = (at + 1) & mask;
    }
    --count_;
    of_program_ -= slots_[at].by_program ? 1 : 0;
    // Those behind it that could not have their own place move up.
    for (std::size_t next = (at + 1) & mask; slots_[next].address != nullptr;
         next = (next + 1) & mask) {
        const std::size_t away = (next - home(slots_[next].address)) & mask;
        if (away < ((next - at) & mask)) continue;
        slots_[at] = slots_[next];
        at = next;
    }
    slots_[at] = {};
    return true;
}

void Blocks::move_to(Blocks& other) noexcept {
    if (count_ == 0) return;
    const Lock lock(locked_);
    for (std::size_t i = 0; i < size_; ++i) {
        Block block = std::exchange(slots_[i], {});
        block.by_program = false;
        if (block.address != nullptr) other.add(block);
    }
    count_ = of_program_ = 0;
}

}  // namespace drydock::sim

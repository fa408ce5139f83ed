// The blocks of memory that the process has allocated, and which of them nothing leads to any more.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "sim/memory.hpp"

namespace drydock::sim {

/// A block that is allocated.
struct Block {
    void* address = nullptr;
    std::size_t size = 0;
    const void* caller = nullptr;  ///< what has asked for it, if a program did
    bool by_program = false;       ///< allocated on a fiber of a program
};

/// All of them, by address: a hash table with linear probing. Its memory is the system's, as
/// malloc() uses it. From any thread.
class Blocks {
public:
    constexpr Blocks() noexcept = default;

    void add(const Block& block) noexcept;
    /// False: it was not there.
    bool remove(const void* address) noexcept;
    /// Moves all of them to `other`, as blocks that no program has allocated.
    void move_to(Blocks& other) noexcept;

    /// Calls `use` with each block.
    template <typename Use>
    void for_each(const Use& use) const noexcept {
        for (std::size_t i = 0; i < size_; ++i) {
            if (slots_[i].address != nullptr) use(slots_[i]);
        }
    }
    std::size_t count() const noexcept { return count_; }
    /// How many of them a program has allocated.
    std::size_t of_program() const noexcept { return of_program_; }

private:
    class Lock;
    std::size_t home(const void* address) const noexcept;
    void put(const Block& block) noexcept;
    bool grow() noexcept;

    Block* slots_ = nullptr;
    std::size_t size_ = 0;  // a power of two
    std::size_t count_ = 0;
    std::size_t of_program_ = 0;
    std::atomic_flag locked_{};
};

/// The blocks of the program that nothing leads to. `before`: what was there before its run.
Leaked find_leaked(const Blocks& before, const Blocks& run) noexcept;

}  // namespace drydock::sim

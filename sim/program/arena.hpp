// The memory of a program: what its fibers allocate.
//
// The same calls get blocks in the same order of addresses in each run, whatever the process has
// done before, so that a program whose std::set is ordered by pointers goes the same way in each
// run of a seed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace drydock::sim {

/// For one thread at a time.
class Arena {
public:
    constexpr Arena() noexcept = default;

    /// Null: the block is too large, or there is no room left.
    void* allocate(std::size_t size) noexcept;
    void free(void* block) noexcept;
    /// Whether the block is one of the arena's.
    bool has(const void* block) const noexcept { return block >= first_ && block < used_to_; }
    /// The usable bytes of a block.
    static std::size_t size_of(const void* block) noexcept;

    /// A run begins. Blocks of earlier runs stay, and their memory is not used again.
    void begin_run() noexcept;

private:
    static constexpr std::size_t unit = 16;
    static constexpr std::size_t largest = 1024 * 1024;
    static constexpr std::size_t small = 1024;  // up to here, a class for each multiple of 16 bytes
    static constexpr std::size_t classes = small / unit + 11;

    struct Header {
        std::size_t size;  // usable bytes
        Header* next;      // of the free blocks of its class
    };
    static_assert(sizeof(Header) == unit);

    static std::size_t class_of(std::size_t size) noexcept;
    static std::size_t size_of_class(std::size_t number) noexcept;
    bool map() noexcept;

    std::byte* first_ = nullptr;
    std::byte* run_ = nullptr;      // where the blocks of this run begin
    std::byte* used_to_ = nullptr;  // behind the last block
    std::byte* end_ = nullptr;
    std::size_t live_ = 0;  // blocks
    std::array<Header*, classes> free_{};
};

}  // namespace drydock::sim

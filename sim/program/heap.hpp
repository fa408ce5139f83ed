// The heap of a simulated program: addresses that depend on nothing but the order of its calls of
// malloc() and free().
//
// Programs look at addresses: std::set<T*> is ordered by them, hashes of pointers are made of them.
// So what the program allocates on its fibers lies in a range of addresses of its own, which begins
// at the same place in every process and is handed out in the same order in every run. Blocks
// that were never used, and blocks that are freed, are filled with 0xDD: a read of either gives the
// same bytes in every run, too.
//
// A block belongs to a span: a multiple of 16 KiB, with a header, a word for each of its blocks,
// and the blocks themselves, all of one size. Bookkeeping lies apart from the blocks, so that a
// program that writes to a block it has freed does not change what malloc() does next.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace drydock::sim {

/// A block that is allocated.
struct Block {
    void* address = nullptr;
    std::size_t size = 0;          ///< that the program asked for
    const void* caller = nullptr;  ///< what asked for it
    bool of_run = false;  ///< it was allocated in the run that is underway, or the last one
};

/// The heap. One thread allocates: the one that has called begin_run(). Any thread may free.
class Heap {
public:
    constexpr Heap() noexcept = default;
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    /// From here to end_statics(), what the process allocates belongs to static initialisers.
    void begin_statics() noexcept;
    void end_statics() noexcept;
    bool in_statics() const noexcept { return statics_; }

    /// A run begins, on the calling thread, which alone allocates from now on. If no block of an
    /// earlier run lives, its addresses begin where those of the first run began, else behind what
    /// lives.
    void begin_run() noexcept;
    /// Whether the calling thread may allocate.
    bool is_mine() const noexcept { return owner_ == __builtin_thread_pointer(); }

    /// A block of this size, at a multiple of `alignment`, a power of two. Null: there is no room.
    void* allocate(std::size_t size, std::size_t alignment, const void* caller,
                   bool zeros = false) noexcept;
    /// Whether free() is for this address.
    bool owns(const void* address) const noexcept {
        return reinterpret_cast<std::uintptr_t>(address) - first_ < size_;
    }
    /// False: it is no block, or a block that was freed before.
    bool free(void* block) noexcept;
    /// Changes the size where the block lies. False: it does not fit, or it is no block.
    bool resize(void* block, std::size_t size, const void* caller) noexcept;
    /// The size that the program asked for. 0: it is no block.
    std::size_t size_of(const void* block) const noexcept;

    /// How many blocks of this run, or the last one, live.
    std::size_t of_run() const noexcept { return of_run_; }
    /// How many blocks live. (Those of static initialisers are not counted.)
    std::size_t count() const noexcept { return count_; }
    /// Calls `use` with each block that lives, except those of static initialisers, in the order of
    /// their addresses.
    template <typename Use>
    void for_each(const Use& use) const noexcept {
        for (std::size_t unit = statics_end_; unit < top_; unit += span_at(unit).units) {
            const Span& span = span_at(unit);
            if (span.lives == 0) continue;
            for (std::uint32_t i = 0; i < span.used; ++i) {
                if (is_live(words_of(span)[i])) use(block_in(span, i));
            }
        }
    }
    /// The memory that static initialisers have used: as the roots of a search.
    const void* statics() const noexcept { return at(0); }
    std::size_t size_of_statics() const noexcept { return statics_end_ * unit_size; }

    static constexpr unsigned char freed_byte = 0xdd;

private:
    static constexpr std::size_t unit_size = std::size_t{1} << 14;
    static constexpr std::size_t classes = 24;  // of small blocks: 16 to 2,048 bytes
    static constexpr std::size_t large_classes = 128;

    /// The header of a span. Its words follow it: of a block that lives its caller and how much of
    /// it the program did not ask for; of another one the block that was freed before it.
    struct Span {
        std::uint32_t units;
        std::uint32_t slots;  // blocks
        std::uint32_t used;   // so many of them were allocated at least once
        std::uint32_t run;    // 0: of static initialisers
        std::uint32_t first;  // where the blocks begin
        std::uint32_t kind;   // class of small blocks, or `large` and the class of large ones
        std::uint32_t lives;  // so many live; of static initialisers it is not counted
        std::size_t slot_size;
        std::uint64_t reciprocal;  // 2^32 / slot_size, rounded up
        std::size_t size;          // of a large block: that the program asked for
    };
    static constexpr std::uint32_t large = 1U << 16;

    struct Place {
        Span* span = nullptr;  // null: it is no block that lives
        std::uint64_t* word = nullptr;
    };

    static bool is_live(std::uint64_t word) noexcept { return (word & live) != 0; }
    static constexpr std::uint64_t live = 1U << 15;
    static std::uint64_t* words_of(const Span& span) noexcept {
        return const_cast<std::uint64_t*>(reinterpret_cast<const std::uint64_t*>(&span + 1));
    }
    std::byte* at(std::size_t unit) const noexcept {
        return reinterpret_cast<std::byte*>(first_ + unit * unit_size);
    }
    Span& span_at(std::size_t unit) const noexcept { return *reinterpret_cast<Span*>(at(unit)); }

    bool reserve() noexcept;
    std::size_t end_of_living() const noexcept;
    void give_back_memory() noexcept;
    void free_what_others_freed() noexcept;
    Span* new_span(std::size_t units) noexcept;
    Span* new_span_of(std::size_t kind, std::size_t slot_size) noexcept;
    void* allocate_small(std::size_t size, std::size_t rounded, const void* caller,
                         bool zeros) noexcept;
    void* allocate_large(std::size_t size, std::size_t alignment, const void* caller,
                         bool zeros) noexcept;
    Block block_in(const Span& span, std::uint32_t slot) const noexcept;
    Place find(const void* block) const noexcept;
    void set_free(const Place& place, std::byte* block) noexcept;

    std::uintptr_t first_ = 0;      // the address of the first unit
    std::size_t size_ = 0;          // bytes
    std::uint32_t* map_ = nullptr;  // by unit: the first one of its span
    void* owner_ = nullptr;         // thread
    std::size_t top_ = 0;           // behind the last unit that is in use
    std::size_t high_ = 0;          // the highest top_ so far: memory behind it is zeros
    std::size_t run_begin_ = 0;     // the first unit of the run
    std::size_t statics_end_ = 0;   // behind the units of static initialisers
    std::size_t count_ = 0;
    std::size_t of_run_ = 0;
    std::uint32_t run_ = 0;
    bool statics_ = false;
    Span* current_[classes] = {};     // where new blocks come from
    std::byte* freed_[classes] = {};  // the last one that was freed; words lead to those before
    Span* freed_large_[large_classes] = {};
    std::atomic<void*> elsewhere_{
        nullptr};  // freed by other threads; each begins with the next one
};

}  // namespace drydock::sim

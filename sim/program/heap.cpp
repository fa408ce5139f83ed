// Spans of blocks, and what is left of them for the next run. See heap.hpp.
#include "sim/program/heap.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

namespace drydock::sim {
namespace {

// Where executables, libraries and stacks are mapped neither on x86-64 nor on aarch64, also with 39
// bits of addresses. If something else lies there, the heap lies elsewhere: then the order of
// addresses is the same in every process, and the addresses are not.
constexpr std::uintptr_t wanted_address = std::uintptr_t{1} << 36;
constexpr std::size_t wanted_sizes[] = {std::size_t{1} << 36, std::size_t{1} << 32,
                                        std::size_t{1} << 28};

constexpr std::size_t page_size = 4096;         // at least; madvise() may do less with others
constexpr std::size_t most_filled = page_size;  // of a large block
constexpr std::size_t many_bytes = std::size_t{1} << 20;
constexpr std::size_t smallest = 16;
constexpr std::size_t largest_small = 2048;

/// Numbers that are rounded up to four steps for each doubling: 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, ...
struct Rounded {
    std::size_t index;
    std::size_t value;
};
constexpr Rounded round_up(std::size_t number) noexcept {
    if (number <= 4) return {number - 1, number};
    const auto shift = static_cast<std::size_t>(std::bit_width(number - 1)) - 3;
    const std::size_t steps = ((number - 1) >> shift) + 1;
    return {4 + 4 * shift + steps - 5, steps << shift};
}

constexpr std::size_t multiple(std::size_t number, std::size_t of) noexcept {
    return (number + of - 1) / of * of;
}

void fill(void* block, std::size_t size) noexcept {
    std::memset(block, Heap::freed_byte, std::min(size, most_filled));
}

/// The pages from `from` to `to` become zeros, and cost no memory until they are used.
void give_back(std::byte* from, std::byte* to) noexcept {
    if (from < to) ::madvise(from, static_cast<std::size_t>(to - from), MADV_DONTNEED);
}

std::uint64_t word_of(const void* address) noexcept {
    return static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(address)) << 16;
}
template <typename T>
T* pointer_in(std::uint64_t word) noexcept {
    return reinterpret_cast<T*>(static_cast<std::uintptr_t>(word >> 16));
}

}  // namespace

// --- the range of addresses ---------------------------------------------------------------------

bool Heap::reserve() noexcept {
    for (const std::size_t size : wanted_sizes) {
        if (size_ > 0) break;
        for (const bool fixed : {true, false}) {
            void* const wanted = fixed ? reinterpret_cast<void*>(wanted_address) : nullptr;
            const int flags =
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fixed ? MAP_FIXED_NOREPLACE : 0);
            void* const memory = ::mmap(wanted, size, PROT_READ | PROT_WRITE, flags, -1, 0);
            if (memory == MAP_FAILED) continue;
            ::madvise(memory, size, MADV_NOHUGEPAGE);  // a run touches few pages of it
            const std::size_t map_size = multiple(size / unit_size * sizeof *map_, unit_size);
            map_ = static_cast<std::uint32_t*>(memory);
            first_ = multiple(reinterpret_cast<std::uintptr_t>(memory) + map_size, unit_size);
            size_ = size - map_size - unit_size;
            break;
        }
    }
    return size_ > 0;
}

void Heap::begin_statics() noexcept {
    statics_ = reserve();
    owner_ = __builtin_thread_pointer();
}

void Heap::end_statics() noexcept {
    statics_ = false;
    statics_end_ = run_begin_ = top_;
}

void Heap::begin_run() noexcept {
    if (!reserve()) return;
    owner_ = __builtin_thread_pointer();
    ++run_;
    free_what_others_freed();
    give_back_memory();
    top_ = run_begin_ = count_ == 0 ? statics_end_ : end_of_living();
    of_run_ = 0;
    std::fill(std::begin(current_), std::end(current_), nullptr);
    std::fill(std::begin(freed_), std::end(freed_), nullptr);
    std::fill(std::begin(freed_large_), std::end(freed_large_), nullptr);
}

/// What earlier runs than the last one have left lies before that one's first unit.
std::size_t Heap::end_of_living() const noexcept {
    std::size_t end = run_begin_;
    for (std::size_t unit = run_begin_; unit < top_; unit += span_at(unit).units) {
        if (span_at(unit).lives > 0) end = unit + span_at(unit).units;
    }
    return end;
}

/// Of spans without a block that lives all but the first page, which has their headers. allocate()
/// fills the first page of a large block: so the next one there begins with the same bytes in every
/// run.
void Heap::give_back_memory() noexcept {
    for (std::size_t unit = run_begin_; unit < top_; unit += span_at(unit).units) {
        const Span& span = span_at(unit);
        const bool is_used = span.kind < large ? count_ == 0 : span.size + span.first <= page_size;
        if (span.lives > 0 || is_used)
            continue;  // where nothing lives, small blocks come here again
        give_back(at(unit) + page_size, at(unit + span.units));
    }
    if (count_ == 0) give_back(at(statics_end_) + many_bytes, at(top_));
}

void Heap::free_what_others_freed() noexcept {
    void* block = elsewhere_.exchange(nullptr, std::memory_order_acquire);
    while (block != nullptr) {
        void* next = nullptr;
        std::memcpy(&next, block, sizeof next);
        set_free(find(block), static_cast<std::byte*>(block));
        block = next;
    }
}

// --- spans --------------------------------------------------------------------------------------

Heap::Span* Heap::new_span(std::size_t units) noexcept {
    if (units > size_ / unit_size - top_) return nullptr;
    Span& span = span_at(top_);
    span = {};
    span.units = static_cast<std::uint32_t>(units);
    span.run = statics_ ? 0 : run_;
    std::fill_n(map_ + top_, units, static_cast<std::uint32_t>(top_));
    top_ += units;
    return &span;
}

Heap::Span* Heap::new_span_of(std::size_t kind, std::size_t slot_size) noexcept {
    Span* const span = new_span(1);
    if (span == nullptr) return nullptr;
    high_ = std::max(high_, top_);
    const std::size_t alignment = slot_size & (~slot_size + 1);
    const std::size_t slots = (unit_size - sizeof(Span)) / (slot_size + sizeof(std::uint64_t));
    const std::size_t first = multiple(sizeof(Span) + slots * sizeof(std::uint64_t), alignment);
    span->kind = static_cast<std::uint32_t>(kind);
    span->first = static_cast<std::uint32_t>(first);
    span->slots = static_cast<std::uint32_t>(std::min(slots, (unit_size - first) / slot_size));
    span->slot_size = slot_size;
    span->reciprocal = ((std::uint64_t{1} << 32) + slot_size - 1) / slot_size;
    return span;
}

Block Heap::block_in(const Span& span, std::uint32_t slot) const noexcept {
    const std::uint64_t word = words_of(span)[slot];
    std::byte* const block =
        const_cast<std::byte*>(reinterpret_cast<const std::byte*>(&span)) + span.first;
    const bool is_large = span.kind >= large;
    return {block + slot * span.slot_size,
            is_large ? span.size : span.slot_size - (word & (live - 1)),
            pointer_in<const void>(word), span.run != 0 && span.run == run_};
}

Heap::Place Heap::find(const void* block) const noexcept {
    const std::size_t unit = (reinterpret_cast<std::uintptr_t>(block) - first_) / unit_size;
    if (unit >= top_) return {};
    Span& span = span_at(map_[unit]);
    const auto* const begin = reinterpret_cast<const std::byte*>(&span) + span.first;
    if (block < begin) return {};
    const auto offset = static_cast<std::size_t>(static_cast<const std::byte*>(block) - begin);
    std::size_t slot = offset;  // of a large block, only 0
    if (span.kind < large) {
        slot = static_cast<std::size_t>((offset * span.reciprocal) >> 32);
        if (slot * span.slot_size != offset) return {};
    }
    if (slot >= span.used || !is_live(words_of(span)[slot])) return {};
    return {&span, &words_of(span)[slot]};
}

// --- blocks -------------------------------------------------------------------------------------

void* Heap::allocate(std::size_t size, std::size_t alignment, const void* caller,
                     bool zeros) noexcept {
    if (size > size_) return nullptr;
    std::size_t rounded = std::max(size, smallest);
    if (alignment > smallest) rounded = std::max(std::bit_ceil(rounded), alignment);
    return rounded <= largest_small ? allocate_small(size, rounded, caller, zeros)
                                    : allocate_large(size, alignment, caller, zeros);
}

void* Heap::allocate_small(std::size_t size, std::size_t rounded, const void* caller,
                           bool zeros) noexcept {
    const auto [kind, steps] = round_up((rounded + smallest - 1) / smallest);
    const std::size_t slot_size = steps * smallest;
    Span* span = nullptr;
    std::uint64_t* word = nullptr;
    std::byte* block = freed_[kind];
    if (block != nullptr) {
        span = &span_at((reinterpret_cast<std::uintptr_t>(block) - first_) / unit_size);
        const auto offset =
            static_cast<std::size_t>(block - reinterpret_cast<std::byte*>(span)) - span->first;
        word = &words_of(*span)[(offset * span->reciprocal) >> 32];
        freed_[kind] = pointer_in<std::byte>(*word);
    } else {
        span = current_[kind];
        if (span == nullptr || span->used == span->slots) span = new_span_of(kind, slot_size);
        if (span == nullptr) return nullptr;
        current_[kind] = span;
        block = reinterpret_cast<std::byte*>(span) + span->first + span->used * slot_size;
        word = &words_of(*span)[span->used++];
        if (!zeros) fill(block, slot_size);
    }
    if (zeros) std::memset(block, 0, size);
    *word = word_of(caller) | live | (slot_size - size);
    if (!statics_) ++span->lives, ++count_, ++of_run_;
    return block;
}

void* Heap::allocate_large(std::size_t size, std::size_t alignment, const void* caller,
                           bool zeros) noexcept {
    constexpr std::size_t header = multiple(sizeof(Span) + sizeof(std::uint64_t), smallest);
    const std::size_t most_before = alignment <= smallest ? header : header + alignment;
    const auto [index, units] = round_up((most_before + size + unit_size - 1) / unit_size);
    Span* span = freed_large_[index];
    if (span != nullptr) {
        freed_large_[index] = pointer_in<Span>(words_of(*span)[0]);
    } else {
        span = new_span(units);
        if (span == nullptr) return nullptr;
    }
    const std::uintptr_t begin = reinterpret_cast<std::uintptr_t>(span);
    const bool fresh = (begin - first_) / unit_size >= high_;
    high_ = std::max(high_, top_);
    span->kind = static_cast<std::uint32_t>(large + index);
    span->slots = span->used = 1;
    span->first =
        static_cast<std::uint32_t>(multiple(begin + header, std::max(alignment, smallest)) - begin);
    span->slot_size = units * unit_size - span->first;
    span->size = size;
    words_of(*span)[0] = word_of(caller) | live;
    auto* const block = reinterpret_cast<std::byte*>(begin + span->first);
    if (!zeros) fill(block, size);
    if (zeros && !fresh) std::memset(block, 0, size);
    if (!statics_) ++span->lives, ++count_, ++of_run_;
    return block;
}

bool Heap::free(void* block) noexcept {
    const Place place = find(block);
    if (place.span == nullptr) return false;
    if (!is_mine() && place.span->run != 0) {
        void* next = elsewhere_.load(std::memory_order_relaxed);
        do std::memcpy(block, &next, sizeof next);
        while (!elsewhere_.compare_exchange_weak(next, block, std::memory_order_release));
        return true;
    }
    set_free(place, static_cast<std::byte*>(block));
    return true;
}

void Heap::set_free(const Place& place, std::byte* block) noexcept {
    Span& span = *place.span;
    const bool is_large = span.kind >= large;
    fill(block, is_large ? span.size : span.slot_size);
    const bool used_again = span.run == (statics_ ? 0 : run_);
    if (span.run != 0) --span.lives, --count_;
    *place.word = 0;
    if (!used_again) return;
    if (span.run != 0) --of_run_;
    if (is_large) {
        Span*& last = freed_large_[span.kind - large];
        *place.word = word_of(last);
        last = &span;
    } else {
        std::byte*& last = freed_[span.kind];
        *place.word = word_of(last);
        last = block;
    }
}

bool Heap::resize(void* block, std::size_t size, const void* caller) noexcept {
    const Place place = find(block);
    if (place.span == nullptr || size > place.span->slot_size) return false;
    const bool is_large = place.span->kind >= large;
    if (is_large) place.span->size = size;
    *place.word = word_of(caller) | live | (is_large ? 0 : place.span->slot_size - size);
    return true;
}

std::size_t Heap::size_of(const void* block) const noexcept {
    const Place place = find(block);
    if (place.span == nullptr) return 0;
    return block_in(*place.span, static_cast<std::uint32_t>(place.word - words_of(*place.span)))
        .size;
}

}  // namespace drydock::sim

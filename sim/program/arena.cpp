// Blocks with a header before them, cut off one region in order; free blocks wait in a list for
// each size.
#include "sim/program/arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <bit>
#include <new>

namespace drydock::sim {
namespace {

constexpr std::size_t region = std::size_t{1} << 34;  // of addresses; memory is taken as it is used

// Where Linux puts neither a program nor its libraries, stacks and heap: so the addresses are the
// same in each process, too.
void* const usual_place = reinterpret_cast<void*>(std::uintptr_t{0x2000'0000'0000});

}  // namespace

std::size_t Arena::class_of(std::size_t size) noexcept {
    if (size <= small) return size == 0 ? 0 : (size - 1) / unit;
    return small / unit + static_cast<std::size_t>(std::bit_width((size - 1) / small)) - 1;
}

std::size_t Arena::size_of_class(std::size_t number) noexcept {
    if (number < small / unit) return (number + 1) * unit;
    return small << (number - small / unit + 1);
}

bool Arena::map() noexcept {
    if (first_ != nullptr) return true;
    void* const memory = mmap(usual_place, region, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return false;
    first_ = run_ = used_to_ = static_cast<std::byte*>(memory);
    end_ = first_ + region;
    return true;
}

void* Arena::allocate(std::size_t size) noexcept {
    if (size > largest || !map()) return nullptr;
    const std::size_t number = class_of(size);
    Header* header = free_[number];
    if (header != nullptr) {
        free_[number] = header->next;
    } else {
        const std::size_t whole = size_of_class(number) + sizeof(Header);
        if (static_cast<std::size_t>(end_ - used_to_) < whole) return nullptr;
        header = ::new (used_to_) Header{size_of_class(number), nullptr};
        used_to_ += whole;
    }
    ++live_;
    return header + 1;
}

void Arena::free(void* block) noexcept {
    --live_;
    if (block < run_) return;  // of an earlier run
    Header* const header = static_cast<Header*>(block) - 1;
    Header*& list = free_[class_of(header->size)];
    header->next = list;
    list = header;
}

std::size_t Arena::size_of(const void* block) noexcept {
    return (static_cast<const Header*>(block) - 1)->size;
}

void Arena::begin_run() noexcept {
    free_ = {};
    if (live_ == 0) used_to_ = first_;
    run_ = used_to_;
}

}  // namespace drydock::sim

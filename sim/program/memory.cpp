// malloc() and its like, which note what they give: so a run finds what its program has leaked.
//
// A sanitizer has functions of these names, and its library comes first on the linker's command
// line: then nothing asks for this file, and nothing is noted.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>

#include "sim/memory.hpp"
#include "sim/program/arena.hpp"
#include "sim/program/blocks.hpp"
#include "sim/program/fibers.hpp"

extern "C" {

// glibc's own, by the names that it keeps for those that replace them.
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

}  // extern "C"

namespace {

using drydock::sim::Arena;
using drydock::sim::Blocks;

/// glibc keeps the size of a block in the word before it, with three flags.
std::size_t real_usable_size(const void* block) noexcept {
    constexpr std::size_t mapped = 2;
    constexpr std::size_t flags = 7;
    std::size_t word = 0;
    std::memcpy(&word, static_cast<const std::byte*>(block) - sizeof word, sizeof word);
    return (word & ~flags) - ((word & mapped) != 0 ? 2 : 1) * sizeof word;
}

// What the process had before the run, and what the run has added: a process that is forked for one
// run would otherwise copy page after page of one large table.
constinit Blocks before;
constinit Blocks blocks;
constinit Arena arena;

/// Whether the program asks, and not the simulator on one of its fibers.
bool program_asks() noexcept {
    return drydock::sim::memory_of_simulator == 0 && drydock::sim::simulated() != nullptr;
}

std::size_t usable(void* block) noexcept {
    return arena.has(block) ? Arena::size_of(block) : real_usable_size(block);
}

void* noted(void* block, const void* caller, bool by_program) noexcept {
    if (block == nullptr) return nullptr;
    blocks.add({block, usable(block), by_program ? caller : nullptr, by_program});
    return block;
}

void* allocate(std::size_t size, const void* caller) noexcept {
    const bool by_program = program_asks();
    void* block = by_program ? arena.allocate(size) : nullptr;
    if (block == nullptr) block = __libc_malloc(size);
    return noted(block, caller, by_program);
}

void* allocate_aligned(std::size_t alignment, std::size_t size, const void* caller) noexcept {
    return noted(__libc_memalign(alignment, size), caller, program_asks());
}

void release(void* block) noexcept {
    if (block == nullptr) return;
    if (!blocks.remove(block)) before.remove(block);
    arena.has(block) ? arena.free(block) : __libc_free(block);
}

void begin() noexcept {
    blocks.move_to(before);
    arena.begin_run();
}
drydock::sim::Leaked end() noexcept { return drydock::sim::find_leaked(before, blocks); }

constexpr drydock::sim::MemoryWatch watch{&begin, &end, &drydock::sim::place_of};
[[gnu::constructor]] void give_watch() { drydock::sim::memory_watch = &watch; }

}  // namespace

#define DRYDOCK_CALLER __builtin_return_address(0)

extern "C" {

void* malloc(std::size_t size) noexcept { return allocate(size, DRYDOCK_CALLER); }

void free(void* block) noexcept { release(block); }

void* calloc(std::size_t count, std::size_t size) noexcept {
    if (!program_asks()) return noted(__libc_calloc(count, size), nullptr, false);
    std::size_t whole = 0;
    if (__builtin_mul_overflow(count, size, &whole)) {
        errno = ENOMEM;
        return nullptr;
    }
    void* const block = allocate(whole, DRYDOCK_CALLER);
    return block == nullptr ? nullptr : std::memset(block, 0, whole);
}

void* realloc(void* block, std::size_t size) noexcept {
    if (block == nullptr) return allocate(size, DRYDOCK_CALLER);
    if (size == 0) {
        release(block);
        return nullptr;
    }
    const std::size_t old = usable(block);
    if (size <= old && size >= old / 2) return block;
    void* const moved = allocate(size, DRYDOCK_CALLER);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, block, std::min(old, size));
    release(block);
    return moved;
}

std::size_t malloc_usable_size(void* block) noexcept {
    return block == nullptr ? 0 : usable(block);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return allocate_aligned(alignment, size, DRYDOCK_CALLER);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return allocate_aligned(alignment, size, DRYDOCK_CALLER);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    const bool power = alignment != 0 && (alignment & (alignment - 1)) == 0;
    if (!power || alignment % sizeof(void*) != 0) return EINVAL;
    void* const made = allocate_aligned(alignment, size, DRYDOCK_CALLER);
    if (made == nullptr) return ENOMEM;
    *block = made;
    return 0;
}

}  // extern "C"

// So that the caller is the program, and not the C++ library. A program that has an operator new of
// its own keeps it.
namespace {

void* made(std::size_t size, const void* caller) {
    for (;;) {
        if (void* const block = allocate(size == 0 ? 1 : size, caller)) return block;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}

}  // namespace

[[gnu::weak]] void* operator new(std::size_t size) { return made(size, DRYDOCK_CALLER); }
[[gnu::weak]] void* operator new[](std::size_t size) { return made(size, DRYDOCK_CALLER); }

// malloc() and its like: what a program allocates on its fibers, and what its static initialisers
// allocate, comes from the program's heap (heap.hpp); all else from the C library's. So the
// program's addresses are the same in every run of a seed, and a run finds what the program has
// leaked.
//
// A sanitizer has functions of these names, and its library comes first on the linker's command
// line: then nothing asks for this file. The addresses are the sanitizer's then, and a program that
// orders its objects by their addresses may behave differently in two runs of one seed.
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>
#include <unistd.h>

#include "sim/memory.hpp"
#include "sim/program/fibers.hpp"
#include "sim/program/heap.hpp"
#include "sim/program/interposed.hpp"
#include "sim/program/leaks.hpp"
#include "sim/program/statics.hpp"

extern "C" {

// glibc's own, by the names that it keeps for those that replace them.

// glibc's own, by the names that it keeps for those that replace them.
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

void drydock_begin_statics() noexcept;
void drydock_end_statics() noexcept;

}  // extern "C"

namespace drydock::sim {
namespace {

constinit Heap heap;
constinit Real<std::size_t(void*)> real_usable_size("malloc_usable_size");

bool for_program() noexcept {
    if (heap.in_statics()) return true;
    return simulated() != nullptr && !SimulatorMemory::is_used() && heap.is_mine();
}

constexpr std::size_t usual_alignment = 16;

std::size_t page_size() noexcept { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

/// Null: there is no memory.
void* allocate(std::size_t size, const void* caller) noexcept {
    if (!for_program()) return __libc_malloc(size);
    return heap.allocate(size, usual_alignment, caller);
}

void* allocate_aligned(std::size_t alignment, std::size_t size, const void* caller) noexcept {
    if (!for_program()) return __libc_memalign(alignment, size);
    return heap.allocate(size, alignment, caller);
}

/// On a fiber, what is written is the program's, and so is the end.
[[noreturn]] void end_by_bad_free() noexcept {
    constexpr char text[] = "free(): no block begins there, or it was freed before\n";
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, sizeof text - 1);
    std::abort();
}

void release(void* block) noexcept {
    if (!heap.owns(block)) return __libc_free(block);
    if (!heap.free(block)) end_by_bad_free();
}

void* reallocate(void* block, std::size_t size, const void* caller) noexcept {
    if (!heap.owns(block)) {
        // A block of the C library's heap stays there.
        return block == nullptr ? allocate(size, caller) : __libc_realloc(block, size);
    }
    if (size == 0) {
        release(block);
        return nullptr;
    }
    if (for_program() && heap.resize(block, size, caller)) return block;
    const std::size_t before = heap.size_of(block);
    void* const moved = allocate(size, caller);
    if (moved == nullptr) return nullptr;
    std::memcpy(moved, block, std::min(before, size));
    release(block);
    return moved;
}

StaticVariables& static_variables() {
    static StaticVariables variables;
    return variables;
}

void begin() noexcept {
    static_variables().remember();
    heap.begin_run();
}
Leaked end() noexcept { return find_leaked(heap); }
bool left_nothing() noexcept { return heap.of_run() == 0 && static_variables().as_remembered(); }

constexpr MemoryWatch watch{&begin, &end, &left_nothing, &place_of};
[[gnu::constructor]] void give_watch() { memory_watch = &watch; }

}  // namespace
}  // namespace drydock::sim

using namespace drydock::sim;

#define DRYDOCK_CALLER __builtin_return_address(0)

extern "C" {

void drydock_begin_statics() noexcept { heap.begin_statics(); }
void drydock_end_statics() noexcept { heap.end_statics(); }

void* malloc(std::size_t size) noexcept { return allocate(size, DRYDOCK_CALLER); }

void free(void* block) noexcept { release(block); }

void* calloc(std::size_t count, std::size_t size) noexcept {
    if (!for_program()) return __libc_calloc(count, size);
    std::size_t whole = 0;
    if (__builtin_mul_overflow(count, size, &whole)) {
        errno = ENOMEM;
        return nullptr;
    }
    return heap.allocate(whole, usual_alignment, DRYDOCK_CALLER, true);
}

void* realloc(void* block, std::size_t size) noexcept {
    return reallocate(block, size, DRYDOCK_CALLER);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return allocate_aligned(std::bit_ceil(alignment), size, DRYDOCK_CALLER);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return allocate_aligned(std::bit_ceil(alignment), size, DRYDOCK_CALLER);
}

void* valloc(std::size_t size) noexcept {
    return allocate_aligned(page_size(), size, DRYDOCK_CALLER);
}

void* pvalloc(std::size_t size) noexcept {
    const std::size_t page = page_size();
    return allocate_aligned(page, (size + page - 1) / page * page, DRYDOCK_CALLER);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    if (!std::has_single_bit(alignment) || alignment % sizeof(void*) != 0) return EINVAL;
    void* const made = allocate_aligned(alignment, size, DRYDOCK_CALLER);
    if (made == nullptr) return ENOMEM;
    *block = made;
    return 0;
}

std::size_t malloc_usable_size(void* block) noexcept {
    if (heap.owns(block)) return heap.size_of(block);
    return real_usable_size(block);
}

}  // extern "C"

// So that the caller is the program, and not the C++ library. A program that has an operator new of
// its own keeps it.
namespace {

void* made(std::size_t size, std::size_t alignment, const void* caller) {
    size = std::max<std::size_t>(size, 1);
    for (;;) {
        void* const block = alignment <= usual_alignment
                                ? allocate(size, caller)
                                : allocate_aligned(alignment, size, caller);
        if (block != nullptr) return block;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}

}  // namespace

[[gnu::weak]] void* operator new(std::size_t size) { return made(size, 0, DRYDOCK_CALLER); }
[[gnu::weak]] void* operator new[](std::size_t size) { return made(size, 0, DRYDOCK_CALLER); }
[[gnu::weak]] void* operator new(std::size_t size, std::align_val_t alignment) {
    return made(size, static_cast<std::size_t>(alignment), DRYDOCK_CALLER);
}
[[gnu::weak]] void* operator new[](std::size_t size, std::align_val_t alignment) {
    return made(size, static_cast<std::size_t>(alignment), DRYDOCK_CALLER);
}

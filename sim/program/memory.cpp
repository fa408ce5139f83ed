// malloc() and its like, which note what they give: so a run finds what its program has leaked.
//
// A sanitizer has functions of these names, and its library comes first on the linker's command
// line: then nothing asks for this file, and nothing is noted.
#include <malloc.h>
#include <cerrno>
#include <cstdint>
#include <new>

#include "sim/memory.hpp"
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

using drydock::sim::Block;
using drydock::sim::Blocks;

// What the process had before the run, and what the run has added: a process that is forked for one
// run would otherwise copy page after page of one large table.
constinit Blocks before;
constinit Blocks blocks;

void* noted(void* block, const void* caller) noexcept {
    if (block == nullptr) return nullptr;
    const bool by_program = drydock::sim::simulated() != nullptr;
    blocks.add({block, malloc_usable_size(block), by_program ? caller : nullptr, by_program});
    return block;
}

bool forget(void* block) noexcept { return blocks.remove(block) || before.remove(block); }

void begin() noexcept { blocks.move_to(before); }
drydock::sim::Leaked end() noexcept { return drydock::sim::find_leaked(before, blocks); }

constexpr drydock::sim::MemoryWatch watch{&begin, &end, &drydock::sim::place_of};
[[gnu::constructor]] void give_watch() { drydock::sim::memory_watch = &watch; }

}  // namespace

#define DRYDOCK_CALLER __builtin_return_address(0)

extern "C" {

void* malloc(std::size_t size) noexcept { return noted(__libc_malloc(size), DRYDOCK_CALLER); }

void free(void* block) noexcept {
    if (block != nullptr) forget(block);
    __libc_free(block);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    return noted(__libc_calloc(count, size), DRYDOCK_CALLER);
}

void* realloc(void* block, std::size_t size) noexcept {
    const bool known = block != nullptr && forget(block);
    void* const moved = __libc_realloc(block, size);
    const bool kept = moved == nullptr && size > 0;  // there was no memory
    if (kept && known) noted(block, DRYDOCK_CALLER);
    return noted(moved, DRYDOCK_CALLER);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return noted(__libc_memalign(alignment, size), DRYDOCK_CALLER);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return noted(__libc_memalign(alignment, size), DRYDOCK_CALLER);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    const bool power = alignment != 0 && (alignment & (alignment - 1)) == 0;
    if (!power || alignment % sizeof(void*) != 0) return EINVAL;
    void* const made = noted(__libc_memalign(alignment, size), DRYDOCK_CALLER);
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
        if (void* const block = noted(__libc_malloc(size == 0 ? 1 : size), caller)) return block;
        const std::new_handler handler = std::get_new_handler();
        if (handler == nullptr) throw std::bad_alloc();
        handler();
    }
}

}  // namespace

[[gnu::weak]] void* operator new(std::size_t size) { return made(size, DRYDOCK_CALLER); }
[[gnu::weak]] void* operator new[](std::size_t size) { return made(size, DRYDOCK_CALLER); }

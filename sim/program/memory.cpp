// malloc() and its like, which count. They are linked into executables with simulated programs.
//
// A sanitizer has functions of these names, and its library comes first on the linker's command
// line: then nothing asks for this file, and nothing is counted.
#include <cerrno>
#include <cstddef>
#include <malloc.h>

#include "sim/memory.hpp"

extern "C" {

// glibc's own, by the names that it keeps for those that replace them.
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);

}  // extern "C"

namespace {

using drydock::sim::memory_in_use;

void* counted(void* block) noexcept {
    if (block == nullptr) return nullptr;
    ++memory_in_use.blocks;
    memory_in_use.bytes += static_cast<std::int64_t>(malloc_usable_size(block));
    return block;
}

void uncount(void* block) noexcept {
    if (block == nullptr) return;
    --memory_in_use.blocks;
    memory_in_use.bytes -= static_cast<std::int64_t>(malloc_usable_size(block));
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) noexcept { return counted(__libc_malloc(size)); }

void free(void* block) noexcept {
    uncount(block);
    __libc_free(block);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    return counted(__libc_calloc(count, size));
}

void* realloc(void* block, std::size_t size) noexcept {
    uncount(block);
    void* const moved = __libc_realloc(block, size);
    const bool kept = moved == nullptr && size > 0;  // there was no memory
    return kept ? (counted(block), nullptr) : counted(moved);
}

void* memalign(std::size_t alignment, std::size_t size) noexcept {
    return counted(__libc_memalign(alignment, size));
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) noexcept {
    const bool power = alignment != 0 && (alignment & (alignment - 1)) == 0;
    if (!power || alignment % sizeof(void*) != 0) return EINVAL;
    void* const made = memalign(alignment, size);
    if (made == nullptr) return ENOMEM;
    *block = made;
    return 0;
}

}  // extern "C"

// Finding the thread_local variables of the program, and exchanging their values. See
// thread_locals.hpp.
#include "sim/program/thread_locals.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <link.h>

#include "sim/program/symbols.hpp"

namespace drydock::sim {
namespace {

struct Range {
    std::size_t first = 0;
    std::size_t last = 0;  // behind it
};

/// The executable's block of thread_local variables, as the program headers describe it.
struct Block {
    const std::byte* initial = nullptr;  // of the first bytes; the others begin as 0
    std::size_t initial_size = 0;
    std::size_t size = 0;
};

template <typename Use>
void with_executable(Use use) {
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* function) {
            (*static_cast<Use*>(function))(*info);
            return 1;  // the executable comes first
        },
        &use);
}

Block find_block() {
    Block block;
    with_executable([&](const dl_phdr_info& info) {
        for (int i = 0; i < info.dlpi_phnum; ++i) {
            const ElfW(Phdr)& header = info.dlpi_phdr[i];
            if (header.p_type != PT_TLS) continue;
            block.initial = reinterpret_cast<const std::byte*>(info.dlpi_addr + header.p_vaddr);
            block.initial_size = header.p_filesz;
            block.size = header.p_memsz;
        }
    });
    return block;
}

/// Where the block of the calling thread is.
std::byte* block_of_this_thread() noexcept {
    static thread_local std::byte* found = nullptr;
    if (found == nullptr) {
        with_executable(
            [&](const dl_phdr_info& info) { found = static_cast<std::byte*>(info.dlpi_tls_data); });
    }
    return found;
}

/// The ranges of the block that `shared` does not cover.
std::vector<Range> rest_of(const Block& block, std::vector<Range> shared) {
    std::sort(shared.begin(), shared.end(),
              [](const Range& a, const Range& b) { return a.first < b.first; });
    std::vector<Range> rest;
    std::size_t at = 0;
    for (const Range& range : shared) {
        if (range.first > at) rest.push_back({at, range.first});
        at = std::max(at, range.last);
    }
    if (at < block.size) rest.push_back({at, block.size});
    return rest;
}

struct Layout {
    Block block = find_block();
    std::vector<Range> ranges;  // of the program's variables
    std::size_t size = 0;       // of all ranges
};

Layout make_layout() {
    Layout layout;
    std::vector<Range> shared;
    bool any = false;
    const bool known = for_each_thread_local([&](const Symbol& symbol) {
        const bool others = is_of_drydock(symbol.name);
        any = any || !others;
        if (others) shared.push_back({symbol.at, symbol.at + symbol.size});
    });
    if (!known || !any) return layout;
    layout.ranges = rest_of(layout.block, std::move(shared));
    for (const Range& range : layout.ranges) layout.size += range.last - range.first;
    return layout;
}

const Layout& layout() {
    static const Layout found = make_layout();
    return found;
}

}  // namespace

ThreadLocalValues::ThreadLocalValues() {
    const auto& [block, ranges, size] = layout();
    if (size == 0) return;
    values_ = std::make_unique<std::byte[]>(size);  // zeros
    std::byte* to = values_.get();
    for (const Range& range : ranges) {
        if (range.first < block.initial_size) {
            const std::size_t last = std::min(range.last, block.initial_size);
            std::memcpy(to, block.initial + range.first, last - range.first);
        }
        to += range.last - range.first;
    }
}

void ThreadLocalValues::exchange() noexcept {
    if (values_ == nullptr) return;
    std::byte* const block = block_of_this_thread();
    std::byte* kept = values_.get();
    for (const Range& range : layout().ranges) {
        std::swap_ranges(block + range.first, block + range.last, kept);
        kept += range.last - range.first;
    }
}

bool is_thread_local_of_program(const void* object) noexcept {
    const std::byte* const block = block_of_this_thread();
    const auto* const at = static_cast<const std::byte*>(object);
    if (block == nullptr || at < block) return false;
    const auto offset = static_cast<std::size_t>(at - block);
    return std::any_of(layout().ranges.begin(), layout().ranges.end(), [&](const Range& range) {
        return offset >= range.first && offset < range.last;
    });
}

}  // namespace drydock::sim

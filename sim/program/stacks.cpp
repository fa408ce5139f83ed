// Mapping stacks. See stacks.hpp.
#include "sim/program/stacks.hpp"

#include <algorithm>
#include <new>

#include <sys/mman.h>
#include <unistd.h>

#include "sim/program/sanitizer.hpp"

namespace drydock::sim {
namespace {

// A stack that is not used any more keeps its pages; a program of many threads need not keep all.
constexpr std::size_t most_kept = 256;

std::size_t page_size() noexcept {
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

void unmap(Stack stack) noexcept { ::munmap(stack.lowest - page_size(), stack.size + page_size()); }

}  // namespace

StackPool::~StackPool() { std::for_each(free_.begin(), free_.end(), unmap); }

Stack StackPool::take(std::size_t size) {
    const std::size_t page = page_size();
    size = (size + page - 1) / page * page;
    const auto kept = std::find_if(free_.rbegin(), free_.rend(),
                                   [&](const Stack& stack) { return stack.size == size; });
    if (kept != free_.rend()) {
        const Stack stack = *kept;
        free_.erase(std::next(kept).base());
        return stack;
    }
    void* const whole = ::mmap(nullptr, size + page, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (whole == MAP_FAILED) throw std::bad_alloc();
    if (::mprotect(whole, page, PROT_NONE) != 0) {
        ::munmap(whole, size + page);
        throw std::bad_alloc();
    }
    // A huge page would be cleared as a whole for a fiber that needs a few kilobytes.
    ::madvise(whole, size + page, MADV_NOHUGEPAGE);
    return {static_cast<std::byte*>(whole) + page, size};
}

void StackPool::give_back(Stack stack) {
    asan::unpoison(stack.lowest, stack.size);
    if (free_.size() >= most_kept) return unmap(stack);
    free_.push_back(stack);
}

void StackPool::abandon(Stack stack) {
    if (asan::on) return asan::keep_reachable(stack.lowest, stack.size);
    free_.push_back(stack);
}

StackPool& StackPool::of_this_thread() {
    static thread_local StackPool pool;
    return pool;
}

}  // namespace drydock::sim

// Which blocks of a program's run are leaked: no variable, no stack and no other block of the
// program's heap that is in use has a pointer into them. The search takes every word that could be
// a pointer for one, as leak checkers do: so it may miss a leak, and reports none that is not
// there. Blocks of the C library's heap are the simulator's, which keeps no pointer of a program.
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <span>

#include "sim/program/leaks.hpp"

extern "C" void* __libc_stack_end;  // of the process's first thread; glibc's

namespace drydock::sim {
namespace {

struct Candidate {
    Block block;
    bool reached = false;
};

/// An array in memory of its own, which is no block of the heap.
template <typename T>
class Mapped {
public:
    explicit Mapped(std::size_t most) noexcept
        : bytes_(std::max<std::size_t>(most, 1) * sizeof(T)) {
        void* const memory =
            mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory != MAP_FAILED) values_ = static_cast<T*>(memory);
    }
    Mapped(const Mapped&) = delete;
    Mapped& operator=(const Mapped&) = delete;
    ~Mapped() {
        if (values_ != nullptr) munmap(values_, bytes_);
    }
    bool good() const noexcept { return values_ != nullptr; }
    void push(const T& value) noexcept { values_[count_++] = value; }
    T pop() noexcept { return values_[--count_]; }
    std::span<T> all() noexcept { return {values_, count_}; }
    bool empty() const noexcept { return count_ == 0; }

private:
    std::size_t bytes_;
    T* values_ = nullptr;
    std::size_t count_ = 0;
};

class Search {
public:
    explicit Search(const Heap& heap) noexcept : known_(heap.count()), waiting_(heap.count()) {
        if (!good()) return;
        heap.for_each([&](const Block& block) { known_.push({block, false}); });
    }
    bool good() const noexcept { return known_.good() && waiting_.good(); }

    /// Looks at every word from `from` on.
    void scan(const void* from, std::size_t size) noexcept {
        constexpr std::size_t word = sizeof(std::uintptr_t);
        auto at = (reinterpret_cast<std::uintptr_t>(from) + word - 1) / word * word;
        const std::uintptr_t end = reinterpret_cast<std::uintptr_t>(from) + size;
        for (; at + word <= end; at += word) {
            std::uintptr_t value = 0;
            std::memcpy(&value, reinterpret_cast<const void*>(at), word);
            meet(value);
        }
    }
    /// The same for all blocks that were reached.
    void follow() noexcept {
        while (!waiting_.empty()) {
            const Block block = waiting_.pop();
            scan(block.address, block.size);
        }
    }
    Leaked leaked() noexcept {
        Leaked sum;
        for (const Candidate& candidate : known_.all()) {
            if (candidate.reached || !candidate.block.of_run) continue;
            ++sum.blocks;
            sum.bytes += candidate.block.size;
            if (candidate.block.size <= sum.largest) continue;
            sum.largest = candidate.block.size;
            sum.caller = candidate.block.caller;
        }
        return sum;
    }

private:
    /// A word that may point into a block. (What points behind its end points to the next block.)
    void meet(std::uintptr_t value) noexcept {
        const std::span<Candidate> all = known_.all();
        const auto address_of = [](const Candidate& candidate) {
            return reinterpret_cast<std::uintptr_t>(candidate.block.address);
        };
        if (all.empty() || value < address_of(all.front())) return;
        if (value > address_of(all.back()) + all.back().block.size) return;
        const auto after =
            std::upper_bound(all.begin(), all.end(), value,
                             [&](std::uintptr_t v, const auto& c) { return v < address_of(c); });
        Candidate& found = *std::prev(after);
        const std::size_t size = std::max<std::size_t>(found.block.size, 1);
        if (found.reached || value >= address_of(found) + size) return;
        found.reached = true;
        waiting_.push(found.block);
    }

    Mapped<Candidate> known_;  // by address
    Mapped<Block> waiting_;    // reached, and not looked into
};

/// The variables of a part of the process: those with static storage, and the calling thread's.
int scan_module(dl_phdr_info* info, std::size_t, void* search) noexcept {
    for (int i = 0; i < info->dlpi_phnum; ++i) {
        const ElfW(Phdr)& part = info->dlpi_phdr[i];
        const void* from = nullptr;
        if (part.p_type == PT_LOAD && (part.p_flags & PF_W) != 0) {
            from = reinterpret_cast<const void*>(info->dlpi_addr + part.p_vaddr);
        } else if (part.p_type == PT_TLS) {
            from = info->dlpi_tls_data;
        }
        if (from != nullptr) static_cast<Search*>(search)->scan(from, part.p_memsz);
    }
    return 0;
}

/// The end of the calling thread's stack.
const std::byte* stack_end() noexcept {
    if (getpid() == gettid()) return static_cast<const std::byte*>(__libc_stack_end);
    pthread_attr_t attributes;
    void* lowest = nullptr;
    std::size_t size = 0;
    if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
    pthread_attr_getstack(&attributes, &lowest, &size);
    pthread_attr_destroy(&attributes);
    return static_cast<const std::byte*>(lowest) + size;
}

/// From a frame of the simulator on. Frames below it would bring what the run has left there, and
/// registers are the search's own: the simulator has none with a pointer of the program.
void scan_stack(Search& search, const void* from) noexcept {
    const auto* const here = static_cast<const std::byte*>(from);
    const std::byte* const end = stack_end();
    if (end > here) search.scan(here, static_cast<std::size_t>(end - here));
}

}  // namespace

Leaked find_leaked(const Heap& heap) noexcept {
    if (heap.of_run() == 0) return {};
    Search search(heap);
    if (!search.good()) return {};
    dl_iterate_phdr(&scan_module, &search);
    // What pthread_setspecific() keeps lies in glibc's own structure, beside the thread's pointer.
    constexpr std::size_t thread_structure = 2304;
    const auto* const pointer = static_cast<const std::byte*>(__builtin_thread_pointer());
#ifdef __x86_64__
    search.scan(pointer, thread_structure);
#else
    search.scan(pointer - thread_structure, thread_structure);
#endif
    scan_stack(search, __builtin_frame_address(0));
    search.scan(heap.statics(), heap.size_of_statics());
    search.follow();
    return search.leaked();
}

}  // namespace drydock::sim

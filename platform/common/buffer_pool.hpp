// The pool of provided buffers.
//
// It has as many buffers as hold bytes at the same time, and a few spare ones. So a message
// allocates nothing, and the memory for a burst of messages is freed after it.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <mutex>
#include <new>
#include <source_location>

#include <drydock/queue.hpp>

namespace drydock::platform {

class BufferPool final : public BufferProvider {
public:
    /// `size`: of each buffer, in bytes.
    explicit BufferPool(std::size_t size) noexcept : size_(size) {}
    BufferPool(const BufferPool&) = delete;
    BufferPool& operator=(const BufferPool&) = delete;
    ~BufferPool() {
        while (first_ != nullptr) ::operator delete(pop());
    }

    std::size_t buffer_size() const noexcept { return size_; }

    /// From any thread. Null: no memory.
    std::byte* take() noexcept {
        {
            const std::lock_guard lock(mutex_);
            out_.fetch_add(1, std::memory_order_relaxed);
            if (first_ != nullptr) return pop();
        }
        auto* const memory =
            static_cast<std::byte*>(::operator new(std::max(size_, sizeof(Free)), std::nothrow));
        if (memory == nullptr) out_.fetch_sub(1, std::memory_order_relaxed);
        return memory;
    }

    /// For a receive that waits with a buffer, which few may. Null: it has to wait without.
    std::byte* pin() noexcept {
        if (pinned_.fetch_add(1, std::memory_order_relaxed) < most_pinned) {
            std::byte* const memory = take();
            if (memory != nullptr) return memory;
        }
        unpin();
        return nullptr;
    }
    /// It waits no more. What becomes of the buffer is another matter.
    void unpin() noexcept { pinned_.fetch_sub(1, std::memory_order_relaxed); }

    void take_back(std::byte* memory) noexcept override {
        {
            const std::lock_guard lock(mutex_);
            out_.fetch_sub(1, std::memory_order_release);
            if (kept_ < most_kept) {
                first_ = ::new (static_cast<void*>(memory)) Free{first_};
                ++kept_;
                return;
            }
        }
        ::operator delete(memory);
    }

    /// For the queue's end: by then all must have been given back.
    void check_all_back(CompletionQueue& queue) const noexcept {
        if (out_.load(std::memory_order_acquire) == 0) return;
        queue.violated({Rule::provided_buffer_kept, OperationKind::none, std::source_location()});
    }

private:
    struct Free {
        Free* next;
    };
    static constexpr std::size_t most_kept = 256;
    static constexpr std::size_t most_pinned = 64;

    std::byte* pop() noexcept {
        Free* const free = first_;
        first_ = free->next;
        --kept_;
        return reinterpret_cast<std::byte*>(free);
    }

    const std::size_t size_;
    std::mutex mutex_;
    Free* first_ = nullptr;
    std::size_t kept_ = 0;
    std::atomic<std::size_t> out_{0};
    std::atomic<std::size_t> pinned_{0};
};

}  // namespace drydock::platform

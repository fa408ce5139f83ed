// One worker's io_uring: entries in, events out, and the provided buffers of its receives.
//
// A ring belongs to the thread that enables it. No other thread submits to it or takes events out
// of it (IORING_SETUP_SINGLE_ISSUER), and the kernel works for it only while that thread asks for
// events (IORING_SETUP_DEFER_TASKRUN). These two flags are what makes io_uring fast. Only closing
// may be done by another thread.
//
// Provided buffers are blocks of the queue's pool, each in a numbered slot that the kernel knows. A
// receive that has bytes takes its block along, and another block is put into the slot before the
// ring is entered again. The number of blocks on offer follows how many are used between two
// entries: a receive that finds none doubles it, and it falls again when for a long time no more
// than a quarter was used.
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <drydock/time.hpp>

#include "platform/common/buffer_pool.hpp"
#include "platform/uring/record.hpp"

namespace drydock::uring {

class Ring {
public:
    /// Null when the system refuses; errno says why. `wake_file` is an eventfd; every write to it
    /// wakes the worker that sleeps in enter(). By any thread.
    static std::unique_ptr<Ring> open(platform::BufferPool& pool, int wake_file) noexcept;
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    /// From any thread, with nothing of the program in the ring.
    ~Ring();

    /// From here on the ring is the calling thread's. False: the system refuses.
    bool enable() noexcept;

    /// Hands a request to the kernel, at the latest in enter().
    void submit(Request& request) noexcept;
    void submit_cancel(std::uint64_t request) noexcept;
    void submit_cancel_all() noexcept;
    static std::uint64_t name(const Request& request) noexcept {
        return reinterpret_cast<std::uintptr_t>(&request);
    }

    /// Submits, lets the kernel work, and waits for an event until `until`. May be early.
    void enter(Time until) noexcept;

    /// Takes the next event out. False: there is none, as far as one can see without enter().
    bool next(Request*& request, Event& event) noexcept;

    /// How many requests the kernel has.
    std::size_t in_flight() const noexcept { return in_flight_; }

    /// A receive found no buffer: puts up more. False: there are none.
    bool more_buffers() noexcept;

private:
    static constexpr unsigned submissions = 1024;
    static constexpr unsigned completions = 8192;
    static constexpr unsigned slots = 2048;
    static constexpr std::size_t most_memory = std::size_t{64} << 20;
    static constexpr unsigned looks_before_fall = 512;

    Ring(platform::BufferPool& pool, int wake_file) noexcept : pool_(pool), wake_file_(wake_file) {}

    bool set_up() noexcept;
    bool provide_buffers() noexcept;
    ::io_uring_sqe& entry() noexcept;
    void watch_wake_file() noexcept;
    void offer_buffers() noexcept;
    std::byte* take_buffer(std::uint32_t flags) noexcept;

    platform::BufferPool& pool_;
    const int wake_file_;
    ::io_uring ring_{};
    bool open_ = false;
    std::size_t in_flight_ = 0;

    ::io_uring_buf_ring* buffers_ = nullptr;
    std::vector<std::byte*> in_slot_;  // by slot
    std::vector<std::uint16_t> free_slots_;
    unsigned offered_ = 0;    // how many slots have a block
    unsigned least_ = 1;      // how many should at least,
    unsigned most_ = 1;       // at most,
    unsigned wanted_ = 1;     // and now
    unsigned most_used_ = 0;  // between two entries, lately
    unsigned looks_ = 0;
};

}  // namespace drydock::uring

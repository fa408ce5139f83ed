// The calls of liburing.
#include "platform/uring/ring.hpp"

#include <poll.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <mutex>
#include <new>

namespace drydock::uring {
namespace {

// What events name that are no request's. (Requests are named by their addresses.)
constexpr std::uint64_t nobody = 0;
constexpr std::uint64_t wake_up = 1;

constexpr unsigned short buffer_group = 0;

// One ring is opened or closed at a time. A ring may get the memory that another one had, by system
// calls that ThreadSanitizer does not see: this tells it that one came after the other.
std::mutex mapping_mutex;

void fetch_ahead(std::uint64_t request) noexcept {
    __builtin_prefetch(reinterpret_cast<const void*>(static_cast<std::uintptr_t>(request)));
}

constexpr std::size_t buffer_ring_size(unsigned slots) noexcept {
    return slots * sizeof(::io_uring_buf);
}

}  // namespace

std::unique_ptr<Ring> Ring::open(platform::BufferPool& pool, int wake_file) noexcept {
    std::unique_ptr<Ring> ring(new (std::nothrow) Ring(pool, wake_file));
    if (ring == nullptr || !ring->set_up() || !ring->provide_buffers()) {
        return nullptr;
    }
    return ring;
}

bool Ring::enable() noexcept {
    // By hand: liburing 2.3 declares io_uring_enable_rings(), and does not have it.
    const auto ring_file = static_cast<unsigned>(ring_.ring_fd);
    if (::io_uring_register(ring_file, IORING_REGISTER_ENABLE_RINGS, nullptr, 0) != 0) {
        return false;
    }
    watch_wake_file();
    return true;
}

/// That deferred work is known (Linux 6.1) says that all else is, which is older.
bool Ring::set_up() noexcept {
    ::io_uring_params parameters{};
    parameters.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN |
                       IORING_SETUP_SUBMIT_ALL | IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP |
                       IORING_SETUP_R_DISABLED;
    parameters.cq_entries = completions;
    const std::lock_guard lock(mapping_mutex);
    const int code = ::io_uring_queue_init_params(submissions, &ring_, &parameters);
    open_ = code == 0;
    errno = -code;
    return open_;
}

bool Ring::provide_buffers() noexcept {
    try {
        in_slot_.resize(slots);
        free_slots_.reserve(slots);
    } catch (...) {
        errno = ENOMEM;
        return false;
    }
    for (unsigned slot = slots; slot-- > 0;) {
        free_slots_.push_back(static_cast<std::uint16_t>(slot));
    }
    // Shared, so that it is the kernel's memory still when a fork has copied what is private.
    void* const memory = ::mmap(nullptr, buffer_ring_size(slots), PROT_READ | PROT_WRITE,
                                MAP_ANONYMOUS | MAP_SHARED, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    buffers_ = static_cast<::io_uring_buf_ring*>(memory);
    ::io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory);
    registration.ring_entries = slots;
    registration.bgid = buffer_group;
    const int code = ::io_uring_register_buf_ring(&ring_, &registration, 0);
    if (code != 0) {
        errno = -code;
        return false;
    }
    ::io_uring_buf_ring_init(buffers_);
    const std::size_t fit = std::clamp<std::size_t>(most_memory / pool_.buffer_size(), 1, slots);
    most_ = static_cast<unsigned>(fit);
    least_ = wanted_ = std::min(most_, 32U);
    return true;
}

Ring::~Ring() {
    if (open_) {
        const std::lock_guard lock(mapping_mutex);
        ::io_uring_queue_exit(&ring_);
    }
    if (buffers_ != nullptr) {
        ::munmap(buffers_, buffer_ring_size(slots));
    }
    for (std::byte* const block : in_slot_) {
        if (block != nullptr) {
            pool_.take_back(block);
        }
    }
}

// --- in ------------------------------------------------------------------------------------------

/// A fresh entry, all zero. When there is none, those that wait are submitted first.
::io_uring_sqe& Ring::entry() noexcept {
    for (;;) {
        if (::io_uring_sqe* const entry = ::io_uring_get_sqe(&ring_); entry != nullptr) {
            *entry = ::io_uring_sqe{};
            return *entry;
        }
        ::io_uring_submit_and_get_events(&ring_);
    }
}

void Ring::submit(Request& request) noexcept {
    ::io_uring_sqe& sqe = entry();
    sqe.user_data = name(request);
    request.requester->prepare(request, sqe);
    ++in_flight_;
}

void Ring::submit_cancel(std::uint64_t request) noexcept {
    ::io_uring_sqe& sqe = entry();
    ::io_uring_prep_cancel64(&sqe, request, 0);
    sqe.flags |= IOSQE_CQE_SKIP_SUCCESS;
    sqe.user_data = nobody;
}

void Ring::submit_cancel_all() noexcept {
    ::io_uring_sqe& sqe = entry();
    ::io_uring_prep_cancel64(&sqe, 0, IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL);
    sqe.user_data = nobody;
}

/// Edge triggered, as polls are here by default: each write is an event, and nobody has to read.
void Ring::watch_wake_file() noexcept {
    ::io_uring_sqe& sqe = entry();
    ::io_uring_prep_poll_multishot(&sqe, wake_file_, POLLIN);
    sqe.user_data = wake_up;
}

void Ring::enter(Time until) noexcept {
    offer_buffers();
    ::io_uring_cqe* first = nullptr;
    if (until == never) {
        ::io_uring_submit_and_wait(&ring_, 1);
        return;
    }
    const Duration span = until == Time::min()
                              ? Duration::zero()
                              : until - Time(std::chrono::steady_clock::now().time_since_epoch());
    if (span <= Duration::zero()) {
        ::io_uring_submit_and_get_events(&ring_);
        return;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
    ::__kernel_timespec timeout{seconds.count(), (span - seconds).count()};
    ::io_uring_submit_and_wait_timeout(&ring_, &first, 1, &timeout, nullptr);
}

// --- out -----------------------------------------------------------------------------------------

bool Ring::next(Request*& request, Event& event) noexcept {
    for (;;) {
        const unsigned head = *ring_.cq.khead;
        const unsigned tail = ::io_uring_smp_load_acquire(ring_.cq.ktail);
        if (head == tail) {
            return false;
        }
        if (head + 1 != tail) {  // what the next one is about has not been touched for long
            fetch_ahead(ring_.cq.cqes[(head + 1) & ring_.cq.ring_mask].user_data);
        }
        const ::io_uring_cqe seen = ring_.cq.cqes[head & ring_.cq.ring_mask];
        ::io_uring_cq_advance(&ring_, 1);
        const bool more = (seen.flags & IORING_CQE_F_MORE) != 0;
        if (seen.user_data == nobody) {
            continue;
        }
        if (seen.user_data == wake_up) {
            if (!more && seen.res != -ECANCELED) {
                watch_wake_file();
            }
            continue;
        }
        request = reinterpret_cast<Request*>(static_cast<std::uintptr_t>(seen.user_data));
        event.result = seen.res;
        event.more = more;
        event.bytes_left = (seen.flags & IORING_CQE_F_SOCK_NONEMPTY) != 0;
        event.buffer = take_buffer(seen.flags);
        in_flight_ -= more ? 0 : 1;
        return true;
    }
}

// --- provided buffers ----------------------------------------------------------------------------

std::byte* Ring::take_buffer(std::uint32_t flags) noexcept {
    if ((flags & IORING_CQE_F_BUFFER) == 0) {
        return nullptr;
    }
    const auto slot = static_cast<std::uint16_t>(flags >> IORING_CQE_BUFFER_SHIFT);
    free_slots_.push_back(slot);  // never more than there are: it does not allocate
    --offered_;
    return std::exchange(in_slot_[slot], nullptr);
}

void Ring::offer_buffers() noexcept {
    most_used_ = std::max(most_used_, wanted_ - std::min(offered_, wanted_));
    if (++looks_ >= looks_before_fall) {
        if (4 * most_used_ < wanted_) {
            wanted_ = std::max(wanted_ / 2, least_);
        }
        looks_ = 0;
        most_used_ = 0;
    }
    unsigned added = 0;
    const int mask = ::io_uring_buf_ring_mask(slots);
    while (offered_ < wanted_) {
        std::byte* const block = pool_.take();
        if (block == nullptr) {
            break;
        }
        const std::uint16_t slot = free_slots_.back();
        free_slots_.pop_back();
        in_slot_[slot] = block;
        ::io_uring_buf_ring_add(buffers_, block, static_cast<unsigned>(pool_.buffer_size()), slot,
                                mask, static_cast<int>(added));
        ++added;
        ++offered_;
    }
    if (added > 0) {
        ::io_uring_buf_ring_advance(buffers_, static_cast<int>(added));
    }
}

bool Ring::more_buffers() noexcept {
    if (offered_ == 0) {
        wanted_ = std::min(2 * wanted_, most_);
        offer_buffers();
    }
    return offered_ > 0;
}

}  // namespace drydock::uring

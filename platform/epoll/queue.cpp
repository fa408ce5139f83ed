// The queue: waiting, events, timers, posts. Connecting is in connect.cpp.
#include "platform/epoll/queue.hpp"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <limits>

#include "platform/common/error_linux.hpp"
#include "platform/epoll/epoll_queue.hpp"
#include "platform/epoll/listener.hpp"
#include "platform/epoll/socket.hpp"

namespace drydock::epoll {
namespace {

constexpr std::size_t max_batch = 256;

// So many times in a row a worker may live on its ready list, which a peer that floods can keep
// from ever becoming empty, before it looks at all others.
constexpr unsigned rounds_between_polls = 32;

}  // namespace

std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options) {
    platform::File epoll(::epoll_create1(EPOLL_CLOEXEC));
    platform::File wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!epoll.is_open() || !wake.is_open()) {
        return nullptr;
    }
    // Edge triggered: each write wakes one worker, and nobody ever has to read.
    ::epoll_event event{};
    event.events = EPOLLIN | EPOLLET;
    event.data.u64 = SlotTable::no_slot;
    if (::epoll_ctl(epoll.get(), EPOLL_CTL_ADD, wake.get(), &event) != 0) {
        return nullptr;
    }
    return std::make_unique<EpollQueue>(std::move(epoll), std::move(wake), options);
}

EpollQueue::EpollQueue(platform::File epoll, platform::File wake,
                       const QueueOptions& options) noexcept
    : epoll_(std::move(epoll)),
      wake_(std::move(wake)),
      buffers_(options.provided_buffer_size),
      workers_(wake_.get()) {}

EpollQueue::~EpollQueue() { buffers_.check_all_back(*this); }

ListenResult EpollQueue::listen(const Endpoint& endpoint, const ListenOptions& options) {
    return Listener::listen(*this, endpoint, options);
}

int EpollQueue::watch(int descriptor, const Slot& slot) noexcept {
    ::epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
    event.data.u64 = slot.key();
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0 ? 0 : errno;
}

void EpollQueue::finish(Operation& operation, const Result& result,
                        std::atomic<std::uint32_t>* in_flight) noexcept {
    Record& record = operation.native<Record>();
    record.result = result;
    record.in_flight = in_flight;
    workers_.finish(operation);
}

void EpollQueue::post(Operation& operation) noexcept {
    if (!operation.begin(*this, OperationKind::post)) {
        return;
    }
    operation.emplace_native<Record>();
    workers_.post(operation);
}

// --- waiting -------------------------------------------------------------------------------------

std::size_t EpollQueue::wait(std::span<Completion> completions, Time deadline) noexcept {
    Worker& me = workers_.enter();
    std::size_t count = 0;
    for (bool last_look = false;;) {
        timers_.collect_due();
        count = workers_.take(me, completions);
        if (count > 0 || last_look) {
            break;
        }
        me.rounds_in_a_row = 0;
        last_look = !sleep(me, completions.size(), deadline);
    }
    if (++me.rounds_in_a_row >= rounds_between_polls) {
        me.rounds_in_a_row = 0;
        std::array<::epoll_event, max_batch> events;
        const int taken = take_events(events, Time::min());
        dispatch(std::span(events).first(static_cast<std::size_t>(taken)));
    }
    workers_.leave(me);
    return count;
}

/// Waits for events and handles them. False: the deadline has passed.
bool EpollQueue::sleep(Worker& me, std::size_t capacity, Time deadline) noexcept {
    // Not more events than completions can be handed on: other workers want some, too.
    std::array<::epoll_event, max_batch> storage;
    const std::span<::epoll_event> events =
        std::span(storage).first(std::clamp<std::size_t>(capacity, 1, max_batch));
    const Workers::Nap nap = workers_.fall_asleep(me);
    const Time timer = timers_.watch().fall_asleep();
    const int taken = take_events(events, std::min({deadline, nap.until, timer}));
    timers_.watch().wake_up(timer);
    workers_.wake_up(nap);
    dispatch(events.first(static_cast<std::size_t>(taken)));
    return deadline == never || now() < deadline;
}

void EpollQueue::dispatch(std::span<const ::epoll_event> events) noexcept {
    for (const ::epoll_event& event : events) {
        const std::uint64_t key = event.data.u64;
        if (key == SlotTable::no_slot) {
            workers_.woken();
            continue;
        }
        Slot& slot = slots_.at(key);
        std::unique_lock lock(slot.mutex);
        if (slot.generation == SlotTable::generation(key)) {
            slot.handler->on_events(event.events, std::move(lock));
        }
    }
}

/// How many events there are when there are any, at the latest at `until`. May be early or give
/// none.
int EpollQueue::take_events(std::span<::epoll_event> events, Time until) noexcept {
    const int size = static_cast<int>(events.size());
    if (until == never) {
        return std::max(0, ::epoll_wait(epoll_.get(), events.data(), size, -1));
    }
    const Duration span = until == Time::min() ? Duration::zero() : until - now();
    if (span <= Duration::zero()) {
        return std::max(0, ::epoll_wait(epoll_.get(), events.data(), size, 0));
    }
    return take_events_timed(events, span);
}

int EpollQueue::take_events_timed(std::span<::epoll_event> events, Duration span) noexcept {
    static std::atomic<bool> nanoseconds_known{true};
    const int size = static_cast<int>(events.size());
    if (nanoseconds_known.load(std::memory_order_relaxed)) {
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span);
        const ::timespec timeout{seconds.count(), (span - seconds).count()};
        const int count = ::epoll_pwait2(epoll_.get(), events.data(), size, &timeout, nullptr);
        if (count >= 0 || !platform::unknown_call(errno)) {
            return std::max(0, count);
        }
        nanoseconds_known.store(false, std::memory_order_relaxed);  // Linux before 5.11
    }
    // Rounded up: a timer may be late, but not early, and waking before it would only spin.
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(span).count();
    const auto longest = std::int64_t{std::numeric_limits<int>::max()};
    return std::max(0,
                    ::epoll_wait(epoll_.get(), events.data(), size,
                                 static_cast<int>(std::min<std::int64_t>(milliseconds, longest))));
}

// --- timers --------------------------------------------------------------------------------------

void EpollQueue::start_timer(Operation& operation, Time deadline) noexcept {
    timers_.start(operation, deadline);
}

void EpollQueue::cancel(Operation& operation) noexcept {
    {
        const std::lock_guard lock(timers_.mutex());
        Record* const record = timers_.find(operation);
        if (record != nullptr && record->connecting != nullptr) {
            const std::lock_guard slot_lock(record->connecting->slot().mutex);
            detach_connect(*record, *record->connecting);
        } else if (!timers_.remove(operation)) {
            return operation.remember_cancel();
        }
    }
    if (operation.kind() == OperationKind::connect) {
        static_cast<SocketOperation&>(operation).take_socket().reset();
    }
    finish(operation, Result::failure(Error::canceled));
}

}  // namespace drydock::epoll

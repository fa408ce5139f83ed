// The queue's class, as its sockets and listeners use it.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <mutex>

#include <drydock/backend.hpp>

#include "platform/common/buffer_pool.hpp"
#include "platform/common/file_posix.hpp"
#include "platform/common/shared_timers.hpp"
#include "platform/epoll/slots.hpp"
#include "platform/epoll/workers.hpp"

namespace drydock::epoll {

class Socket;

class EpollQueue final : public CompletionQueue {
public:
    EpollQueue(platform::File epoll, platform::File wake, const QueueOptions& options) noexcept;
    ~EpollQueue() override;

    Time now() const noexcept override { return platform::monotonic_now(); }
    ListenResult listen(const Endpoint& endpoint, const ListenOptions& options) override;
    void connect(SocketOperation& operation, const Endpoint& endpoint) noexcept override;
    void start_timer(Operation& operation, Time deadline) noexcept override;
    void cancel(Operation& operation) noexcept override;
    void post(Operation& operation) noexcept override;
    std::size_t wait(std::span<Completion> completions, Time deadline) noexcept override;

    // What follows is for sockets and listeners.

    /// Hands an operation to a worker. The caller may touch it no more, nor whatever it may end.
    /// `in_flight` is counted down when wait() hands it out.
    void finish(Operation& operation, const Result& result,
                std::atomic<std::uint32_t>* in_flight = nullptr) noexcept;

    /// Events of this descriptor, from what is the case now on, go to the slot's handler. 0, or
    /// errno.
    int watch(int descriptor, const Slot& slot) noexcept;
    /// Events for a socket that was connecting when they were taken out of epoll.
    void finish_connect(Slot& slot, std::uint32_t generation, std::uint32_t events) noexcept;
    SlotTable& slots() noexcept { return slots_; }
    platform::BufferPool& buffers() noexcept { return buffers_; }

private:
    Result await_connection(SocketOperation& operation, std::unique_ptr<Socket> socket) noexcept;
    static void detach_connect(Record& record, Socket& socket) noexcept;
    bool sleep(Worker& me, std::size_t capacity, Time deadline) noexcept;
    int take_events(std::span<::epoll_event> events, Time until) noexcept;
    int take_events_timed(std::span<::epoll_event> events, Duration span) noexcept;
    void dispatch(std::span<const ::epoll_event> events) noexcept;

    platform::File epoll_;
    platform::File wake_;
    SlotTable slots_;
    platform::BufferPool buffers_;
    Workers workers_;

    // Their lock is taken before a slot's, and guards the records of connects, too.
    platform::SharedTimers<Record, Workers> timers_{*this, workers_};
};

}  // namespace drydock::epoll

// A listening socket, and its accepts that wait for connections.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <source_location>

#include <drydock/queue.hpp>

#include "platform/common/file_posix.hpp"
#include "platform/epoll/record.hpp"
#include "platform/epoll/slots.hpp"

namespace drydock::epoll {

class EpollQueue;

class Listener final : public AsyncListener, private Handler {
public:
    static ListenResult listen(EpollQueue& queue, const Endpoint& endpoint,
                               const ListenOptions& options) noexcept;
    ~Listener() override;

    void accept(SocketOperation& operation) noexcept override;
    void cancel() noexcept override;
    void interrupt_accept() noexcept override;
    void interrupt_accept(SocketOperation& operation) noexcept override;
    void limit_unsent(std::size_t bytes) noexcept override;
    Endpoint local_endpoint() const noexcept override;

private:
    explicit Listener(EpollQueue& queue) noexcept : queue_(queue) {}

    void on_events(std::uint32_t events, std::unique_lock<std::mutex> lock) noexcept override;
    void match(std::unique_lock<std::mutex> lock) noexcept;
    void take_connections(OperationList& served) noexcept;
    static void complete(EpollQueue& queue, SocketOperation& operation,
                         std::atomic<std::uint32_t>& in_flight) noexcept;

    EpollQueue& queue_;
    Slot* slot_ = nullptr;
    platform::File file_;

    // Guarded by the slot's lock.
    bool acceptable_ = false;  // the backlog may hold a connection; only EAGAIN clears it
    bool canceled_ = false;
    bool interrupt_next_ = false;
    OperationList waiting_;
    std::source_location latest_;  // where the last accept was started

    std::atomic<std::uint32_t> in_flight_{0};  // accepts that wait() has not handed out
};

}  // namespace drydock::epoll

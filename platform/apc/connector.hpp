// Connecting: ConnectEx with an event, and canceling a connect by its operation.
#pragma once

#include <mutex>

#include <drydock/queue.hpp>

#include "platform/apc/worker.hpp"

namespace drydock::apc {

class Connector {
public:
    /// The mutex guards what CompletionQueue::cancel() wants to know of an operation.
    Connector(CompletionQueue& queue, Worker& worker, std::mutex& mutex) noexcept
        : queue_(queue), worker_(worker), mutex_(mutex) {}

    void start(SocketOperation& operation, const Endpoint& endpoint) noexcept;

    /// The caller holds the mutex. False: it is not in flight.
    static bool cancel(Operation& operation) noexcept;

private:
    // By the worker.
    static void issue(Record& record) noexcept;
    static bool finished(Record& record) noexcept;

    DWORD call(ConnectRecord& record) noexcept;
    DWORD deliver(ConnectRecord& record) noexcept;

    CompletionQueue& queue_;
    Worker& worker_;
    std::mutex& mutex_;
};

}  // namespace drydock::apc

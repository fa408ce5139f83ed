// Connecting: ConnectEx, and canceling a connect by its operation.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include <drydock/queue.hpp>

#include "platform/common/socket_address_win32.hpp"
#include "platform/iocp/port.hpp"

namespace drydock::iocp {

/// Mutexes that guard what CompletionQueue::cancel() wants to know of an operation, whichever it
/// is: its kind, its remembered cancel, and a connect's marks. They cannot be in the operation,
/// which may end while one of them is being unlocked. A start holds its operation's across the
/// system call; more than one mutex keeps the starts of others from waiting for that.
class OperationLocks {
public:
    std::mutex& of(const Operation& operation) noexcept {
        const auto address = reinterpret_cast<std::uintptr_t>(&operation);
        return mutexes_[(address >> 6 ^ address >> 12) % mutexes_.size()];
    }

private:
    std::array<std::mutex, 16> mutexes_;
};

class Connector {
public:
    Connector(CompletionQueue& queue, Port& port, OperationLocks& locks) noexcept
        : queue_(queue), port_(port), locks_(locks) {}

    void start(SocketOperation& operation, const Endpoint& endpoint) noexcept;

    /// The caller holds the operation's lock. False: it is not in flight.
    bool cancel(Operation& operation) noexcept;

private:
    static bool finished(Record& record, Result& result) noexcept;

    DWORD start_connecting(Record& record, const platform::SocketAddress& address) noexcept;
    DWORD deliver(Record& record) noexcept;

    CompletionQueue& queue_;
    Port& port_;
    OperationLocks& locks_;
};

}  // namespace drydock::iocp

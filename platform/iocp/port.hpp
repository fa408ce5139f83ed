// The completion port itself.
#pragma once

#include <atomic>
#include <span>

#include <drydock/backend.hpp>

#include "platform/common/buffer_pool.hpp"
#include "platform/common/clock_win32.hpp"
#include "platform/common/socket_win32.hpp"
#include "platform/iocp/record.hpp"
#include "platform/iocp/waiters.hpp"

namespace drydock::iocp {

class Port {
public:
    /// The number of workers is the port's concurrency: so many run at a time, as many as there
    /// are, so the system never holds a packet back from one that waits. Throws std::system_error.
    explicit Port(const QueueOptions& options);
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;
    ~Port();

    const platform::Winsock& winsock() const noexcept { return winsock_; }
    platform::BufferPool& buffers() noexcept { return buffers_; }
    Waiters& waiters() noexcept { return waiters_; }
    Time now() const noexcept { return clock_.now(); }

    /// From here on the socket's packets come to this port with that key. The code, 0 for success.
    DWORD associate(SOCKET handle, Key key) const noexcept;

    /// From here on a call on this connected socket that succeeds at once sends no packet. False:
    /// it does.
    bool skip_packets(SOCKET handle) const noexcept;

    // These two complete an operation for which the system sends no packet. From any thread. After
    // the call the record may be gone.

    /// For what the first worker that comes should take, though it has to be woken; where none
    /// sleeps, the list will do.
    void post(Record& record, const Result& result) noexcept;
    /// For what a start that is just being made has led to: the worker that makes it will come.
    void complete(Record& record, const Result& result) noexcept;

    /// Sends a packet that means nothing, to whichever waiter comes first. False: no memory for it.
    bool wake() const noexcept;

    /// Takes packets out: as many as there are and `entries` holds, waiting up to `timeout`
    /// milliseconds for the first. 0 when none came.
    ULONG dequeue(std::span<OVERLAPPED_ENTRY> entries, DWORD timeout) const noexcept;

    /// How many packets of accept slots are still to come. Slots outlive their listeners (see
    /// acceptor.hpp), so the queue must know whether to wait for some before it closes the port.
    std::atomic<int> slots_posted{0};

private:
    platform::Winsock winsock_;
    HANDLE handle_;
    const platform::Clock clock_;
    platform::BufferPool buffers_;
    Waiters waiters_;
};

}  // namespace drydock::iocp

// Receives into provided buffers.
//
// Usually such a receive waits with an empty buffer, and a second call fetches the bytes when they
// have come. To save the second call, a connection that has received something waits with a real
// buffer, but only a limited number of connections do: so all of them together pin a bounded amount
// of memory, however many are idle. A connection that falls silent keeps its buffer until it
// receives again or ends. When the limit is reached, busy connections make the second call.
#pragma once

#include <cstddef>
#include <optional>

#include <drydock/operation.hpp>

#include "platform/common/buffer_pool.hpp"
#include "platform/common/winsock_win32.hpp"

namespace drydock::platform {

/// Takes what there is of a non-blocking socket's bytes. None: nothing is there. An empty buffer
/// takes nothing; the call then succeeds if there is something, be it the end of the stream.
std::optional<Result> receive_now(SOCKET handle, MutableBuffer buffer) noexcept;

/// The buffer that a connection's receive waits with. Guarded by its owner's lock.
class WaitingBuffer {
public:
    /// For a receive of at most `most` bytes: what to wait with, which may be empty.
    MutableBuffer choose(BufferPool& buffers, std::size_t most) noexcept;

    /// That receive has completed with `result`. The operation gets the bytes that it received, or,
    /// if it waited with an empty buffer, the bytes that are now fetched from the non-blocking
    /// socket. None: there are no bytes after all.
    std::optional<Result> finish(SOCKET handle, BufferPool& buffers, ReceiveOperation& operation,
                                 std::size_t most, const Result& result) noexcept;

private:
    bool settle(BufferPool& buffers, ReceiveOperation& operation, std::size_t bytes) noexcept;

    bool warm_ = false;  // the connection has received something
    std::byte* memory_ = nullptr;
};

}  // namespace drydock::platform

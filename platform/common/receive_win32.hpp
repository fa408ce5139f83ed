// Receives into provided buffers. In general such a receive waits with an empty buffer, and what is
// there then is fetched by a second call. That is one call more than it takes; so a connection that
// has brought something waits with a real buffer, as long as few do: all of them together pin a
// bounded amount of memory, however many are idle. One that falls silent keeps its buffer until it
// speaks again or ends; where as many have as may, the busy ones pay for the second call.
#pragma once

#include <cstddef>
#include <optional>

#include <drydock/operation.hpp>

#include "platform/common/buffer_pool.hpp"
#include "platform/common/winsock_win32.hpp"

namespace drydock::platform {

/// Takes at most `most` bytes of a non-blocking socket into a buffer that the operation gets. None:
/// there was nothing, after all.
std::optional<Result> receive_into_provided(SOCKET handle, BufferPool& buffers,
                                            ReceiveOperation& operation, std::size_t most) noexcept;

/// The buffer that a connection's receive waits with. Guarded by its owner's lock.
class WaitingBuffer {
public:
    /// For a receive of at most `most` bytes: what to wait with, which may be empty.
    MutableBuffer choose(BufferPool& buffers, std::size_t most) noexcept;

    /// That receive has come back, with so many bytes. False: it has waited with nothing, and what
    /// is there has to be fetched.
    bool settle(BufferPool& buffers, ReceiveOperation& operation, std::size_t bytes) noexcept;

    /// The connection has brought something.
    void warm() noexcept { warm_ = true; }

private:
    bool warm_ = false;
    std::byte* memory_ = nullptr;
};

}  // namespace drydock::platform

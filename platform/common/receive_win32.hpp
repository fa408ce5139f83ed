// The second half of a receive into a provided buffer: something is there, so it is fetched.
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

}  // namespace drydock::platform

// Receives into provided buffers. See receive_win32.hpp.
#include "platform/common/receive_win32.hpp"

#include <algorithm>
#include <utility>

#include "platform/common/error_win32.hpp"
#include "platform/common/gather_win32.hpp"

namespace drydock::platform {
namespace {

/// Takes at most `most` bytes of a non-blocking socket into a buffer that the operation gets. None:
/// there was nothing, after all.
std::optional<Result> receive_into_provided(SOCKET handle, BufferPool& buffers,
                                            ReceiveOperation& operation,
                                            std::size_t most) noexcept {
    std::byte* const memory = buffers.take();
    if (memory == nullptr) {
        return failure(WSAENOBUFS);
    }
    const std::size_t room = std::min(most, buffers.buffer_size());
    const std::optional<Result> received = receive_now(handle, {memory, room});
    const std::size_t bytes = received ? received->bytes : 0;
    ProvidedBuffer buffer(buffers, memory, bytes);  // goes back unless it is delivered
    if (bytes > 0) {
        operation.deliver(std::move(buffer));
    }
    return received;
}

}  // namespace

std::optional<Result> receive_now(SOCKET handle, MutableBuffer buffer) noexcept {
    char look = 0;
    const bool only_look = buffer.empty();
    char* const to = only_look ? &look : reinterpret_cast<char*>(buffer.data());
    const std::size_t room = only_look ? 1 : std::min(buffer.size(), most_bytes);
    const int count = ::recv(handle, to, static_cast<int>(room), only_look ? MSG_PEEK : 0);
    if (count >= 0) {
        return Result::success(only_look ? 0 : static_cast<std::size_t>(count));
    }
    const auto code = static_cast<DWORD>(::WSAGetLastError());
    if (code == WSAEWOULDBLOCK) {
        return std::nullopt;
    }
    return failure(code);
}

MutableBuffer WaitingBuffer::choose(BufferPool& buffers, std::size_t most) noexcept {
    memory_ = warm_ ? buffers.pin() : nullptr;
    if (memory_ == nullptr) {
        return {};
    }
    return {memory_, std::min({most, buffers.buffer_size(), most_bytes})};
}

std::optional<Result> WaitingBuffer::finish(SOCKET handle, BufferPool& buffers,
                                            ReceiveOperation& operation, std::size_t most,
                                            const Result& result) noexcept {
    if (settle(buffers, operation, result.bytes) || !result.ok()) {
        return result;
    }
    const std::optional<Result> received = receive_into_provided(handle, buffers, operation, most);
    warm_ = warm_ || (received && received->bytes > 0);
    return received;
}

/// False: it has waited with nothing.
bool WaitingBuffer::settle(BufferPool& buffers, ReceiveOperation& operation,
                           std::size_t bytes) noexcept {
    std::byte* const memory = std::exchange(memory_, nullptr);
    if (memory == nullptr) {
        return false;
    }
    buffers.unpin();
    ProvidedBuffer buffer(buffers, memory, bytes);
    if (bytes > 0) {
        operation.deliver(std::move(buffer));
    }
    return true;
}

}  // namespace drydock::platform

// The first buffers of a gather send: as many as go into one WSASend.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <drydock/buffer.hpp>

#include "platform/common/winsock_win32.hpp"

namespace drydock::platform {

// A completion counts bytes in 32 bits; and the system locks the pages of what it is given.
inline constexpr std::size_t most_bytes = std::size_t{1} << 30;

class Gather {
public:
    explicit Gather(std::span<const ConstBuffer> buffers) noexcept {
        std::size_t room = most_bytes;
        for (const ConstBuffer& buffer : buffers) {
            if (count_ == most_buffers || room == 0) {
                break;
            }
            const std::size_t size = std::min(buffer.size, room);
            if (size == 0) {
                continue;
            }
            room -= size;
            // WSASend only reads, whatever WSABUF's type says.
            auto* const bytes = reinterpret_cast<CHAR*>(const_cast<std::byte*>(buffer.data));
            array_[count_++] = {static_cast<ULONG>(size), bytes};
        }
    }

    WSABUF* data() noexcept { return array_.data(); }
    DWORD count() const noexcept { return count_; }

private:
    static constexpr std::size_t most_buffers = 64;

    std::array<WSABUF, most_buffers> array_;
    DWORD count_ = 0;
};

}  // namespace drydock::platform

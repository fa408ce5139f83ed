// Views of the memory that operations read from and write to. They own nothing.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace drydock {

/// Where a receive may put bytes. The memory belongs to the backend from start to completion.
using MutableBuffer = std::span<std::byte>;

/// One piece of a gather send. The memory must stay, unchanged, from start to completion.
/// Laid out as POSIX's struct iovec, so that a backend can hand an array of them on as it is.
struct ConstBuffer {
    const std::byte* data = nullptr;
    std::size_t size = 0;

    constexpr ConstBuffer() noexcept = default;
    constexpr ConstBuffer(const std::byte* first, std::size_t count) noexcept
        : data(first), size(count) {}
    constexpr ConstBuffer(std::span<const std::byte> bytes) noexcept
        : data(bytes.data()), size(bytes.size()) {}
    ConstBuffer(std::string_view text) noexcept
        : data(reinterpret_cast<const std::byte*>(text.data())), size(text.size()) {}
};

/// The sum of the pieces' sizes.
constexpr std::size_t total_size(std::span<const ConstBuffer> buffers) noexcept {
    std::size_t total = 0;
    for (const ConstBuffer& buffer : buffers) total += buffer.size;
    return total;
}

/// Received bytes seen as characters.
inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace drydock

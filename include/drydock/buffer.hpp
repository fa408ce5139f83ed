// The memory that operations read from and write to: views, which own nothing, and buffers that a
// queue provides.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

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

/// Where provided buffers come from and go back to. For backends.
class BufferProvider {
public:
    /// From any thread. `memory` is what the buffer was made of.
    virtual void take_back(std::byte* memory) noexcept = 0;

protected:
    ~BufferProvider() = default;
};

/// A buffer of the queue's, with what was received in it, for as long as this object lives. (What
/// io_uring calls a provided buffer.) Any worker may let it go, before the queue ends
/// (Rule::provided_buffer_kept), and writes to it no more (Rule::provided_buffer_touched).
class ProvidedBuffer {
public:
    /// None.
    ProvidedBuffer() noexcept = default;
    /// For backends.
    ProvidedBuffer(BufferProvider& provider, std::byte* memory, std::size_t size) noexcept
        : provider_(&provider), bytes_(memory, size) {}

    ProvidedBuffer(ProvidedBuffer&& other) noexcept
        : provider_(std::exchange(other.provider_, nullptr)),
          bytes_(std::exchange(other.bytes_, {})) {}
    ProvidedBuffer& operator=(ProvidedBuffer&& other) noexcept {
        if (this != &other) {
            reset();
            provider_ = std::exchange(other.provider_, nullptr);
            bytes_ = std::exchange(other.bytes_, {});
        }
        return *this;
    }
    ~ProvidedBuffer() { reset(); }

    /// The bytes received, which may be written over.
    MutableBuffer bytes() const noexcept { return bytes_; }

    /// Gives it back.
    void reset() noexcept {
        if (provider_ != nullptr) provider_->take_back(bytes_.data());
        provider_ = nullptr;
        bytes_ = {};
    }

private:
    BufferProvider* provider_ = nullptr;
    MutableBuffer bytes_;
};

/// Received bytes seen as characters.
inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace drydock

// The memory that operations read from and write to: views, which own nothing, and provided
// buffers, which the queue owns.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace drydock {

/// Memory for a receive. It belongs to the backend from the start to the completion.
using MutableBuffer = std::span<std::byte>;

/// One piece of a gather send. The memory must stay unchanged from the start to the completion.
/// Laid out like POSIX's struct iovec, so that a backend can pass an array of them on.
struct ConstBuffer {
    const std::byte* data = nullptr;  ///< the first byte; may be null if `size` is 0
    std::size_t size = 0;             ///< in bytes

    /// No bytes.
    constexpr ConstBuffer() noexcept = default;
    /// The `count` bytes from `first` on.
    constexpr ConstBuffer(const std::byte* first, std::size_t count) noexcept
        : data(first), size(count) {}
    /// The bytes that a span views.
    constexpr ConstBuffer(std::span<const std::byte> bytes) noexcept
        : data(bytes.data()), size(bytes.size()) {}
    /// The characters that a std::string_view views, as bytes.
    ConstBuffer(std::string_view text) noexcept
        : data(reinterpret_cast<const std::byte*>(text.data())), size(text.size()) {}

    /// A std::string, or a string literal without its terminating NUL. A view, which does not keep
    /// a temporary string alive: name one only inside the co_await expression that sends it.
    template <std::convertible_to<std::string_view> Text>
    requires(!std::is_null_pointer_v<Text>) ConstBuffer(const Text& text)
    noexcept : ConstBuffer(std::string_view(text)) {}
    /// A contiguous range of bytes: a vector, an array, a MutableBuffer.
    template <std::convertible_to<std::span<const std::byte>> Bytes>
    constexpr ConstBuffer(const Bytes& bytes) noexcept
        : ConstBuffer(std::span<const std::byte>(bytes)) {}
};

/// The sum of the sizes of all `buffers`, in bytes.
constexpr std::size_t total_size(std::span<const ConstBuffer> buffers) noexcept {
    std::size_t total = 0;
    for (const ConstBuffer& buffer : buffers) total += buffer.size;
    return total;
}

/// For backends: the owner of provided buffers. It must outlive them.
class BufferProvider {
public:
    /// Takes a buffer back. From any thread. `memory` is the pointer that the buffer was made with.
    virtual void take_back(std::byte* memory) noexcept = 0;

protected:
    ~BufferProvider() = default;
};

/// A buffer of the queue that holds received bytes; io_uring calls it a provided buffer. It goes
/// back to the queue when this object is destroyed or reset. Any worker may do that, but it must be
/// done before the queue is destroyed (Rule::provided_buffer_kept). Afterwards the program must not
/// write to the memory (Rule::provided_buffer_touched).
class ProvidedBuffer {
public:
    /// Holds no buffer.
    ProvidedBuffer() noexcept = default;
    /// For backends: `size` received bytes at `memory`, which goes back to `provider`.
    ProvidedBuffer(BufferProvider& provider, std::byte* memory, std::size_t size) noexcept
        : provider_(&provider), bytes_(memory, size) {}

    /// Takes the buffer over; `other` holds none afterwards.
    ProvidedBuffer(ProvidedBuffer&& other) noexcept
        : provider_(std::exchange(other.provider_, nullptr)),
          bytes_(std::exchange(other.bytes_, {})) {}
    /// Gives back the buffer held so far, and takes over that of `other`, which holds none
    /// afterwards.
    ProvidedBuffer& operator=(ProvidedBuffer&& other) noexcept {
        if (this != &other) {
            reset();
            provider_ = std::exchange(other.provider_, nullptr);
            bytes_ = std::exchange(other.bytes_, {});
        }
        return *this;
    }
    ~ProvidedBuffer() { reset(); }

    /// The bytes received. The program may overwrite them. Empty if there is no buffer.
    MutableBuffer bytes() const noexcept { return bytes_; }

    /// Gives the buffer back to the queue. Without a buffer it does nothing. On any worker.
    void reset() noexcept {
        if (provider_ != nullptr) provider_->take_back(bytes_.data());
        provider_ = nullptr;
        bytes_ = {};
    }

private:
    BufferProvider* provider_ = nullptr;
    MutableBuffer bytes_;
};

/// A view of received bytes as characters, of any encoding. It is valid as long as `bytes` are.
inline std::string_view as_text(std::span<const std::byte> bytes) noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace drydock

// A file descriptor with one owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace drydock::platform {

class File {
public:
    File() noexcept = default;
    explicit File(int descriptor) noexcept : descriptor_(descriptor) {}
    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~File() { close(); }

    bool is_open() const noexcept { return descriptor_ >= 0; }
    int get() const noexcept { return descriptor_; }

    void close() noexcept {
        // EINTR is no reason to close again: on Linux the descriptor is gone by then.
        if (is_open()) {
            ::close(std::exchange(descriptor_, -1));
        }
    }

private:
    int descriptor_ = -1;
};

}  // namespace drydock::platform

// The clock of the POSIX backends.
#pragma once

#include <chrono>

#include <drydock/time.hpp>

namespace drydock::platform {

/// Never goes back.
inline Time monotonic_now() noexcept {
    return Time(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace drydock::platform

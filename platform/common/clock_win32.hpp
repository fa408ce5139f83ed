// The clock of the Windows backends, and their timeouts.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include <drydock/time.hpp>

#include "platform/common/winsock_win32.hpp"

namespace drydock::platform {

/// The performance counter, which never goes back.
class Clock {
public:
    Clock() noexcept {
        LARGE_INTEGER frequency{};
        ::QueryPerformanceFrequency(&frequency);
        frequency_ = frequency.QuadPart;
    }

    Time now() const noexcept {
        LARGE_INTEGER ticks{};
        ::QueryPerformanceCounter(&ticks);
        // In two parts, as ticks times 10^9 does not fit for long.
        const std::int64_t seconds = ticks.QuadPart / frequency_;
        const std::int64_t rest = ticks.QuadPart % frequency_;
        return Time(Duration(seconds * std::nano::den + rest * std::nano::den / frequency_));
    }

private:
    std::int64_t frequency_ = 1;
};

/// How long to sleep, at most `longest`: rounded up, so that nobody wakes early and spins.
inline DWORD milliseconds_until(Time until, Time now, Duration longest) noexcept {
    const Duration left = std::clamp(until - now, Duration::zero(), longest);
    return static_cast<DWORD>(std::chrono::ceil<std::chrono::milliseconds>(left).count());
}

}  // namespace drydock::platform

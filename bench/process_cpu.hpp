// The processor time that a process has used, and the time that it waited for a processor, over all
// of its threads.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>

namespace drydock::bench {

/// From the process's own CPU clock, which counts nanoseconds where /proc/PID/stat counts ticks of
/// 10 ms. Nothing when there is no such process.
inline std::optional<std::chrono::nanoseconds> cpu_time(::pid_t process) noexcept {
    ::clockid_t clock{};
    ::timespec time{};
    if (::clock_getcpuclockid(process, &clock) != 0 || ::clock_gettime(clock, &time) != 0) {
        return std::nullopt;
    }
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// How long its threads were ready to run while other work had their core: what a measurement was
/// disturbed by. 0 where the kernel does not count it.
inline std::chrono::nanoseconds time_kept_waiting(::pid_t process) {
    std::chrono::nanoseconds sum{0};
    std::error_code error;
    const std::filesystem::path tasks = "/proc/" + std::to_string(process) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks, error)) {
        std::ifstream file(task.path() /
                           "schedstat");  // nanoseconds on a core, and waiting for one
        std::chrono::nanoseconds::rep ran = 0;
        std::chrono::nanoseconds::rep waited = 0;
        if (file >> ran >> waited) sum += std::chrono::nanoseconds(waited);
    }
    return sum;
}

}  // namespace drydock::bench

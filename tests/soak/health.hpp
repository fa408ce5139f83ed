// What the system says of a server process.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace drydock::soak {

struct Health {
    double minute = 0;  ///< of the run
    std::size_t descriptors = 0;
    std::size_t threads = 0;  ///< without the kernel's own workers for io_uring
    std::uint64_t resident = 0;
};

Health look_at(::pid_t process);

/// Connections at this port that the server's side has not closed.
std::size_t open_connections(std::uint16_t port);

/// Of the memory at quiet points.
struct Trend {
    std::uint64_t early = 0;  ///< the median in the second fifth of the run
    std::uint64_t late = 0;   ///< the median in the last fifth
    double per_minute = 0;    ///< the slope of the line through all points from the second fifth on
};
Trend trend_of(std::span<const Health> points);

inline double in_mebibytes(std::uint64_t bytes) {
    return static_cast<double>(bytes) / (1024 * 1024);
}

}  // namespace drydock::soak

// Raises the limit on open files, for all programs of the benchmarks.
#pragma once

#include <sys/resource.h>

namespace drydock::bench {

/// A thousand connections are more than the usual limit allows.
inline void raise_open_file_limit() noexcept {
    ::rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
}

}  // namespace drydock::bench

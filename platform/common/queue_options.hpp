// The options that a program passes to any backend's make_queue().
#pragma once

#include <cstddef>

namespace drydock {

struct QueueOptions {
    /// How many threads will call wait(). 0: as many as there are processors. This is a hint, for
    /// example for the concurrency of a completion port; fewer or more threads may call wait().
    unsigned workers = 0;
    /// The size of provided buffers, in bytes; at least 1.
    std::size_t provided_buffer_size = 16 * 1024;
};

}  // namespace drydock

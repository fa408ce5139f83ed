// The options that a program passes to any backend's make_queue().
#pragma once

#include <cstddef>

namespace drydock {

struct QueueOptions {
    /// How many threads will call wait(): a hint for systems that want to know (the concurrency of
    /// a completion port). 0: as many as there are processors. Fewer or more may come.
    unsigned workers = 0;
    /// The size of the buffers for receives that bring none, in bytes; at least 1.
    std::size_t provided_buffer_size = 16 * 1024;
};

}  // namespace drydock

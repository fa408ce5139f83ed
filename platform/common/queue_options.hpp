// What a program tells any backend's make_queue().
#pragma once

namespace drydock {

struct QueueOptions {
    /// How many threads will call wait(): a hint for systems that want to know (the concurrency of
    /// a completion port). 0: as many as there are processors. Fewer or more may come.
    unsigned workers = 0;
};

}  // namespace drydock

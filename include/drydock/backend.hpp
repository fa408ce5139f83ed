// Opening a completion queue of this system, by name.
//
//     OpenedQueue opened = open_queue();           // the best that the system provides
//     if (!opened.queue) {
//         std::fprintf(stderr, "%s\n", opened.complaint.c_str());
//         return 2;
//     }
//     WorkerLoop loop(*opened.queue, run(*opened.queue), opened.workers);
//
// A program that lets its user choose passes the name on and lists queue_names() in its help. For a
// queue inside the simulator see <drydock/sim/run.hpp>.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <drydock/queue.hpp>

namespace drydock {

/// How open_queue() makes a queue.
struct QueueOptions {
    /// How many threads will call wait(). 0: one for each processor that this process may use, or
    /// as many as the queue permits. This is a hint, for example for the concurrency of a
    /// completion port; fewer or more threads may call wait() (`apc` permits one only).
    unsigned workers = 0;
    /// The size of provided buffers, in bytes; at least 1.
    std::size_t provided_buffer_size = 16 * 1024;
};

/// A queue, or an error message that says why there is none.
struct OpenedQueue {
    /// The queue, which the caller owns. Null: `complaint` says why there is none.
    std::unique_ptr<CompletionQueue> queue;
    std::string_view name;  ///< which one it is, also when "auto" was asked for
    /// How many threads are to call wait(): QueueOptions::workers, or the number that 0 stands for.
    unsigned workers = 0;
    /// One sentence, without a full stop. With a queue it is empty, unless "auto" was asked for and
    /// the system refused a better one: then it says why.
    std::string complaint;
};

/// Opens the queue `name`, with these `options`: one of queue_names(), or "auto", which is the
/// first of them that the system provides. A system may refuse one; many containers refuse
/// io_uring. A name that this build does not have, more workers than the backend permits, and
/// provided buffers of 0 bytes give no queue, and a complaint. Throws nothing but std::bad_alloc.
/// From any thread.
OpenedQueue open_queue(std::string_view name = "auto", const QueueOptions& options = {});

/// The queues in this build, best first: iocp, apc on Windows; uring, epoll on Linux (uring if it
/// was built with liburing). The list lives as long as the program. From any thread.
/// platform/README.md compares them.
std::span<const std::string_view> queue_names() noexcept;

}  // namespace drydock

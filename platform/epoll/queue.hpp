// The completion queue on Linux epoll: completions emulated on readiness.
//
// All workers share one epoll instance. Each socket is registered once, edge triggered, for both
// directions. A start tries its system call at once if the direction may be ready; otherwise it
// leaves the operation with its socket until an edge comes. In both cases the result goes through a
// ready list, and wait() hands it out. See socket.hpp (readiness), workers.hpp (ready lists,
// sleep), slots.hpp (stale events).
#pragma once

#include <memory>

#include <drydock/backend.hpp>

namespace drydock::epoll {

/// Null when the system refuses an epoll instance (its limits on open files or memory).
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options);

}  // namespace drydock::epoll

// The completion queue on Linux epoll: completions emulated on readiness.
//
// One epoll instance, shared by all workers; each socket is registered once, edge triggered, for
// both directions. A start tries its system call at once if the direction may be ready, and
// otherwise leaves the operation with its socket until an edge comes. Either way the result goes
// through a ready list and comes out of wait(). See socket.hpp (readiness), workers.hpp (ready
// lists, sleep), slots.hpp (stale events).
#pragma once

#include <memory>

#include <drydock/queue.hpp>

#include "platform/common/queue_options.hpp"

namespace drydock::epoll {

/// Null when the system refuses an epoll instance (its limits on open files or memory).
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options);

}  // namespace drydock::epoll

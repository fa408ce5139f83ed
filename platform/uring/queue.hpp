// The completion queue on Linux io_uring: a ring for each worker.
//
// An operation is started in the ring of the worker that starts it, and completes there. Starts are
// collected and submitted together, when the worker has nothing else to do. See ring.hpp (what is
// asked of the kernel), workers.hpp (who asks), acceptor.hpp (connections that come before anybody
// asks for them).
#pragma once

#include <memory>

#include <drydock/queue.hpp>

#include "platform/common/queue_options.hpp"

namespace drydock::uring {

/// Null when the system refuses a ring, or knows too little of them (before Linux 6.1); errno says
/// why. Containers often refuse.
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options);

}  // namespace drydock::uring

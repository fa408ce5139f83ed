// The completion queue on Linux io_uring: one ring for each worker.
//
// An operation is started in the ring of the worker that starts it, and completes there. A worker
// collects starts and submits them together, when it has nothing else to do. See ring.hpp (requests
// to the kernel), workers.hpp (which worker makes them), acceptor.hpp (connections that arrive
// before an accept asks for them).
#pragma once

#include <memory>

#include <drydock/backend.hpp>

namespace drydock::uring {

/// Null when the system refuses a ring, or knows too little of them (before Linux 6.1); errno says
/// why. Containers often refuse.
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options);

}  // namespace drydock::uring

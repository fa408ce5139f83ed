// The completion queue on a Win32 I/O completion port. Any number of workers take packets from one
// port.
#pragma once

#include <memory>

#include <drydock/backend.hpp>

namespace drydock::iocp {

/// `options.workers` is the concurrency that the port is made with: how many of its threads the
/// system lets run at a time; 0 is one for each processor. Throws std::system_error when
/// Winsock is not available or the system gives no port.
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options = {});

}  // namespace drydock::iocp

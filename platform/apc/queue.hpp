// The completion queue on Win32's completion routines. One thread, the worker, calls wait(), and
// the routines run while it sleeps there.
#pragma once

#include <memory>

#include <drydock/backend.hpp>

namespace drydock::apc {

/// How many threads may call wait(): see make_queue().
inline constexpr unsigned most_workers = 1;

/// One thread at a time may call wait(). Another thread may take its place only when no receive and
/// no send is in flight. A program that breaks this rule is aborted with an error message. Any
/// thread may call the other members. Throws std::system_error when Winsock is not available.
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options = {});

}  // namespace drydock::apc

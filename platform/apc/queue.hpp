// The completion queue on Win32's completion routines. One thread, the worker, calls wait(), and
// the routines run while it sleeps there.
#pragma once

#include <memory>

#include <drydock/queue.hpp>

#include "platform/common/queue_options.hpp"

namespace drydock::apc {

/// How many threads may call wait(): see make_queue().
inline constexpr unsigned most_workers = 1;

/// One thread at a time may call wait(); another one may follow it when no receive and no send is
/// in flight. All else ends the program with a sentence. Of the other members any thread may call
/// any. Throws std::system_error when there is no Winsock to be had.
std::unique_ptr<CompletionQueue> make_queue(const QueueOptions& options = {});

}  // namespace drydock::apc

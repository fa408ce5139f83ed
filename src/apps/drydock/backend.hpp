// Which completion queue a program runs on, by name.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <drydock/queue.hpp>

#include "platform/common/queue_options.hpp"

namespace drydock::app {

/// A queue, or the error message that says why there is none.
struct BackendResult {
    std::unique_ptr<CompletionQueue> queue;
    std::string_view name;
    /// Beside a queue: why it is not one of a better backend that this build has.
    std::string complaint;
    /// How many threads are to work for the queue.
    unsigned workers = 0;
};

/// "auto" is the best one that this system gives. The names come from --backend. 0 workers: one for
/// each processor, or as many as the backend takes.
BackendResult make_backend(std::string_view name, QueueOptions options);

/// For clients.
inline constexpr QueueOptions one_worker{1};

/// "uring, epoll, auto", best first: for help texts and error messages.
std::string backend_names(bool with_auto = true);

}  // namespace drydock::app

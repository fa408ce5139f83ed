// Which completion queue a program runs on: the option --backend.
#pragma once

#include <string>

#include <drydock/backend.hpp>

namespace drydock::app {

/// The queue that --backend and --workers ask for, or none after an error message.
OpenedQueue open_backend(const std::string& name, const QueueOptions& options);

/// For clients.
inline constexpr QueueOptions one_worker{1};

/// "uring, epoll", best first: for help texts.
std::string backend_names();

}  // namespace drydock::app

// Where a server listens: from --bind and PORT to listeners.
#pragma once

#include <memory>
#include <vector>

#include <drydock/queue.hpp>

#include "src/apps/drydock/programs.hpp"

namespace drydock::app {

/// Listens wherever the arguments say, all at one port; without --bind, at all addresses of both
/// families, or of the one that this machine has. None after an error message.
std::vector<std::unique_ptr<AsyncListener>> open_listeners(CompletionQueue& queue,
                                                           const ServerArguments& arguments);

}  // namespace drydock::app

// Opening the queue that the command line asks for.
#include "src/apps/drydock/backend.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "src/apps/drydock/common.hpp"

namespace drydock::app {

OpenedQueue open_backend(const std::string& name, const QueueOptions& options) {
    OpenedQueue opened = open_queue(name, options);
    if (!opened.queue) {
        const bool asked = options.workers > 1;
        complain(fmt::format("--backend {}{}: {}", name,
                             asked ? fmt::format(" --workers {}", options.workers) : "",
                             opened.complaint));
    }
    return opened;
}

std::string backend_names() { return fmt::format("{}", fmt::join(queue_names(), ", ")); }

}  // namespace drydock::app

// The table of the backends that this build has.
#include "src/apps/drydock/backend.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include <fmt/format.h>

#include "platform/host/host.hpp"

#if defined(DRYDOCK_HAS_APC)
#include "platform/apc/queue.hpp"
#endif
#if defined(DRYDOCK_HAS_IOCP)
#include "platform/iocp/queue.hpp"
#endif
#if defined(DRYDOCK_HAS_EPOLL)
#include "platform/epoll/queue.hpp"
#endif

namespace drydock::app {
namespace {

struct Backend {
    std::string_view name;
    std::unique_ptr<CompletionQueue> (*make)(const QueueOptions&);
    unsigned most_workers = 1024;
};

/// Best first.
constexpr std::array backends = {
#if defined(DRYDOCK_HAS_IOCP)
    Backend{"iocp", &iocp::make_queue},
#endif
#if defined(DRYDOCK_HAS_APC)
    Backend{"apc", &apc::make_queue, apc::most_workers},
#endif
#if defined(DRYDOCK_HAS_EPOLL)
    Backend{"epoll", &epoll::make_queue},
#endif
};

}  // namespace

std::string backend_names() {
    std::string names;
    for (const Backend& backend : backends) names += std::string(backend.name) + ", ";
    return names + "auto";
}

BackendResult make_backend(std::string_view name, QueueOptions options) {
    for (const Backend& backend : backends) {
        if (name != backend.name && name != "auto") continue;
        if (options.workers > backend.most_workers) {
            return {nullptr, backend.name,
                    fmt::format("--workers {}: the backend {} takes no more than {}",
                                options.workers, backend.name, backend.most_workers)};
        }
        if (options.workers == 0) {
            options.workers = std::min(host::hardware_workers(), backend.most_workers);
        }
        try {
            std::unique_ptr<CompletionQueue> queue = backend.make(options);
            if (queue) return {std::move(queue), backend.name, {}, options.workers};
            return {nullptr, backend.name,
                    fmt::format("the system gives no {} queue", backend.name)};
        } catch (const std::system_error& error) {
            return {nullptr, backend.name,
                    fmt::format("the system gives no {} queue: {}", backend.name, error.what())};
        }
    }
    return {nullptr,
            {},
            fmt::format("--backend: there is no '{}' here; known are {}", name, backend_names())};
}

}  // namespace drydock::app

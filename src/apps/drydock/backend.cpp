// The table of the backends that this build has.
#include "src/apps/drydock/backend.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "platform/host/host.hpp"

#if defined(DRYDOCK_HAS_APC)
#include "platform/apc/queue.hpp"
#endif
#if defined(DRYDOCK_HAS_IOCP)
#include "platform/iocp/queue.hpp"
#endif
#if defined(DRYDOCK_HAS_URING)
#include "platform/uring/queue.hpp"
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
#if defined(DRYDOCK_HAS_URING)
    Backend{"uring", &uring::make_queue},
#endif
#if defined(DRYDOCK_HAS_EPOLL)
    Backend{"epoll", &epoll::make_queue},
#endif
};

/// Null: `reason` says why.
std::unique_ptr<CompletionQueue> make(const Backend& backend, const QueueOptions& options,
                                      std::string& reason) {
    try {
        errno = 0;
        std::unique_ptr<CompletionQueue> queue = backend.make(options);
        if (!queue) reason = std::generic_category().message(errno);
        return queue;
    } catch (const std::system_error& error) {
        reason = error.what();
        return nullptr;
    }
}

}  // namespace

std::string backend_names(bool with_auto) {
    std::string names;
    for (const Backend& backend : backends) {
        names += (names.empty() ? "" : ", ") + std::string(backend.name);
    }
    return with_auto ? names + ", auto" : names;
}

BackendResult make_backend(std::string_view name, QueueOptions options) {
    const bool any = name == "auto";
    BackendResult result;
    for (const Backend& backend : backends) {
        if (!any && name != backend.name) continue;
        result.name = backend.name;
        if (options.workers > backend.most_workers) {
            result.complaint = fmt::format("--workers {}: the backend {} permits at most {}",
                                           options.workers, backend.name, backend.most_workers);
            return result;
        }
        result.workers = options.workers > 0
                             ? options.workers
                             : std::min(host::hardware_workers(), backend.most_workers);
        std::string reason;
        result.queue = make(backend, {result.workers, options.provided_buffer_size}, reason);
        if (result.queue) return result;
        if (!result.complaint.empty()) result.complaint += "; ";
        result.complaint +=
            fmt::format("the system provides no {} queue: {}", backend.name, reason);
        if (!any) return result;
    }
    if (!any) {
        result.complaint = fmt::format("--backend: this build has no backend '{}'; it has {}", name,
                                       backend_names());
    }
    return result;
}

}  // namespace drydock::app

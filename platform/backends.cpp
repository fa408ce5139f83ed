// The backends of this build, by name.
#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <drydock/backend.hpp>
#include <drydock/host.hpp>

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

namespace drydock {
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

constexpr auto names = [] {
    std::array<std::string_view, backends.size()> list;
    std::transform(backends.begin(), backends.end(), list.begin(),
                   [](const Backend& backend) { return backend.name; });
    return list;
}();

std::string unknown(std::string_view name) {
    std::string text = "this build has no backend '" + std::string(name) + "'; it has ";
    for (const std::string_view known : names) text += std::string(known) + ", ";
    return text + "auto";
}

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

/// Adds to `opened.complaint` where it fails.
void open(const Backend& backend, const QueueOptions& options, OpenedQueue& opened) {
    opened.name = backend.name;
    opened.workers = options.workers > 0 ? options.workers
                                         : std::min(host::hardware_workers(), backend.most_workers);
    std::string failure;
    if (opened.workers > backend.most_workers) {
        failure = "the backend " + std::string(backend.name) + " permits at most " +
                  std::to_string(backend.most_workers) +
                  (backend.most_workers == 1 ? " worker, not " : " workers, not ") +
                  std::to_string(opened.workers);
    } else {
        opened.queue = make(backend, {opened.workers, options.provided_buffer_size}, failure);
        if (opened.queue) return;
        failure = "the system provides no " + std::string(backend.name) + " queue: " + failure;
    }
    opened.complaint += (opened.complaint.empty() ? "" : "; ") + failure;
}

}  // namespace

OpenedQueue open_queue(std::string_view name, const QueueOptions& options) {
    OpenedQueue opened;
    if (options.provided_buffer_size == 0) {
        opened.complaint = "provided buffers of 0 bytes hold nothing: at least 1 is needed";
        return opened;
    }
    const bool any = name == "auto";
    for (const Backend& backend : backends) {
        if (!any && name != backend.name) continue;
        open(backend, options, opened);
        if (opened.queue || !any) return opened;
    }
    if (!any) opened.complaint = unknown(name);
    return opened;
}

std::span<const std::string_view> queue_names() noexcept { return names; }

}  // namespace drydock

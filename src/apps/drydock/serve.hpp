// What every server program does around its server: backend, listener, workers, Ctrl-C.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <drydock/host.hpp>
#include <drydock/server.hpp>

#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/common.hpp"
#include "src/apps/drydock/listening.hpp"
#include "src/apps/drydock/stderr_log.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {

/// The part of the options that all servers have.
inline void fill_in(server::Options& options, const ServerArguments& arguments) {
    options.max_per_address = arguments.max_per_address;
    options.idle_timeout = to_timeout(arguments.idle_timeout);
    options.grace = to_duration(arguments.grace);
    options.linger = std::min(options.linger, options.grace);
}

/// What a server needs besides: nothing.
struct NoCompanion {
    bool start(const OpenedQueue&, Log&) { return true; }
    template <typename Server, typename Options>
    std::unique_ptr<Server> make(CompletionQueue& queue, server::Listeners listeners,
                                 const Options& options, Log& log) {
        return std::make_unique<Server>(queue, std::move(listeners), options, log);
    }
};

/// Runs a Server until Ctrl-C, and gives its stats to `print_summary`. The exit status, which is 2
/// if a part of the log could not be written by then. The `companion` is started, and may complain
/// and give false, before anything is announced; it makes the server, and ends after it.
template <typename Server, typename Options, typename PrintSummary,
          typename Companion = NoCompanion>
int serve(const ServerArguments& arguments, Options options, PrintSummary print_summary,
          Companion given = {}) {
    const std::optional<Severity> severity = parse_severity(arguments.log_level);
    const std::optional<LogFormat> format = parse_log_format(arguments.log_format);
    if (!severity || !format) return exit_wrong_usage;
    host::raise_open_file_limit();
    const OpenedQueue backend =
        open_backend(arguments.backend, QueueOptions{arguments.workers, options.buffer_size});
    if (!backend.queue) return exit_wrong_usage;
    std::vector<std::unique_ptr<AsyncListener>> listeners =
        open_listeners(*backend.queue, arguments);
    if (listeners.empty()) return exit_wrong_usage;
    std::vector<const AsyncListener*> opened;
    for (const auto& listener : listeners) opened.push_back(listener.get());

    fill_in(options, arguments);
    StderrLog log(*severity, *format);
    Companion companion = std::move(given);  // it ends before the queue
    if (!companion.start(backend, log)) return exit_wrong_usage;
    const std::unique_ptr<Server> made =
        companion.template make<Server>(*backend.queue, std::move(listeners), options, log);
    Server& server = *made;
    // Before the first line of the log, and before the workers: it wants to be before all threads.
    const host::InterruptScope interrupts([&server] { server.request_stop(); });
    if (!backend.complaint.empty()) {
        log.write(Severity::warning, "backend refused",
                  {{"instead", backend.name}, {"reason", backend.complaint}});
    }
    log.write(Severity::info, "serving", {{"backend", backend.name}, {"workers", backend.workers}});
    announce(opened, log);
    run_workers(*backend.queue, server.run(), backend.workers);
    print_summary(server.stats());
    return log.finish() ? exit_ok : exit_wrong_usage;
}

}  // namespace drydock::app

// drydock echo-server: the echo server on a real backend.
#include <cstdio>

#include <fmt/format.h>

#include "platform/host/host.hpp"
#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/common.hpp"
#include "src/apps/drydock/console.hpp"
#include "src/apps/drydock/programs.hpp"
#include "src/echo/server.hpp"

namespace drydock::app {
namespace {

void print_summary(const echo::ServerStats& stats) {
    fmt::print(
        "served {} connections: {} ended by the client, {} failed, {} idle, {} stopped; "
        "{} rejected, {} lost before accept, {} shortages; "
        "{} messages, {} bytes received, {} bytes sent\n",
        stats.accepted, stats.ended, stats.failed, stats.idle_closed, stats.stopped, stats.rejected,
        stats.accept_failures, stats.shortages, stats.messages, stats.bytes_received,
        stats.bytes_sent);
    std::fflush(stdout);
}

}  // namespace

int run_echo_server(const EchoServerArguments& arguments) {
    const std::optional<Severity> severity = parse_severity(arguments.log_level);
    if (!severity) return exit_wrong_usage;
    const unsigned workers = arguments.workers > 0 ? arguments.workers : host::hardware_workers();
    host::raise_open_file_limit();
    const BackendResult backend = make_backend(arguments.backend, workers);
    if (!backend.queue) {
        complain(backend.complaint);
        return exit_wrong_usage;
    }
    std::unique_ptr<AsyncListener> listener = open_listener(*backend.queue, arguments);
    if (!listener) return exit_wrong_usage;
    AsyncListener& opened = *listener;

    echo::ServerOptions options;
    options.buffer_size = arguments.buffer_size;
    options.max_connections = arguments.max_connections;
    options.idle_timeout = to_duration(arguments.idle_timeout);
    options.grace = to_duration(arguments.grace);
    options.linger = std::min(options.linger, options.grace);
    StderrLog log(*severity);
    echo::Server server(*backend.queue, std::move(listener), options, log);
    host::on_interrupt([&server] { server.request_stop(); });
    log.write(Severity::info, "serving", {{"backend", backend.name}, {"workers", workers}});
    announce(opened);
    run_workers(*backend.queue, server.run(), workers);
    print_summary(server.stats());
    return exit_ok;
}

}  // namespace drydock::app

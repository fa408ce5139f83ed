// drydock echo-client: the stable echo client at a terminal, or fed by a pipe.
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>

#include "platform/host/host.hpp"
#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/common.hpp"
#include "src/apps/drydock/console.hpp"
#include "src/apps/drydock/programs.hpp"
#include "src/echo/client.hpp"

namespace drydock::app {
namespace {

Task<void> run_client(echo::Client& client, std::span<const Endpoint> endpoints,
                      echo::ClientResult& result) {
    result = co_await client.run(endpoints);
}

int report(const echo::ClientResult& result, const ClientArguments& arguments) {
    switch (result.outcome) {
        case echo::ClientOutcome::quit:
            return exit_ok;
        case echo::ClientOutcome::not_connected:
            complain(fmt::format("cannot connect to {} port {}: {}", arguments.host, arguments.port,
                                 sentence(result.error)));
            return exit_failed;
        case echo::ClientOutcome::server_gone:
            complain(result.error == Error::ok
                         ? "the server has closed the connection"
                         : fmt::format("the server is gone: {}", sentence(result.error)));
            return exit_failed;
        case echo::ClientOutcome::wrong_echo:
            complain("the server's answer is not what was sent");
            return exit_failed;
    }
    return exit_failed;
}

}  // namespace

int run_echo_client(const ClientArguments& arguments) {
    const std::optional<std::uint16_t> port = parse_port(arguments.port);
    if (!port) return exit_wrong_usage;
    const host::ResolveResult resolved = host::resolve(arguments.host, *port);
    if (!resolved.ok()) {
        complain(fmt::format("cannot find the host '{}': {}", arguments.host, resolved.error));
        return exit_wrong_usage;
    }
    const BackendResult backend = make_backend(arguments.backend, 1);
    if (!backend.queue) {
        complain(backend.complaint);
        return exit_wrong_usage;
    }
    AsyncQueue<echo::ClientEvent> events(*backend.queue);
    StdoutText output;
    StdinLines input(events);
    echo::Client client(*backend.queue, events, input, output);
    echo::ClientResult result;
    run_workers(*backend.queue, run_client(client, resolved.endpoints, result), 1);
    const int status = report(result, arguments);
    if (!input.end()) {
        // Not all streams: the thread that reads standard input holds its lock until it gets a
        // line.
        std::fflush(stdout);
        std::fflush(stderr);
        std::_Exit(status);
    }
    return status;
}

}  // namespace drydock::app

// drydock echo-client: the stable echo client at a terminal, or fed by a pipe.
#include "src/apps/drydock/backend.hpp"
#include "src/apps/drydock/clients.hpp"
#include "src/apps/drydock/common.hpp"
#include "src/apps/drydock/console.hpp"
#include "src/apps/drydock/programs.hpp"
#include "src/echo/client.hpp"

namespace drydock::app {
namespace {

Task<void> run_client(echo::Client& client, std::span<const Endpoint> endpoints,
                      ConnectOptions options, echo::ClientResult& result) {
    result = co_await client.run(endpoints, options);
}

int report(const echo::ClientResult& result, const ClientArguments& arguments) {
    switch (result.outcome) {
        case echo::ClientOutcome::quit:
            return exit_ok;
        case echo::ClientOutcome::not_connected:
            complain_not_connected(arguments, result.error);
            return exit_failed;
        case echo::ClientOutcome::server_gone:
            complain_server_gone(result.error);
            return exit_failed;
        case echo::ClientOutcome::output_lost:
            return exit_wrong_usage;  // the end of the program says why
        case echo::ClientOutcome::wrong_echo:
            complain("the server sent back other bytes than it was sent");
            return exit_failed;
    }
    return exit_failed;
}

}  // namespace

int run_echo_client(const ClientArguments& arguments) {
    const std::optional<std::vector<Endpoint>> endpoints = find_server(arguments);
    if (!endpoints) return exit_wrong_usage;
    const OpenedQueue backend = open_backend(arguments.backend, one_worker);
    if (!backend.queue) return exit_wrong_usage;
    AsyncQueue<echo::ClientEvent> events(*backend.queue);
    StdoutText output;
    StdinLines input(into(events));
    echo::Client client(*backend.queue, events, input, output);
    echo::ClientResult result;
    run_workers(*backend.queue, run_client(client, *endpoints, connect_options(arguments), result),
                1);
    return input.leave(report(result, arguments));
}

}  // namespace drydock::app

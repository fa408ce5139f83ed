// drydock echo-server: the echo server on a real backend.
#include "src/echo/server.hpp"

#include "src/apps/drydock/programs.hpp"
#include "src/apps/drydock/serve.hpp"
#include "src/cli/output.hpp"

namespace drydock::app {
namespace {

void print_echo_summary(const echo::ServerStats& stats) {
    print(
        "served {} connections: {} ended by the client, {} failed, {} idle, {} stopped; "
        "{} rejected, {} lost before accept, {} shortages; "
        "{} messages, {} bytes received, {} bytes sent; "
        "{} of the rejected for their address\n",
        stats.accepted, stats.ended, stats.failed, stats.idle_closed, stats.stopped,
        stats.rejected + stats.rejected_address, stats.accept_failures, stats.shortages,
        stats.messages, stats.bytes_received, stats.bytes_sent, stats.rejected_address);
}

}  // namespace

int run_echo_server(const EchoServerArguments& arguments) {
    echo::ServerOptions options;
    options.buffer_size = arguments.buffer_size;
    options.turn_size = arguments.turn_size;
    options.max_connections = arguments.max_connections;
    return serve<echo::Server>(arguments, options, &print_echo_summary);
}

}  // namespace drydock::app

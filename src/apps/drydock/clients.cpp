// The clients' error messages.
#include "src/apps/drydock/clients.hpp"

#include <fmt/format.h>

#include <drydock/host.hpp>

#include "src/apps/drydock/common.hpp"

namespace drydock::app {

std::optional<std::vector<Endpoint>> find_server(const ClientArguments& arguments) {
    const std::optional<std::uint16_t> port = parse_port(arguments.port);
    if (!port) return std::nullopt;
    host::ResolveResult resolved = host::resolve(arguments.host, *port);
    if (!resolved.ok()) {
        complain(fmt::format("cannot find the host '{}': {}", arguments.host, resolved.error));
        return std::nullopt;
    }
    return std::move(resolved.endpoints);
}

ConnectOptions connect_options(const ClientArguments& arguments) {
    ConnectOptions options;
    options.timeout = to_timeout(arguments.connect_timeout);
    return options;
}

void complain_not_connected(const ClientArguments& arguments, Error error) {
    complain(fmt::format("cannot connect to {} port {}: {}", arguments.host, arguments.port,
                         sentence(error)));
}

void complain_server_gone(Error error) {
    complain(error == Error::ok
                 ? "the server has closed the connection"
                 : fmt::format("the connection to the server was lost: {}", sentence(error)));
}

}  // namespace drydock::app

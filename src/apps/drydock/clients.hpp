// What the clients' main functions share: finding the server, and saying why it was no use.
#pragma once

#include <optional>
#include <vector>

#include <drydock/connect.hpp>
#include <drydock/endpoint.hpp>
#include <drydock/error.hpp>

#include "src/apps/drydock/programs.hpp"

namespace drydock::app {

/// The endpoints that the arguments name, or nothing after an error message.
std::optional<std::vector<Endpoint>> find_server(const ClientArguments& arguments);

ConnectOptions connect_options(const ClientArguments& arguments);

void complain_not_connected(const ClientArguments& arguments, Error error);

/// `error` is ok where the server has closed the connection in order.
void complain_server_gone(Error error);

}  // namespace drydock::app

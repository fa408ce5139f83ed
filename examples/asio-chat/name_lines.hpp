// Given to the compiler as a forced include, it lets the server use Asio as drydock::asio has it, whose
// reports name lines of the server. The server's file stays as it is: in the namespace chat, the name
// asio now means this one.
#pragma once

#include <drydock/asio.hpp>

namespace chat {
namespace asio = drydock::asio;
}

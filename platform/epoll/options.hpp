// Small questions and settings that sockets, listeners and connects share.
#pragma once

#include <drydock/endpoint.hpp>

namespace drydock::epoll {

/// Turns a boolean socket option on. That it fails (on a connection that is gone already) changes
/// nothing that the program could rely on.
void set_option(int descriptor, int level, int option) noexcept;

/// Small sends go out at once.
void set_no_delay(int descriptor) noexcept;

/// 0.0.0.0:0 when the system does not know.
Endpoint local_address(int descriptor) noexcept;

}  // namespace drydock::epoll

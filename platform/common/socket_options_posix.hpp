// Socket options and queries that the sockets, listeners and connects of the POSIX backends share.
#pragma once

#include <cstddef>

#include <drydock/queue.hpp>

#include "platform/common/file_posix.hpp"

namespace drydock::platform {

/// Turns a boolean socket option on. That it fails (on a connection that is gone already) changes
/// nothing that the program could rely on.
void set_option(int descriptor, int level, int option) noexcept;

/// Small sends go out at once.
void set_no_delay(int descriptor) noexcept;

/// A socket, and those accepted from it, take a send only while fewer bytes wait to go out.
void limit_unsent(int descriptor, std::size_t bytes) noexcept;

/// The close becomes a reset.
void set_abortive_close(int descriptor) noexcept;

/// Whether the connection is gone in both directions: as it is after a reset, and not after the
/// peer's half close alone.
bool is_gone(int descriptor) noexcept;

/// 0.0.0.0:0 when the system does not know.
Endpoint local_address(int descriptor) noexcept;
Endpoint peer_address(int descriptor) noexcept;

/// A socket that is bound and listens. `flags` are more of socket()'s. 0, or errno.
int open_listening(const Endpoint& endpoint, const ListenOptions& options, int flags,
                   File& file) noexcept;

/// A non-blocking socket that is connected (0) or connecting (EINPROGRESS), or another errno.
int open_connection(const Endpoint& endpoint, File& file) noexcept;

/// What became of a connection that was being made and that poll() has spoken of: 0, or errno.
/// A socket that connect() connected with itself is refused: the kernel does that when it picks,
/// for a connection to a port of this machine that nobody listens at, that very port.
int connection_outcome(int descriptor, const Endpoint& peer) noexcept;

}  // namespace drydock::platform

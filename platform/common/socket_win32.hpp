// Winsock itself, and what all Windows backends do with a socket before its first operation.
#pragma once

#include <drydock/queue.hpp>

#include "platform/common/socket_address_win32.hpp"

namespace drydock::platform {

/// Winsock, for as long as this lives, and its functions that are asked for at run time. Windows
/// counts the startups; there is no global of ours.
class Winsock {
public:
    /// Throws std::system_error when there is no Winsock 2.2.
    Winsock();
    Winsock(const Winsock&) = delete;
    Winsock& operator=(const Winsock&) = delete;
    ~Winsock();

    /// Whether sockets are the system's own file handles, as all are unless something that is
    /// layered over the provider replaces them. If not, nothing is known of a call that has
    /// succeeded at once but that its packet comes.
    bool handles_are_files = true;

    LPFN_ACCEPTEX accept_ex = nullptr;
    LPFN_GETACCEPTEXSOCKADDRS get_accept_ex_addresses = nullptr;
    LPFN_CONNECTEX connect_ex = nullptr;

private:
    void load_extensions();
    void ask_providers() noexcept;
};

/// A new overlapped TCP socket that child processes do not inherit. The code, 0 for success.
DWORD open_socket(int family, SOCKET& handle) noexcept;

/// A socket that listens. The code, 0 for success; then, and only then, there is a handle.
DWORD open_listening_socket(const Endpoint& endpoint, const ListenOptions& options,
                            SOCKET& handle) noexcept;

/// A socket that ConnectEx takes: it wants one that is bound. The code, 0 for success; the handle
/// may be there without it.
DWORD open_connecting_socket(int family, SOCKET& handle) noexcept;

/// Makes the closing of this socket an abort.
void set_abortive_close(SOCKET handle) noexcept;

void close_abortively(SOCKET handle) noexcept;

/// Of a connected socket: small sends are not delayed, and plain calls, such as the one that fills
/// a provided buffer, do not block. (Overlapped calls do not care.)
void prepare_connected(SOCKET handle) noexcept;

}  // namespace drydock::platform

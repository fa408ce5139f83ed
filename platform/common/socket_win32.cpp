// Winsock itself, and what all Windows backends do with a socket before its first operation. See
// socket_win32.hpp.
#include "platform/common/socket_win32.hpp"

#include <system_error>
#include <utility>

namespace drydock::platform {
namespace {

/// A plain backlog Windows may cut to 200. Given negative (the macro SOMAXCONN_HINT, which mingw's
/// headers lack), it is taken as it is, but as 200 at the least.
constexpr int smallest_hint = 200;

[[noreturn]] void fail(DWORD code, const char* what) {
    throw std::system_error(static_cast<int>(code), std::system_category(), what);
}

DWORD last_error(int status) noexcept {
    return status == 0 ? 0 : static_cast<DWORD>(::WSAGetLastError());
}

template <typename Function>
void load(SOCKET handle, GUID id, Function& function) {
    DWORD bytes = 0;
    const DWORD code =
        last_error(::WSAIoctl(handle, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof id, &function,
                              sizeof function, &bytes, nullptr, nullptr));
    if (code != 0) {
        fail(code, "WSAIoctl");
    }
}

DWORD set_option(SOCKET handle, int level, int option, int value) noexcept {
    return last_error(
        ::setsockopt(handle, level, option, reinterpret_cast<const char*>(&value), sizeof value));
}

DWORD bind_and_listen(SOCKET handle, const SocketAddress& address, bool ipv6_only,
                      int backlog) noexcept {
    // Without it, Windows lets another process bind the same endpoint and steal connections.
    DWORD code = set_option(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, TRUE);
    // Windows sets it by default.
    if (code == 0 && address.family() == AF_INET6) {
        code = set_option(handle, IPPROTO_IPV6, IPV6_V6ONLY, ipv6_only ? TRUE : FALSE);
    }
    if (code == 0) {
        code = last_error(::bind(handle, address.get(), address.size()));
    }
    // Another socket has exclusive use of one of the addresses that the wildcard covers.
    // (Windows has no ports that want privileges.)
    if (code == WSAEACCES) {
        code = WSAEADDRINUSE;
    }
    if (code != 0) {
        return code;
    }
    const int hint = backlog < smallest_hint ? backlog : -backlog;
    return last_error(::listen(handle, hint));
}

}  // namespace

Winsock::Winsock() {
    WSADATA data{};
    const int code = ::WSAStartup(MAKEWORD(2, 2), &data);
    if (code != 0) {
        fail(static_cast<DWORD>(code), "WSAStartup");
    }
    try {
        load_extensions();
        ask_providers();
    } catch (...) {
        ::WSACleanup();
        throw;
    }
}

Winsock::~Winsock() { ::WSACleanup(); }

// Asked for at any TCP socket, they hold for all of the same provider, of both families.
void Winsock::load_extensions() {
    SOCKET handle = INVALID_SOCKET;
    const DWORD code = open_socket(AF_INET, handle);
    if (code != 0) {
        fail(code, "WSASocketW");
    }
    try {
        load(handle, WSAID_ACCEPTEX, accept_ex);
        load(handle, WSAID_GETACCEPTEXSOCKADDRS, get_accept_ex_addresses);
        load(handle, WSAID_CONNECTEX, connect_ex);
    } catch (...) {
        ::closesocket(handle);
        throw;
    }
    ::closesocket(handle);
}

// Of a family that this machine lacks there will be no sockets.
void Winsock::ask_providers() noexcept {
    for (const int family : {AF_INET, AF_INET6}) {
        SOCKET handle = INVALID_SOCKET;
        if (open_socket(family, handle) != 0) {
            continue;
        }
        WSAPROTOCOL_INFOW protocol{};
        int size = sizeof protocol;
        const int status = ::getsockopt(handle, SOL_SOCKET, SO_PROTOCOL_INFOW,
                                        reinterpret_cast<char*>(&protocol), &size);
        handles_are_files =
            handles_are_files && status == 0 && (protocol.dwServiceFlags1 & XP1_IFS_HANDLES) != 0;
        ::closesocket(handle);
    }
}

DWORD open_socket(int family, SOCKET& handle) noexcept {
    handle = ::WSASocketW(family, SOCK_STREAM, IPPROTO_TCP, nullptr, 0,
                          WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    return handle == INVALID_SOCKET ? static_cast<DWORD>(::WSAGetLastError()) : 0;
}

DWORD open_listening_socket(const Endpoint& endpoint, const ListenOptions& options,
                            SOCKET& handle) noexcept {
    const SocketAddress address(endpoint);
    const bool ipv6_only = options.ipv6_only || !endpoint.is_wildcard();
    DWORD code = open_socket(address.family(), handle);
    if (code != 0) {
        return code;
    }
    code = bind_and_listen(handle, address, ipv6_only, options.backlog);
    if (code != 0) {
        ::closesocket(std::exchange(handle, INVALID_SOCKET));
    }
    return code;
}

DWORD open_connecting_socket(int family, SOCKET& handle) noexcept {
    const DWORD code = open_socket(family, handle);
    if (code != 0) {
        return code;
    }
    const SocketAddress any(family == AF_INET ? Endpoint::ipv4({}, 0) : Endpoint::ipv6({}, 0));
    return last_error(::bind(handle, any.get(), any.size()));
}

void set_abortive_close(SOCKET handle) noexcept {
    const linger abort{1, 0};
    ::setsockopt(handle, SOL_SOCKET, SO_LINGER, reinterpret_cast<const char*>(&abort),
                 sizeof abort);
}

void close_abortively(SOCKET handle) noexcept {
    set_abortive_close(handle);
    ::closesocket(handle);
}

void prepare_connected(SOCKET handle) noexcept {
    set_option(handle, IPPROTO_TCP, TCP_NODELAY, TRUE);
    u_long nonblocking = 1;
    ::ioctlsocket(handle, static_cast<long>(FIONBIO), &nonblocking);
}

}  // namespace drydock::platform

// One AcceptEx call, from its start to the connection that it gives. See accept_win32.hpp.
#include "platform/common/accept_win32.hpp"

namespace drydock::platform {
namespace {

/// AcceptEx also fails for connections that are gone already; there are at most as many in a row as
/// the backlog holds, but no call here should take that long.
constexpr int most_resets_in_a_row = 64;

}  // namespace

DWORD AcceptCall::start(const Winsock& winsock, SOCKET listening, int family,
                        OVERLAPPED& overlapped) noexcept {
    const DWORD opened = open_socket(family, accepted_);
    if (opened != 0) {
        return opened;
    }
    DWORD code = WSAECONNRESET;
    for (int tries = 0; code == WSAECONNRESET && tries < most_resets_in_a_row; ++tries) {
        overlapped.Internal = 0;
        overlapped.InternalHigh = 0;
        // Length 0: an AcceptEx that may also receive completes only when data comes.
        const BOOL done = winsock.accept_ex(listening, accepted_, addresses_.data(), 0,
                                            address_size, address_size, &bytes_, &overlapped);
        code = done != 0 ? DWORD{0} : static_cast<DWORD>(::WSAGetLastError());
    }
    if (code == 0 || code == ERROR_IO_PENDING) {
        return 0;
    }
    drop();
    return code;
}

DWORD AcceptCall::adopt(SOCKET listening) noexcept {
    const int status = ::setsockopt(accepted_, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT,
                                    reinterpret_cast<const char*>(&listening), sizeof listening);
    return status == 0 ? 0 : static_cast<DWORD>(::WSAGetLastError());
}

// Not getpeername(), which fails for a peer that has gone meanwhile.
AcceptCall::Addresses AcceptCall::addresses(const Winsock& winsock) noexcept {
    sockaddr* local = nullptr;
    sockaddr* peer = nullptr;
    int local_size = 0;
    int peer_size = 0;
    winsock.get_accept_ex_addresses(addresses_.data(), 0, address_size, address_size, &local,
                                    &local_size, &peer, &peer_size);
    return {SocketAddress(local, local_size), SocketAddress(peer, peer_size)};
}

Result as_accept_failure(Result result) noexcept {
    if (result.error == Error::broken) {
        result.error = Error::reset;
    }
    const bool own = result.error == Error::reset || is_resource_shortage(result.error);
    if (!own) {
        result.error = Error::no_buffers;
    }
    return result;
}

}  // namespace drydock::platform

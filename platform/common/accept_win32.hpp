// One AcceptEx call, from its start to the connection that it gives.
#pragma once

#include <array>
#include <cstddef>
#include <utility>

#include <drydock/operation.hpp>

#include "platform/common/socket_address_win32.hpp"
#include "platform/common/socket_win32.hpp"

namespace drydock::platform {

/// What AcceptEx needs beside its OVERLAPPED. The caller keeps it from the start to the completion.
class AcceptCall {
public:
    /// The code, 0 for success, also where the completion is still to come.
    DWORD start(const Winsock& winsock, SOCKET listening, int family,
                OVERLAPPED& overlapped) noexcept;

    /// Must be called first after a call that succeeded: until then the socket does not know that
    /// it is connected. Returns the code, 0 for success.
    DWORD adopt(SOCKET listening) noexcept;

    /// After a failure, or when no accept wants the connection.
    void drop() noexcept { ::closesocket(take()); }
    void drop_abortively() noexcept { close_abortively(take()); }

    SOCKET handle() const noexcept { return accepted_; }
    SOCKET take() noexcept { return std::exchange(accepted_, INVALID_SOCKET); }

    struct Addresses {
        SocketAddress local;
        SocketAddress peer;
    };
    Addresses addresses(const Winsock& winsock) noexcept;

private:
    /// AcceptEx wants 16 bytes more than the largest address, for each of the two.
    static constexpr DWORD address_size = sizeof(sockaddr_storage) + 16;

    SOCKET accepted_ = INVALID_SOCKET;
    DWORD bytes_ = 0;
    std::array<char, std::size_t{2} * address_size> addresses_;
};

/// What an accept may fail with: one connection's end, or a shortage that asks the caller to pause.
/// Anything else counts as a shortage, so that no caller spins; the native code tells them apart.
Result as_accept_failure(Result result) noexcept;

}  // namespace drydock::platform

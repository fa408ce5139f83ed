// The listening socket: how it is opened, and how it ends. See listener.hpp.
#include "platform/iocp/listener.hpp"

#include <utility>

#include "platform/common/socket_address_win32.hpp"
#include "platform/iocp/error.hpp"

namespace drydock::iocp {
namespace {

/// A plain backlog Windows may cut to 200. Given negative (the macro SOMAXCONN_HINT, which mingw's
/// headers lack), it is taken as it is, but as 200 at the least.
constexpr int smallest_hint = 200;

DWORD last_error(int status) noexcept {
    return status == 0 ? 0 : static_cast<DWORD>(::WSAGetLastError());
}

DWORD set_option(SOCKET handle, int level, int option, int value) noexcept {
    return last_error(
        ::setsockopt(handle, level, option, reinterpret_cast<const char*>(&value), sizeof value));
}

DWORD bind_and_listen(SOCKET handle, const platform::SocketAddress& address, int backlog) noexcept {
    // Without it, Windows lets another process bind the same endpoint and steal connections.
    DWORD code = set_option(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, TRUE);
    // The system's default, said aloud: an IPv6 listener does not take IPv4's connections.
    if (code == 0 && address.family() == AF_INET6) {
        code = set_option(handle, IPPROTO_IPV6, IPV6_V6ONLY, TRUE);
    }
    if (code == 0) {
        code = last_error(::bind(handle, address.get(), address.size()));
    }
    if (code != 0) {
        return code;
    }
    const int hint = backlog < smallest_hint ? backlog : -backlog;
    return last_error(::listen(handle, hint));
}

}  // namespace

Listener::Listener(std::shared_ptr<Acceptor> acceptor, const Endpoint& local) noexcept
    : acceptor_(std::move(acceptor)), local_(local) {}

Listener::~Listener() { acceptor_->close(); }

void Listener::accept(SocketOperation& operation) noexcept {
    // A copy: the completion may end this listener before the call has returned.
    const std::shared_ptr<Acceptor> acceptor = acceptor_;
    acceptor->accept(operation);
}

void Listener::cancel() noexcept {
    const std::shared_ptr<Acceptor> acceptor = acceptor_;
    acceptor->cancel();
}

ListenResult open_listener(CompletionQueue& queue, Port& port, const Endpoint& endpoint,
                           const ListenOptions& options) {
    const platform::SocketAddress address(endpoint);
    SOCKET handle = INVALID_SOCKET;
    DWORD code = port.open(address.family(), handle);
    if (code == 0) {
        code = bind_and_listen(handle, address, options.backlog);
    }
    if (code == 0) {
        code = port.associate(handle, Key::slot);
    }
    ListenResult result;
    if (code != 0) {
        if (handle != INVALID_SOCKET) {
            ::closesocket(handle);
        }
        result.error = translate(code);
        result.native = static_cast<std::int32_t>(code);
        return result;
    }
    auto acceptor = std::make_shared<Acceptor>(queue, port, handle, address.family());
    platform::SocketAddress local;
    ::getsockname(handle, local.get(), local.size_pointer());
    result.listener = std::make_unique<Listener>(std::move(acceptor), local.endpoint());
    return result;
}

}  // namespace drydock::iocp

// Socket options, addresses, and the creation of listening and connecting sockets.
#include "platform/common/socket_options_posix.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "platform/common/socket_address_posix.hpp"

namespace drydock::platform {

namespace {

/// Said aloud for every IPv6 listener, since the system's default can be changed
/// (/proc/sys/net/ipv6/bindv6only). False: errno says why.
bool choose_families(int descriptor, const Endpoint& endpoint, bool ipv6_only) noexcept {
    const int alone = ipv6_only || !endpoint.is_wildcard() ? 1 : 0;
    return ::setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &alone, sizeof alone) == 0;
}

}  // namespace

void set_option(int descriptor, int level, int option) noexcept {
    const int on = 1;
    ::setsockopt(descriptor, level, option, &on, sizeof on);
}

void set_no_delay(int descriptor) noexcept { set_option(descriptor, IPPROTO_TCP, TCP_NODELAY); }

void limit_unsent(int descriptor, std::size_t bytes) noexcept {
    constexpr std::size_t most = std::numeric_limits<int>::max();
    const int limit = static_cast<int>(std::min(bytes, most));
    ::setsockopt(descriptor, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &limit, sizeof limit);
}

void set_abortive_close(int descriptor) noexcept {
    const ::linger abort{1, 0};
    ::setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
}

bool is_gone(int descriptor) noexcept {
    ::tcp_info info{};
    ::socklen_t size = sizeof info;
    return ::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 &&
           info.tcpi_state == TCP_CLOSE;
}

Endpoint local_address(int descriptor) noexcept {
    SocketAddress address;
    if (::getsockname(descriptor, address.get(), address.size_pointer()) != 0) {
        return {};
    }
    return address.endpoint();
}

Endpoint peer_address(int descriptor) noexcept {
    SocketAddress address;
    if (::getpeername(descriptor, address.get(), address.size_pointer()) != 0) {
        return {};
    }
    return address.endpoint();
}

int open_listening(const Endpoint& endpoint, const ListenOptions& options, int flags,
                   File& file) noexcept {
    const SocketAddress address(endpoint);
    file = File(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    if (!file.is_open()) {
        return errno;
    }
    // What closed connections left behind at this endpoint is not in the way; a listener is.
    set_option(file.get(), SOL_SOCKET, SO_REUSEADDR);
    if (address.family() == AF_INET6 && !choose_families(file.get(), endpoint, options.ipv6_only)) {
        return errno;
    }
    if (::bind(file.get(), address.get(), address.size()) != 0 ||
        ::listen(file.get(), options.backlog) != 0) {
        return errno;
    }
    return 0;
}

int open_connection(const Endpoint& endpoint, File& file) noexcept {
    const SocketAddress address(endpoint);
    file = File(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!file.is_open()) {
        return errno;
    }
    set_no_delay(file.get());
    for (;;) {
        if (::connect(file.get(), address.get(), address.size()) == 0) {
            return 0;
        }
        if (errno != EINTR) {
            return errno;
        }
    }
}

int connection_outcome(int descriptor, const Endpoint& peer) noexcept {
    int code = 0;
    ::socklen_t size = sizeof code;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) != 0) {
        return errno;
    }
    return code == 0 && local_address(descriptor) == peer ? ECONNREFUSED : code;
}

}  // namespace drydock::platform

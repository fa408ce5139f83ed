// Socket options and addresses.
#include "platform/epoll/options.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "platform/common/socket_address_posix.hpp"

namespace drydock::epoll {

void set_option(int descriptor, int level, int option) noexcept {
    const int on = 1;
    ::setsockopt(descriptor, level, option, &on, sizeof on);
}

void set_no_delay(int descriptor) noexcept { set_option(descriptor, IPPROTO_TCP, TCP_NODELAY); }

Endpoint local_address(int descriptor) noexcept {
    platform::SocketAddress address;
    if (::getsockname(descriptor, address.get(), address.size_pointer()) != 0) {
        return {};
    }
    return address.endpoint();
}

}  // namespace drydock::epoll

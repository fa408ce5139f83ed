// Sockets with deadlines, by poll().
#include "tests/support/tcp.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <ostream>
#include <vector>

namespace drydock::test {
namespace {

struct Address {
    ::sockaddr_storage storage{};
    ::socklen_t size = 0;

    ::sockaddr* get() { return reinterpret_cast<::sockaddr*>(&storage); }
};

Address address_of(const std::string& text, std::uint16_t port) {
    Address address;
    ::sockaddr_in6 v6{};
    ::sockaddr_in v4{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        std::memcpy(&address.storage, &v6, sizeof v6);
        address.size = sizeof v6;
    } else if (::inet_pton(AF_INET, text.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        std::memcpy(&address.storage, &v4, sizeof v4);
        address.size = sizeof v4;
    }
    return address;
}

std::uint16_t port_of(const Address& address) {
    ::sockaddr_in v4{};
    std::memcpy(&v4, &address.storage, sizeof v4);  // an IPv6 one has its port at the same place
    return ntohs(v4.sin_port);
}

int milliseconds_until(Clock::time_point deadline) {
    const auto rest = std::chrono::ceil<Milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(rest, 0, std::numeric_limits<int>::max()));
}

bool would_block() { return errno == EAGAIN || errno == EINTR; }

Moved moved(::ssize_t count) {
    if (count < 0) {
        return {would_block() ? Moved::How::nothing_now : Moved::How::broken};
    }
    return {Moved::How::some, static_cast<std::size_t>(count)};
}

SocketFile connect(SocketFile socket, Address& to) {
    const ::timeval limit{std::chrono::duration_cast<std::chrono::seconds>(patience).count(), 0};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (::connect(socket.get(), to.get(), to.size) != 0) {
        const int code = errno;
        socket.close();
        errno = code;
        return socket;
    }
    const int on = 1;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
    return socket;
}

}  // namespace

void SocketFile::close() {
    if (file_ >= 0) {
        ::close(std::exchange(file_, -1));
    }
}

void SocketFile::reset() {
    const ::linger abort{1, 0};
    ::setsockopt(file_, SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    close();
}

SocketFile connect_to(std::uint16_t port, const std::string& address) {
    Address to = address_of(address, port);
    return connect(SocketFile(::socket(to.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0)), to);
}

SocketFile connect_narrowly_to(std::uint16_t port) {
    SocketFile socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const int room = 32 * 1024;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    // The sender's buffer is made for some of these. Smaller ones would take more memory than the
    // window allows for: they would be dropped, and sent again after ever longer pauses.
    const int segment = 1400;
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_MAXSEG, &segment, sizeof segment);
    Address to = address_of("127.0.0.1", port);
    return connect(std::move(socket), to);
}

Moved receive_now(const SocketFile& socket, std::span<char> into) {
    const ::ssize_t count = ::recv(socket.get(), into.data(), into.size(), 0);
    if (count == 0) {
        return {Moved::How::end_of_stream};
    }
    return moved(count);
}

Moved send_now(const SocketFile& socket, std::string_view bytes) {
    return moved(::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void PrintTo(End end, std::ostream* out) {
    constexpr const char* names[] = {"complete", "the end of the stream", "a reset", "timed out"};
    *out << names[static_cast<std::size_t>(end)];
}

// --- one connection ------------------------------------------------------------------------------

/// An error of sending is not the end: what has arrived is still to be read, and receiving says how
/// the connection ended.
Received TcpPeer::transfer(std::string_view to_send, std::size_t to_receive, bool half_closing,
                           Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    std::vector<char> buffer(64 * 1024);
    Received received;
    if (to_send.empty() && half_closing) {
        half_close();
    }
    while (received.bytes.size() < to_receive) {
        const bool sending = !to_send.empty();
        ::pollfd file{socket_.get(), static_cast<short>(sending ? POLLIN | POLLOUT : POLLIN), 0};
        if (::poll(&file, 1, milliseconds_until(deadline)) == 0) {
            received.end = End::timed_out;
            return received;
        }
        if (sending) {
            const ::ssize_t count =
                ::send(socket_.get(), to_send.data(), to_send.size(), MSG_NOSIGNAL);
            const bool broken = count < 0 && !would_block();
            to_send.remove_prefix(broken ? to_send.size()
                                         : static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
            if (to_send.empty() && half_closing && !broken) {
                half_close();
            }
        }
        const std::size_t room = std::min(buffer.size(), to_receive - received.bytes.size());
        const ::ssize_t count = ::recv(socket_.get(), buffer.data(), room, 0);
        if (count == 0 || (count < 0 && !would_block())) {
            received.end = count == 0 ? End::end_of_stream : End::reset;
            return received;
        }
        received.bytes.append(buffer.data(),
                              static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
    }
    received.end = End::complete;
    return received;
}

bool TcpPeer::send(std::string_view bytes, Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    while (!bytes.empty()) {
        const ::ssize_t count = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count < 0) {
            ::pollfd file{socket_.get(), POLLOUT, 0};
            if (!would_block() || ::poll(&file, 1, milliseconds_until(deadline)) == 0) {
                return false;
            }
            continue;
        }
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

Received TcpPeer::receive(std::size_t count, Milliseconds timeout) {
    return transfer({}, count, false, timeout);
}

Received TcpPeer::receive_rest(Milliseconds timeout) {
    return transfer({}, std::string::npos, false, timeout);
}

Received TcpPeer::exchange(std::string_view bytes, Milliseconds timeout) {
    return transfer(bytes, std::string::npos, true, timeout);
}

void TcpPeer::half_close() { ::shutdown(socket_.get(), SHUT_WR); }

// --- listening -----------------------------------------------------------------------------------

TcpListener::TcpListener(const std::string& address) {
    Address at = address_of(address, 0);
    SocketFile socket(::socket(at.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    const bool listening = ::bind(socket.get(), at.get(), at.size) == 0 &&
                           ::listen(socket.get(), backlog) == 0 &&
                           ::getsockname(socket.get(), at.get(), &at.size) == 0;
    if (listening) {
        socket_ = std::move(socket);
        port_ = port_of(at);
    }
}

std::optional<TcpPeer> TcpListener::accept(Milliseconds timeout) {
    ::pollfd file{socket_.get(), POLLIN, 0};
    if (::poll(&file, 1, static_cast<int>(timeout.count())) != 1) {
        return std::nullopt;
    }
    SocketFile accepted(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!accepted.is_open()) {
        return std::nullopt;
    }
    return TcpPeer(std::move(accepted));
}

}  // namespace drydock::test

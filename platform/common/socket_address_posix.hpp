// Converts endpoints to POSIX socket addresses, and back.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include <drydock/endpoint.hpp>

namespace drydock::platform {

class SocketAddress {
public:
    /// Room for a system call to write an address into.
    SocketAddress() noexcept : size_(sizeof storage_) {}

    explicit SocketAddress(const Endpoint& given) noexcept {
        const Endpoint endpoint = given.unmapped();
        if (endpoint.family() == Endpoint::Family::ipv4) {
            assign_ipv4(endpoint);
        } else {
            assign_ipv6(endpoint);
        }
    }

    /// An address that the system gave. Other families than IP become 0.0.0.0:0.
    SocketAddress(const ::sockaddr* address, ::socklen_t size) noexcept
        : size_(std::min<::socklen_t>(size, sizeof storage_)) {
        std::memcpy(&storage_, address, size_);
    }

    int family() const noexcept { return storage_.ss_family; }
    const ::sockaddr* get() const noexcept {
        return reinterpret_cast<const ::sockaddr*>(&storage_);
    }
    ::sockaddr* get() noexcept { return reinterpret_cast<::sockaddr*>(&storage_); }
    ::socklen_t size() const noexcept { return size_; }
    ::socklen_t* size_pointer() noexcept { return &size_; }

    /// A dual-stack socket gives IPv4 addresses as IPv4-mapped ones; this gives the IPv4 endpoint.
    Endpoint endpoint() const noexcept {
        if (family() == AF_INET) {
            ::sockaddr_in ipv4{};
            std::memcpy(&ipv4, &storage_, sizeof ipv4);
            std::array<std::uint8_t, 4> bytes{};
            std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
            return Endpoint::ipv4(bytes, ntohs(ipv4.sin_port));
        }
        if (family() == AF_INET6) {
            ::sockaddr_in6 ipv6{};
            std::memcpy(&ipv6, &storage_, sizeof ipv6);
            std::array<std::uint8_t, 16> bytes{};
            std::memcpy(bytes.data(), &ipv6.sin6_addr, bytes.size());
            return Endpoint::ipv6(bytes, ntohs(ipv6.sin6_port), ipv6.sin6_scope_id).unmapped();
        }
        return {};
    }

private:
    void assign_ipv4(const Endpoint& endpoint) noexcept {
        ::sockaddr_in ipv4{};
        ipv4.sin_family = AF_INET;
        ipv4.sin_port = htons(endpoint.port());
        std::memcpy(&ipv4.sin_addr, endpoint.address().data(), sizeof ipv4.sin_addr);
        std::memcpy(&storage_, &ipv4, sizeof ipv4);
        size_ = sizeof ipv4;
    }

    void assign_ipv6(const Endpoint& endpoint) noexcept {
        ::sockaddr_in6 ipv6{};
        ipv6.sin6_family = AF_INET6;
        ipv6.sin6_port = htons(endpoint.port());
        ipv6.sin6_scope_id = endpoint.scope();
        std::memcpy(&ipv6.sin6_addr, endpoint.address().data(), sizeof ipv6.sin6_addr);
        std::memcpy(&storage_, &ipv6, sizeof ipv6);
        size_ = sizeof ipv6;
    }

    ::sockaddr_storage storage_{};
    ::socklen_t size_ = 0;
};

}  // namespace drydock::platform

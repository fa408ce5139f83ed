// Sockets and bytes of the load generator.
#include "bench/load_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace drydock::bench {
namespace {

constexpr std::size_t most_at_once = 64 * 1024;

bool would_block() noexcept { return errno == EAGAIN; }

}  // namespace

Pattern::Pattern() : bytes_(2 * period) {
    std::uint32_t state = 1;
    for (std::size_t i = 0; i < period; ++i) {
        state = state * 1664525 + 1013904223;
        bytes_[i] = bytes_[i + period] = static_cast<std::byte>(state >> 24);
    }
}

std::span<const std::byte> Pattern::at(std::uint64_t position, std::size_t most) const noexcept {
    return std::span(bytes_).subspan(position % period, std::min(most, period));
}

Connection::Connection(const ::sockaddr_in& server, const Pattern& pattern, std::uint64_t place,
                       std::size_t size, std::size_t depth)
    : pattern_(pattern),
      place_(place),
      size_(size),
      descriptor_(connect_to(server)),
      started_(depth) {}

Connection::~Connection() { ::close(descriptor_); }

void Connection::start(std::size_t count, Clock::time_point now) {
    std::fill(started_.begin(), started_.end(), now);
    allowed_ += size_ * count;
    flush();
}

void Connection::flush() {
    blocked_ = false;
    while (sent_ < allowed_) {
        const auto piece = pattern_.at(place_ + sent_, allowed_ - sent_);
        const ::ssize_t count = ::send(descriptor_, piece.data(), piece.size(), MSG_NOSIGNAL);
        if (count < 0 && would_block()) {
            blocked_ = true;
            return;
        }
        if (count < 0 && errno != EINTR) fail("send");
        sent_ += static_cast<std::uint64_t>(std::max<::ssize_t>(count, 0));
    }
}

std::size_t Connection::receive_and_check() {
    std::array<std::byte, most_at_once> buffer;
    const ::ssize_t count = ::recv(descriptor_, buffer.data(), buffer.size(), 0);
    if (count < 0) {
        if (would_block() || errno == EINTR) return 1;  // not the end of the stream
        fail("recv");
    }
    if (count == 0) {
        if (!all_back()) throw LoadError("the server closed a connection before all was echoed");
        return 0;
    }
    std::span<const std::byte> echoed(buffer.data(), static_cast<std::size_t>(count));
    if (echoed.size() > sent_ - received_) throw LoadError("more came back than was sent");
    while (!echoed.empty()) {
        const auto expected = pattern_.at(place_ + received_, echoed.size());
        if (!std::equal(expected.begin(), expected.end(), echoed.begin())) {
            throw LoadError("the echo differs from what was sent");
        }
        received_ += expected.size();
        echoed = echoed.subspan(expected.size());
    }
    return static_cast<std::size_t>(count);
}

void Connection::shutdown_send() noexcept { ::shutdown(descriptor_, SHUT_WR); }

}  // namespace drydock::bench

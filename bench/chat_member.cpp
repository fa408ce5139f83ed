// A member's bytes: the lines it says, and those it receives.
#include "bench/chat_member.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace drydock::bench {

ChatMember::ChatMember(const ::sockaddr_in& server, const ChatLines& lines, std::uint16_t id,
                       std::size_t senders)
    : lines_(lines), id_(id), descriptor_(connect_to(server)), next_(senders, 0) {}

ChatMember::~ChatMember() { ::close(descriptor_); }

void ChatMember::probe() {
    lines_.append_to(unsent_, {probe_sender, 0, 0});
    flush();
}

void ChatMember::say(std::size_t count, Clock::time_point now) {
    const auto time = static_cast<std::uint64_t>(now.time_since_epoch().count());
    for (; count > 0; --count) lines_.append_to(unsent_, {id_, said_++, time});
    flush();
}

void ChatMember::flush() {
    while (!unsent_.empty()) {
        const ::ssize_t sent = ::send(descriptor_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) return;
        if (sent < 0 && errno != EINTR) fail("send");
        unsent_.erase(0, static_cast<std::size_t>(std::max<::ssize_t>(sent, 0)));
    }
}

std::string_view ChatMember::receive_bytes(std::span<char> memory, bool& ended) {
    partial_.copy(memory.data(), partial_.size());
    const std::span<char> free = memory.subspan(partial_.size());
    const ::ssize_t received = ::recv(descriptor_, free.data(), free.size(), 0);
    if (received < 0 && errno != EAGAIN && errno != EINTR) fail("recv");
    ended = received == 0;
    const auto count = static_cast<std::size_t>(std::max<::ssize_t>(received, 0));
    return {memory.data(), partial_.size() + count};
}

bool ChatMember::take(const ChatLine& line) {
    if (line.sender == probe_sender) {
        ++probes_heard_;
        return false;
    }
    if (line.sender >= next_.size()) throw LoadError("a member got a line that nobody has sent");
    if (line.number != next_[line.sender]++) {
        throw LoadError("a member got a line twice, not at all or not in its turn");
    }
    ++delivered_;
    came_back_ += line.sender == id_ ? 1 : 0;
    return true;
}

void ChatMember::shutdown_send() noexcept { ::shutdown(descriptor_, SHUT_WR); }

}  // namespace drydock::bench

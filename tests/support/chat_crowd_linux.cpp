// What the members of a chat crowd do.
#include "tests/support/chat_crowd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace drydock::test {
namespace {

using State = ChatMember::State;

constexpr std::size_t most_at_once = 64 * 1024;

bool is_here(const ChatMember& member) { return member.state == State::talking; }
bool listens(const ChatMember& member) { return member.listening != Listening::stopped; }

bool has_to_send(const ChatMember& member) {
    return !member.sending_over && (member.half_closes || !member.has_said_all());
}

/// What the system takes for somebody who does not read is not the server's to answer for.
void make_small(const SocketFile& socket) {
    const int bytes = 4096;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

}  // namespace

ChatCrowd::ChatCrowd(std::uint16_t port) : port_(port), buffer_(most_at_once) {}

bool ChatCrowd::join(Listening listening) {
    ChatMember member;
    member.socket = connect_to(port_);
    if (!member.socket.is_open()) {
        return false;
    }
    if (listening == Listening::stopped) {
        make_small(member.socket);
    }
    member.listening = listening;
    member.joined_at = expected_.size();
    loop_.add(member.socket, members_.size());
    members_.push_back(std::move(member));
    watch(members_.size() - 1);
    return true;
}

bool ChatCrowd::join_with_greeting(const std::string& greeting) {
    if (!join()) {
        return false;
    }
    std::vector<std::uint64_t> wanted;
    for (const ChatMember& member : members_) {
        wanted.push_back(member.heard_bytes + greeting.size());
    }
    say(members_.size() - 1, greeting);
    return talk_until([&] {
        for (std::size_t i = 0; i < members_.size(); ++i) {
            const ChatMember& member = members_[i];
            if (is_here(member) && listens(member) && member.heard_bytes < wanted[i]) {
                return false;
            }
        }
        return members_.back().heard == greeting;
    });
}

void ChatCrowd::say(std::size_t index, std::string_view text) {
    ChatMember& member = members_[index];
    if (member.has_said_all()) {
        member.to_say.clear();
        member.said = 0;
    }
    member.to_say += text;
    if (is_here(member)) {
        watch(index);
    }
}

void ChatCrowd::half_close(std::size_t index) {
    members_[index].half_closes = true;
    if (is_here(members_[index])) {
        watch(index);
    }
}

void ChatCrowd::leave(std::size_t index) { end(members_[index], State::has_left); }

void ChatCrowd::reset(std::size_t index) {
    members_[index].socket.reset();
    end(members_[index], State::has_left);
}

// --- talking -------------------------------------------------------------------------------------

bool ChatCrowd::talk_until(const std::function<bool()>& condition, Milliseconds timeout) {
    return loop_.run_until(condition, timeout, [this](std::uint64_t key, std::uint32_t events) {
        handle(key, events);
    });
}

bool ChatCrowd::talk_until_heard(Milliseconds timeout) {
    return talk_until(
        [this] {
            return std::all_of(members_.begin(), members_.end(), [this](const ChatMember& member) {
                return member.listening != Listening::compares ||
                       member.joined_at + member.heard_bytes >= expected_.size();
            });
        },
        timeout);
}

bool ChatCrowd::talk_to_the_end(Milliseconds timeout) {
    return talk_until(
        [this] {
            return std::none_of(members_.begin(), members_.end(), [](const ChatMember& member) {
                return is_here(member) && listens(member);
            });
        },
        timeout);
}

void ChatCrowd::talk_for(Milliseconds span) {
    talk_until([] { return false; }, span);
}

void ChatCrowd::handle(std::size_t index, std::uint32_t events) {
    ChatMember& member = members_[index];
    if (listens(member)) {
        if ((events & ~EPOLLOUT) != 0) {
            receive(member);
        }
    } else if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        end(member, State::was_reset);
    }
    if (is_here(member)) {
        send(member);
        watch(index);
    }
}

void ChatCrowd::receive(ChatMember& member) {
    const Moved got = receive_now(member.socket, buffer_);
    if (got.is_over()) {
        return end(member, got.how == Moved::How::end_of_stream ? State::ended : State::was_reset);
    }
    const std::size_t size = got.bytes;
    const std::size_t before = member.joined_at + member.heard_bytes;
    member.heard_bytes += size;
    if (member.listening == Listening::keeps) {
        member.heard.append(buffer_.data(), size);
        return;
    }
    const bool right = before + size <= expected_.size() &&
                       std::memcmp(buffer_.data(), expected_.data() + before, size) == 0;
    member.wrong = member.wrong || !right;
}

void ChatCrowd::send(ChatMember& member) {
    if (!member.sending_over && !member.has_said_all()) {
        const Moved gone =
            send_now(member.socket, std::string_view(member.to_say).substr(member.said));
        member.said += gone.bytes;
        member.said_bytes += gone.bytes;
        // Not the end: what has arrived is still to be read, and then comes how it ended.
        member.sending_over = gone.is_over();
    }
    if (!member.sending_over && member.half_closes && member.has_said_all()) {
        ::shutdown(member.socket.get(), SHUT_WR);
        member.sending_over = true;
    }
}

void ChatCrowd::watch(std::size_t index) {
    ChatMember& member = members_[index];
    const std::uint32_t interest =
        (listens(member) ? EPOLLIN : 0U) | (has_to_send(member) ? EPOLLOUT : 0U);
    loop_.watch(member.socket, index, interest, member.interest);
}

void ChatCrowd::end(ChatMember& member, State state) {
    if (is_here(member)) {
        member.state = state;
    }
    member.socket.close();  // which takes it out of the epoll
}

// --- what became of them -------------------------------------------------------------------------

std::size_t ChatCrowd::count(State state) const {
    return static_cast<std::size_t>(
        std::count_if(members_.begin(), members_.end(),
                      [&](const ChatMember& member) { return member.state == state; }));
}

std::size_t ChatCrowd::wrong() const {
    return static_cast<std::size_t>(std::count_if(
        members_.begin(), members_.end(), [](const ChatMember& member) { return member.wrong; }));
}

std::uint64_t ChatCrowd::heard_bytes() const {
    std::uint64_t sum = 0;
    for (const ChatMember& member : members_) {
        sum += member.heard_bytes;
    }
    return sum;
}

}  // namespace drydock::test

// The chat crowd's one loop.
#include "tests/support/chat_crowd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
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

ChatCrowd::ChatCrowd(std::uint16_t port)
    : port_(port), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(most_at_once) {}

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
    ::epoll_event event{};
    event.data.u64 = members_.size();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, member.socket.get(), &event);
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
    const Clock::time_point deadline = Clock::now() + timeout;
    while (!condition()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        step(Milliseconds(5));
    }
    return true;
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

void ChatCrowd::step(Milliseconds at_most) {
    std::array<::epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(at_most.count()));
    for (int i = 0; i < count; ++i) {
        const ::epoll_event& event = events[static_cast<std::size_t>(i)];
        const std::size_t index = event.data.u64;
        ChatMember& member = members_[index];
        if (listens(member)) {
            if ((event.events & ~EPOLLOUT) != 0) {
                receive(member);
            }
        } else if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
            end(member, State::was_reset);
        }
        if (is_here(member)) {
            send(member);
            watch(index);
        }
    }
}

void ChatCrowd::receive(ChatMember& member) {
    const ::ssize_t got = ::recv(member.socket.get(), buffer_.data(), most_at_once, 0);
    if (got == 0) {
        return end(member, State::ended);
    }
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            end(member, State::was_reset);
        }
        return;
    }
    const auto size = static_cast<std::size_t>(got);
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
        const std::size_t size = std::min(most_at_once, member.to_say.size() - member.said);
        const ::ssize_t count =
            ::send(member.socket.get(), member.to_say.data() + member.said, size, MSG_NOSIGNAL);
        if (count >= 0) {
            member.said += static_cast<std::size_t>(count);
            member.said_bytes += static_cast<std::size_t>(count);
        } else if (errno != EAGAIN && errno != EINTR) {
            // Not the end: what has arrived is still to be read, and then comes how it ended.
            member.sending_over = true;
        }
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
    if (interest == member.interest) {
        return;
    }
    member.interest = interest;
    ::epoll_event event{};
    event.events = interest;
    event.data.u64 = index;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, member.socket.get(), &event);
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

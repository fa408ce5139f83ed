// The crowd's one loop.
#include "tests/support/crowd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace drydock::test {
namespace {

// A prime: shifted against each other, two clients' streams agree nowhere for long.
constexpr std::size_t period = 65521;
constexpr std::size_t chunk = 32 * 1024;
constexpr std::size_t shift = 977;

/// One period of noise, and a chunk more, so that any chunk is one piece.
const std::vector<char>& noise() {
    static const std::vector<char> bytes = [] {
        std::vector<char> made(period + chunk);
        std::uint32_t state = 12345;
        for (std::size_t i = 0; i < made.size(); ++i) {
            state = state * 1664525 + 1013904223;
            made[i] = i < period ? static_cast<char>(state >> 24) : made[i - period];
        }
        return made;
    }();
    return bytes;
}

const char* bytes_at(const Member& member, std::uint64_t position) {
    return noise().data() + (member.pattern + position) % period;
}

bool wants_to_send(const Member& member) {
    return !member.sending_over && member.sent < member.manner.bytes &&
           member.sent - member.received < member.manner.unanswered;
}

}  // namespace

Crowd::Crowd(std::uint16_t port)
    : port_(port), epoll_(::epoll_create1(EPOLL_CLOEXEC)), buffer_(chunk) {}

bool Crowd::join(const Manner& manner) {
    Member member;
    member.socket = connect_to(port_);
    if (!member.socket.is_open()) {
        return false;
    }
    member.manner = manner;
    member.pattern = members_.size() * shift % period;
    ::epoll_event event{};
    event.data.u64 = members_.size();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, member.socket.get(), &event);
    members_.push_back(std::move(member));
    ++talking_;
    watch(members_.size() - 1);
    return true;
}

bool Crowd::join(std::size_t count, const Manner& manner) {
    for (std::size_t i = 0; i < count; ++i) {
        if (!join(manner)) {
            return false;
        }
    }
    return true;
}

// --- talking -------------------------------------------------------------------------------------

bool Crowd::talk_until(const std::function<bool()>& condition, Milliseconds timeout) {
    const Clock::time_point deadline = Clock::now() + timeout;
    while (!condition()) {
        if (Clock::now() >= deadline) {
            return false;
        }
        step(Milliseconds(5));
    }
    return true;
}

void Crowd::talk_for(Milliseconds span) {
    talk_until([] { return false; }, span);
}

bool Crowd::talk_until_nothing_moves(Milliseconds quiet, Milliseconds timeout) {
    std::uint64_t moved = sent() + received();
    Clock::time_point since = Clock::now();
    return talk_until(
        [&] {
            const std::uint64_t now_moved = sent() + received();
            if (now_moved != moved) {
                moved = now_moved;
                since = Clock::now();
            }
            return Clock::now() - since >= quiet;
        },
        timeout);
}

bool Crowd::talk_to_the_end(Milliseconds timeout) {
    return talk_until([this] { return talking_ == 0; }, timeout);
}

void Crowd::step(Milliseconds at_most) {
    std::array<::epoll_event, 256> events;
    const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()),
                                   static_cast<int>(at_most.count()));
    for (int i = 0; i < count; ++i) {
        const ::epoll_event& event = events[static_cast<std::size_t>(i)];
        const std::size_t index = event.data.u64;
        Member& member = members_[index];
        if (member.manner.reads) {
            if ((event.events & ~EPOLLOUT) != 0) {
                receive(member);
            }
        } else if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
            end(member, Member::State::was_reset);
        }
        if (member.state == Member::State::talking) {
            send(member);
            watch(index);
        }
    }
}

void Crowd::receive(Member& member) {
    const ::ssize_t got = ::recv(member.socket.get(), buffer_.data(), chunk, 0);
    if (got == 0) {
        return end(member, Member::State::ended);
    }
    if (got < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            end(member, Member::State::was_reset);
        }
        return;
    }
    const auto size = static_cast<std::size_t>(got);
    const bool right = member.received + size <= member.sent &&
                       std::memcmp(buffer_.data(), bytes_at(member, member.received), size) == 0;
    member.wrong = member.wrong || !right;
    member.received += size;
    if (member.received >= member.manner.resets_at) {
        member.socket.reset();
        end(member, Member::State::has_reset);
    }
}

void Crowd::send(Member& member) {
    if (wants_to_send(member)) {
        const std::uint64_t room =
            std::min(member.manner.bytes - member.sent,
                     member.manner.unanswered - (member.sent - member.received));
        const std::size_t size = std::min<std::uint64_t>(room, chunk);
        const ::ssize_t count =
            ::send(member.socket.get(), bytes_at(member, member.sent), size, MSG_NOSIGNAL);
        if (count >= 0) {
            member.sent += static_cast<std::uint64_t>(count);
        } else if (errno != EAGAIN && errno != EINTR) {
            // Not the end: what has arrived is still to be read, and then comes how it ended.
            member.sending_over = true;
        }
    }
    if (!member.sending_over && member.sent == member.manner.bytes && member.manner.half_closes) {
        ::shutdown(member.socket.get(), SHUT_WR);
        member.sending_over = true;
    }
}

void Crowd::watch(std::size_t index) {
    Member& member = members_[index];
    const bool has_to_end =
        !member.sending_over && member.manner.half_closes && member.sent == member.manner.bytes;
    const std::uint32_t interest = (member.manner.reads ? EPOLLIN : 0U) |
                                   (wants_to_send(member) || has_to_end ? EPOLLOUT : 0U);
    if (interest == member.interest) {
        return;
    }
    member.interest = interest;
    ::epoll_event event{};
    event.events = interest;
    event.data.u64 = index;
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, member.socket.get(), &event);
}

void Crowd::leave(std::size_t index) { end(members_[index], Member::State::has_left); }

void Crowd::end(Member& member, Member::State state) {
    if (member.state == Member::State::talking) {
        member.state = state;
        --talking_;
    }
    member.socket.close();  // which takes it out of the epoll
}

// --- what became of them -------------------------------------------------------------------------

std::size_t Crowd::count(Member::State state) const {
    return static_cast<std::size_t>(
        std::count_if(members_.begin(), members_.end(),
                      [&](const Member& member) { return member.state == state; }));
}

std::size_t Crowd::answered(std::uint64_t bytes) const {
    return static_cast<std::size_t>(
        std::count_if(members_.begin(), members_.end(),
                      [&](const Member& member) { return member.received >= bytes; }));
}

std::uint64_t Crowd::sent() const {
    std::uint64_t sum = 0;
    for (const Member& member : members_) {
        sum += member.sent;
    }
    return sum;
}

std::uint64_t Crowd::received() const {
    std::uint64_t sum = 0;
    for (const Member& member : members_) {
        sum += member.received;
    }
    return sum;
}

std::size_t Crowd::wrong() const {
    return static_cast<std::size_t>(std::count_if(
        members_.begin(), members_.end(), [](const Member& member) { return member.wrong; }));
}

}  // namespace drydock::test

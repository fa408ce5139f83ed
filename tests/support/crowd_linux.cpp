// What the clients of a crowd do.
#include "tests/support/crowd.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>

#include "tests/support/noise.hpp"

namespace drydock::test {
namespace {

bool wants_to_send(const Member& member) {
    return !member.sending_over && member.sent < member.manner.bytes &&
           member.sent - member.received < member.manner.unanswered;
}

}  // namespace

Crowd::Crowd(std::uint16_t port) : port_(port), buffer_(noise_piece) {}

bool Crowd::join(const Manner& manner) {
    Member member;
    member.socket = connect_to(port_);
    if (!member.socket.is_open()) {
        return false;
    }
    member.manner = manner;
    member.pattern = members_.size();
    loop_.add(member.socket, members_.size());
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
    return loop_.run_until(condition, timeout, [this](std::uint64_t key, std::uint32_t events) {
        handle(key, events);
    });
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

void Crowd::handle(std::size_t index, std::uint32_t events) {
    Member& member = members_[index];
    if (member.manner.reads) {
        if ((events & ~EPOLLOUT) != 0) {
            receive(member);
        }
    } else if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        end(member, Member::State::was_reset);
    }
    if (member.state == Member::State::talking) {
        send(member);
        watch(index);
    }
}

void Crowd::receive(Member& member) {
    const Moved got = receive_now(member.socket, buffer_);
    if (got.is_over()) {
        return end(member, got.how == Moved::How::end_of_stream ? Member::State::ended
                                                                : Member::State::was_reset);
    }
    const std::string_view echo(buffer_.data(), got.bytes);
    const bool right = member.received + echo.size() <= member.sent &&
                       echo == noise(member.pattern, member.received, echo.size());
    member.wrong = member.wrong || !right;
    member.received += echo.size();
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
        const std::size_t size = std::min<std::uint64_t>(room, noise_piece);
        const Moved gone = send_now(member.socket, noise(member.pattern, member.sent, size));
        member.sent += gone.bytes;
        // Not the end: what has arrived is still to be read, and then comes how it ended.
        member.sending_over = gone.is_over();
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
    loop_.watch(member.socket, index, interest, member.interest);
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

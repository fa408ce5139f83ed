// Moving the bytes of a client.
#include "tests/soak/client.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>

namespace drydock::soak {

using test::Moved;

void Client::enter(test::SocketLoop& loop, std::uint64_t key) {
    key_ = key;
    loop.add(socket_, key);
}

void Client::step(test::SocketLoop& loop, std::uint32_t events, Clock::time_point now) {
    if (is_over()) return;
    if ((events & EPOLLOUT) != 0) blocked_ = false;
    // An error is looked at by whoever does not read, too: what has come before it is heard first.
    const bool readable = (events & EPOLLIN) != 0 && reads(now);
    if (readable || (events & (EPOLLERR | EPOLLHUP)) != 0) receive(now);
    if (is_over()) return;
    const Act what = act(now);
    if (what == Act::reset) {
        socket_.reset();
        return end(Fate::has_reset);
    }
    if (what == Act::vanish) return end(Fate::has_vanished);
    if (what == Act::half_close && !sending_over_) {
        ::shutdown(socket_.get(), SHUT_WR);
        half_closed_ = true;
        sending_over_ = true;
    }
    if (!sending_over_ && !blocked_) send(now);
    loop.watch(socket_, key_,
               (reads(now) ? EPOLLIN : 0U) | (blocked_ && !sending_over_ ? EPOLLOUT : 0U),
               interest_);
}

void Client::receive(Clock::time_point now) {
    static std::array<char, 64 * 1024> buffer;  // one thread, one at a time
    const Moved got = test::receive_now(socket_, buffer);
    if (got.is_over()) {
        // A send that fails takes the reset's error with it; what receiving sees then is an end.
        const bool ended = got.how == Moved::How::end_of_stream && !broken_;
        return end(ended ? Fate::ended : Fate::was_reset);
    }
    if (got.bytes == 0) return;
    received_ += got.bytes;
    hear({buffer.data(), got.bytes}, now);
}

void Client::send(Clock::time_point now) {
    // A few at once, so that one that floods leaves time to the others.
    for (int turn = 0; turn < 4; ++turn) {
        const std::string_view bytes = to_send(now);
        if (bytes.empty()) return;
        const Moved gone = test::send_now(socket_, bytes);
        sent_ += gone.bytes;
        if (gone.bytes > 0) has_sent(bytes.substr(0, gone.bytes), now);
        // Not the end: what has arrived is still to be read, and then comes how it ended.
        broken_ = gone.is_over();
        sending_over_ = broken_;
        blocked_ = gone.bytes < bytes.size();
        if (blocked_ || sending_over_) return;
    }
}

void Client::end(Fate fate) {
    fate_ = fate;
    socket_.close();
    over();
}

}  // namespace drydock::soak

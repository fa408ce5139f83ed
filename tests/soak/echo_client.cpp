// How a client of the echo server behaves, and what it demands.
#include "tests/soak/echo_client.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/support/noise.hpp"

namespace drydock::soak {

EchoClient::EchoClient(test::SocketFile socket, Verdict& verdict, EchoTally& tally,
                       std::uint64_t number, Dice dice, std::uint64_t most)
    : Client(std::move(socket), verdict), tally_(tally), number_(number), dice_(dice) {
    const std::uint64_t manners = dice_.between(1, 100);
    manners_ = manners <= 50   ? Manners::half_closes
               : manners <= 65 ? Manners::closes
               : manners <= 85 ? Manners::resets
                               : Manners::vanishes;
    const bool floods = dice_.percent(8);
    bytes_ = dice_.percent(4) ? 0 : dice_.about(1, most / 8);
    burst_ = dice_.about(1, 16 * 1024);
    pause_ = dice_.percent(60) ? dice_.about(1, 60) : 0;
    if (dice_.percent(50)) unanswered_ = dice_.about(1, 64 * 1024);
    if (floods) {
        bytes_ = dice_.between(most / 4, most);
        burst_ = test::noise_piece;
        pause_ = 0;
        unanswered_ = never;
        ++tally_.flooded;
    }
    if (dice_.percent(15)) {
        stalls_at_ = dice_.about(1, bytes_ + 1);
        stalls_for_ = dice_.between(20, 900);
    }
    if (manners_ == Manners::resets || manners_ == Manners::vanishes) {
        cut_at_ = dice_.between(0, bytes_);
        // One in two of them leaves unread what has come back.
        if (dice_.percent(50)) stalls_at_ = cut_at_ / 2;
    }
    ++tally_.clients;
}

std::string EchoClient::name() const { return fmt::format("echo client {}", number_); }

std::string_view EchoClient::to_send(Clock::time_point now) {
    const std::uint64_t end = std::min(bytes_, cut_at_);
    const std::uint64_t underway = sent() - received();
    if ((now < silent_until_ && !hurried_) || sent() >= end || underway >= unanswered_) return {};
    const std::uint64_t room = std::min(end - sent(), unanswered_ - underway);
    return test::noise(number_, sent(), std::min(room, dice_.between(1, burst_)));
}

void EchoClient::has_sent(std::string_view bytes, Clock::time_point now) {
    tally_.sent += bytes.size();
    if (pause_ > 0) silent_until_ = now + Milliseconds(dice_.between(0, pause_));
}

void EchoClient::hear(std::string_view bytes, Clock::time_point now) {
    tally_.received += bytes.size();
    if (received() > sent()) {
        return verdict().fail(
            fmt::format("{} sent {} bytes, and {} have come back", name(), sent(), received()));
    }
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), test::noise_piece))) {
        const std::string_view piece = bytes.substr(0, test::noise_piece);
        if (piece != test::noise(number_, compared_, piece.size())) {
            return verdict().fail(
                fmt::format("{} got back something else than it had sent, within {} bytes from {}",
                            name(), piece.size(), compared_));
        }
        compared_ += piece.size();
    }
    if (received() >= stalls_at_ && !hurried_) {
        ++tally_.stalled;
        stalls_at_ = never;
        deaf_until_ = now + Milliseconds(stalls_for_);
        if (manners_ == Manners::resets || manners_ == Manners::vanishes) {
            deaf_until_ = Clock::time_point::max();
            unanswered_ = never;
        }
    }
}

Act EchoClient::act(Clock::time_point now) {
    const bool cuts = manners_ == Manners::resets || manners_ == Manners::vanishes;
    // Nobody reads what it is owed any more, so the server need not take the rest.
    const bool stuck = deaf_until_ == Clock::time_point::max() && now >= silent_until_;
    if (cuts && (sent() >= std::min(bytes_, cut_at_) || hurried_ || (stuck && dice_.percent(5)))) {
        return manners_ == Manners::resets ? Act::reset : Act::vanish;
    }
    if (hurried_ && deaf_until_ > now) deaf_until_ = now;
    if (hurried_) bytes_ = sent();
    if (manners_ == Manners::closes) {
        return sent() >= bytes_ && received() == sent() ? Act::vanish : Act::go_on;
    }
    return !cuts && sent() >= bytes_ ? Act::half_close : Act::go_on;
}

void EchoClient::over() {
    const bool whole =
        fate() == Fate::ended || (fate() == Fate::has_vanished && manners_ == Manners::closes);
    if (whole) tally_.sent_whole += sent();
    if (fate() == Fate::ended) ++tally_.half_closed;
    if (whole && fate() == Fate::has_vanished) ++tally_.closed;
    if (fate() == Fate::has_reset) ++tally_.reset;
    if (!whole && fate() == Fate::has_vanished) ++tally_.vanished;
    if (fate() != Fate::ended && received() == 0) ++tally_.unheard;
    verdict().expect(fate() != Fate::was_reset,
                     fmt::format("{} was reset by the server, without a reason", name()));
    if (fate() != Fate::ended) return;
    verdict().expect(has_half_closed(),
                     fmt::format("{} saw the end before it had closed its side", name()));
    verdict().expect(received() == sent(),
                     fmt::format("{} sent {} bytes, and saw the end after {} of them", name(),
                                 sent(), received()));
}

}  // namespace drydock::soak

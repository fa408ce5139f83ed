// How a member of the chat behaves, and what it demands.
#include "tests/soak/chat_member.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace drydock::soak {

ChatMember::ChatMember(test::SocketFile socket, Verdict& verdict, ChatTally& tally,
                       ChatOrder& order, std::uint64_t number, Dice dice, const ChatSizes& sizes)
    : Client(std::move(socket), verdict),
      tally_(tally),
      order_(order),
      dice_(dice),
      deaf_(dice_.percent(6)),
      line_size_(dice_.percent(3) ? sizes.max_line - 32 : dice_.about(1, 2000)),
      voice_(order.voice(number, line_size_)),
      max_line_(sizes.max_line),
      one_server_(sizes.one_server) {
    ear_.member = number;
    if (one_server_) ear_.not_before = order.size();
    const std::uint64_t manners = dice_.between(1, 100);
    manners_ = manners <= 60   ? Manners::half_closes
               : manners <= 78 ? Manners::resets
               : manners <= 95 ? Manners::vanishes
                               : Manners::says_too_much;
    lines_ = static_cast<std::uint32_t>(dice_.about(0, 60));
    lines_at_once_ = static_cast<std::uint32_t>(dice_.about(1, 8));
    pause_ = dice_.about(1, 200);
    piece_ = dice_.about(1, 16 * 1024);
    leaves_last_line_open_ = dice_.percent(25);
    if (dice_.percent(10)) flood(sizes);
    if (dice_.percent(12)) stalls_at_ = dice_.about(1, 200'000);
    if (deaf_) {
        manners_ = Manners::half_closes;
        deaf_until_ = Clock::time_point::max();
        lines_ = std::min(lines_, 1U);
    }
    if (manners_ == Manners::resets || manners_ == Manners::vanishes) {
        cut_at_ = dice_.between(0, lines_ * line_size_);
    }
    if (manners_ == Manners::says_too_much) {
        lines_ = std::min(lines_, 2U);
        leaves_last_line_open_ = false;
    }
    ++tally_.members;
}

void ChatMember::flood(const ChatSizes& sizes) {
    lines_ = static_cast<std::uint32_t>(std::min<std::uint64_t>(sizes.flood / line_size_, 3000));
    lines_at_once_ = 32;
    pause_ = 1;
    piece_ = 16 * 1024;
    ++tally_.flooded;
}

std::string ChatMember::name() const { return fmt::format("chat member {}", ear_.member); }

/// What it says next, when it is time for it and what it has said before is heard: all that is
/// underway must stay below the outbox limit, or those who read would be dropped, too.
void ChatMember::think(Clock::time_point now) {
    if (said_ < to_say_.size() || hurried_ || has_overdone_ || now < silent_until_) return;
    to_say_.clear();
    said_ = 0;
    if (voice_.places.size() < voice_.begun) return;
    if (voice_.begun == lines_) return;
    constexpr std::size_t enough = 8 * 1024;
    for (std::uint32_t i = 0; i < lines_at_once_ && voice_.begun < lines_; ++i) {
        to_say_ += ChatOrder::line(ear_.member, voice_.begun++, line_size_);
        if (to_say_.size() >= enough) break;
    }
    if (voice_.begun == lines_ && leaves_last_line_open_) to_say_.pop_back();
    silent_until_ = now + Milliseconds(dice_.between(0, pause_));
}

std::string_view ChatMember::to_send(Clock::time_point now) {
    think(now);
    const std::string_view rest = std::string_view(to_say_).substr(said_);
    const std::uint64_t before_cut = cut_at_ == never ? never : cut_at_ - std::min(cut_at_, sent());
    const std::uint64_t room = std::max<std::uint64_t>(before_cut, 1);
    const std::uint64_t piece = hurried_ ? rest.size() : dice_.between(1, piece_);
    return rest.substr(0, std::min(room, piece));
}

void ChatMember::has_sent(std::string_view bytes, Clock::time_point) {
    tally_.sent += bytes.size();
    said_ += bytes.size();
    partial_ += bytes;
    const std::size_t end = partial_.rfind('\n');
    if (end != std::string::npos) partial_.erase(0, end + 1);
}

void ChatMember::hear(std::string_view bytes, Clock::time_point now) {
    tally_.heard += bytes.size();
    order_.hear(ear_, bytes);
    if (received() >= stalls_at_ && !hurried_) {
        ++tally_.stalled;
        has_stalled_ = true;
        stalls_at_ = never;
        // Who goes away without a word does so, every other time, with unread data.
        const bool for_good = manners_ == Manners::vanishes && dice_.percent(50);
        deaf_until_ =
            for_good ? Clock::time_point::max() : now + Milliseconds(dice_.between(20, 900));
    }
}

Act ChatMember::act(Clock::time_point now) {
    const bool has_said_all = said_ == to_say_.size() && (voice_.begun == lines_ || hurried_);
    if (manners_ == Manners::resets || manners_ == Manners::vanishes) {
        // A line that is cut off keeps its label, so that the judge knows whose it was.
        const bool labelled = partial_.empty() || partial_.find(':') != std::string::npos;
        const bool time = sent() >= cut_at_ || has_said_all || hurried_;
        if (!time || !labelled || (!hurried_ && now < silent_until_)) return Act::go_on;
        return manners_ == Manners::resets ? Act::reset : Act::vanish;
    }
    if (hurried_ && deaf_until_ > now) deaf_until_ = now;
    if (!has_said_all) return Act::go_on;
    if (manners_ == Manners::says_too_much) {
        if (voice_.places.size() < voice_.begun || has_overdone_) return Act::go_on;
        has_overdone_ = true;
        // To the last line, which nobody will ever hear.
        to_say_.assign(2 * max_line_, 'x');
        said_ = 0;
        return Act::go_on;
    }
    // The deaf ones stay until they are dropped, or until the round ends.
    if (has_half_closed() || (deaf_ && !hurried_)) return Act::go_on;
    if (!hurried_ && now < silent_until_) return Act::go_on;
    if (one_server_) ear_.must_reach = order_.size();
    return Act::half_close;
}

void ChatMember::over() {
    const bool whole = fate() == Fate::ended && has_half_closed();
    const bool went_itself = fate() == Fate::has_reset || fate() == Fate::has_vanished;
    if (whole) tally_.sent_whole += sent();
    if (whole) ++tally_.half_closed;
    if (fate() == Fate::has_reset) ++tally_.reset;
    if (fate() == Fate::has_vanished) ++tally_.vanished;
    if (went_itself && received() == 0) ++tally_.unheard;
    if (went_itself && has_stalled_) ++tally_.deaf_at_the_end;
    if (went_itself) voice_.tail = partial_;
    voice_.has_reset = fate() == Fate::has_reset;
    if (!whole && !went_itself) cut_off();
    ear_.has_ended = whole;
    voice_.is_due = whole;
    order_.over(std::move(ear_));
}

/// The server has closed the connection. A line that is too long may end it in order, too.
void ChatMember::cut_off() {
    if (has_overdone_) {
        ++tally_.too_long;
        return;
    }
    verdict().expect(fate() != Fate::ended,
                     fmt::format("{} saw the end before it had closed its side", name()));
    ++tally_.too_slow;
    verdict().expect(deaf_ || has_stalled_,
                     fmt::format("{} was reset by the server, without a reason", name()));
}

// --- the recorder --------------------------------------------------------------------------------

ChatRecorder::ChatRecorder(test::SocketFile socket, Verdict& verdict, ChatTally& tally,
                           ChatOrder& order)
    : Client(std::move(socket), verdict), tally_(tally), order_(order) {
    constexpr std::size_t size = 100;
    greeting_ = ChatOrder::line(member, 0, size);
    Voice& voice = order.voice(member, size);
    voice.begun = 1;
    voice.is_due = true;
    ++tally_.members;
}

std::string_view ChatRecorder::to_send(Clock::time_point) {
    return std::string_view(greeting_).substr(sent());
}

void ChatRecorder::has_sent(std::string_view bytes, Clock::time_point) {
    tally_.sent += bytes.size();
}

void ChatRecorder::hear(std::string_view bytes, Clock::time_point) {
    tally_.heard += bytes.size();
    order_.record(bytes);
}

Act ChatRecorder::act(Clock::time_point) { return hurried_ ? Act::half_close : Act::go_on; }

void ChatRecorder::over() {
    tally_.sent_whole += sent();
    ++tally_.half_closed;
    verdict().expect(fate() == Fate::ended && has_half_closed(),
                     "the chat's recorder was cut off, though it reads all the time");
}

}  // namespace drydock::soak

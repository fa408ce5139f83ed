// Joining, publishing, leaving, and what a writer is to send next.
#include "src/chat/roster.hpp"

#include <algorithm>
#include <utility>

#include <drydock/hash.hpp>

namespace drydock::chat {
namespace {

/// Small pieces forget sooner, large ones make for fewer buffers in a gather send. A reader is let
/// go by pieces, so one should be small beside the limit.
std::size_t piece_size_for(std::size_t outbox_limit) noexcept {
    return std::clamp<std::size_t>(outbox_limit / 16, 64, 16 * 1024);
}

}  // namespace

// --- the waiting ---------------------------------------------------------------------------------

void WakeList::add(Outbox& outbox) noexcept {
    outbox.previous_waiting_ = last_;
    outbox.next_waiting_ = nullptr;
    (last_ != nullptr ? last_->next_waiting_ : first_) = &outbox;
    last_ = &outbox;
}

void WakeList::add(HeldSpeaker& speaker) noexcept {
    speaker.next_ = nullptr;
    *after_speakers_ = &speaker;
    after_speakers_ = &speaker.next_;
}

void WakeList::remove(Outbox& outbox) noexcept {
    Outbox* const previous = outbox.previous_waiting_;
    Outbox* const next = outbox.next_waiting_;
    (previous != nullptr ? previous->next_waiting_ : first_) = next;
    (next != nullptr ? next->previous_waiting_ : last_) = previous;
}

void WakeList::take_all(WakeList& from) noexcept {
    if (from.first_ == nullptr) return;
    from.first_->previous_waiting_ = last_;
    (last_ != nullptr ? last_->next_waiting_ : first_) = from.first_;
    last_ = from.last_;
    from.first_ = from.last_ = nullptr;
}

void WakeList::wake_all() noexcept {
    while (first_ != nullptr) {
        Outbox& outbox = *first_;
        first_ = outbox.next_waiting_;
        outbox.signals_.wake();  // may end the outbox
    }
    last_ = nullptr;
    while (speaker_ != nullptr) {
        HeldSpeaker& speaker = *speaker_;
        speaker_ = speaker.next_;
        speaker.go_on();  // may end the speaker
    }
    after_speakers_ = &speaker_;
}

// --- the roster ----------------------------------------------------------------------------------

Roster::Roster(std::size_t outbox_limit, std::size_t speaker_share, bool in_order)
    : outbox_limit_(outbox_limit),
      piece_size_(piece_size_for(outbox_limit)),
      share_(std::max(piece_size_, std::min(speaker_share, outbox_limit / 4))),
      in_order_(in_order),
      transcript_(piece_size_) {}

void Roster::join(Outbox& outbox) {
    outbox.place_ = static_cast<std::uint32_t>(members_.size());
    members_.push_back(&outbox);
    outbox.state_ = Outbox::State::open;
    outbox.sent_ = transcript_.end();
    outbox.share_.join(transcript_.end());
    transcript_.add_reader();
}

/// One within a piece is none: the transcript does not tell readers inside it apart.
std::uint64_t Roster::backlog() const noexcept {
    const std::uint64_t bytes = transcript_.end() - transcript_.begin();
    return bytes > piece_size_ ? bytes : 0;
}

/// Whatever has become of its connection: what was received of it is still to be published.
bool Roster::comes_too_soon(const Outbox& speaker) noexcept {
    if (backlog() == 0 && held_ == nullptr) promised_ = 0;
    if (has_backlog_over(outbox_limit_ / 2)) return true;
    return !speaker.spoke_ && is_busy() && speaker.share_.latest() > transcript_.begin();
}

bool Roster::publish(Outbox& speaker, std::span<const ConstBuffer> lines, WakeList& to_wake) {
    drop_slow();
    for (const ConstBuffer& part : lines) transcript_.append({part.data, part.size});
    speaker.spoke_ = true;
    const std::uint64_t size = total_size(lines);
    speaker.share_.add(size, transcript_.end(), transcript_.begin());
    promised_ -= std::min(promised_, size);
    for (Outbox* outbox = waiting_.first_; outbox != nullptr; outbox = outbox->next_waiting_) {
        outbox->waiting_ = false;
    }
    to_wake.take_all(waiting_);
    release_speakers(to_wake);
    return has_too_much(speaker);
}

bool Roster::has_spoken(Outbox& speaker, std::uint64_t bytes) noexcept {
    speaker.spoke_ = true;
    speaker.share_.add(bytes, transcript_.end(), transcript_.begin());
    promised_ -= std::min(promised_, bytes);
    return has_too_much(speaker);
}

bool Roster::has_too_much(Outbox& speaker) noexcept {
    if (comes_too_soon(speaker)) return true;
    if (backlog() == 0 || speaker.state_ != Outbox::State::open) return false;
    const Transcript::Position begin = transcript_.begin();
    return speaker.share_.bytes(begin) > share_ || (is_busy() && speaker.share_.latest() > begin);
}

bool Roster::hold(HeldSpeaker& speaker) noexcept {
    if (!has_too_much(speaker.outbox_)) return false;
    HeldSpeaker** last = &held_;
    while (*last != nullptr) last = &(*last)->next_;
    *last = &speaker;
    speaker.next_ = nullptr;
    speaker.listed_ = true;
    ++held_count_;
    return true;
}

bool Roster::let_go(HeldSpeaker& speaker) noexcept {
    if (!speaker.listed_) return false;
    HeldSpeaker** at = &held_;
    while (*at != &speaker) at = &(*at)->next_;
    *at = speaker.next_;
    speaker.listed_ = false;
    --held_count_;
    return true;
}

void Roster::release_speakers(WakeList& to_wake) noexcept {
    if (backlog() == 0) promised_ = 0;
    for (HeldSpeaker** at = &held_; *at != nullptr;) {
        HeldSpeaker& speaker = **at;
        if (has_too_much(speaker.outbox_)) {
            at = &speaker.next_;
            continue;
        }
        *at = speaker.next_;
        speaker.listed_ = false;
        --held_count_;
        promised_ += piece_size_;  // or all would go on at once, and fill the room
        to_wake.add(speaker);
    }
}

/// A member whose writer waits is owed nothing, so none in the waiting list is ever dropped.
void Roster::drop_slow() noexcept {
    if (transcript_.end() - transcript_.begin() <= outbox_limit_) return;
    for (std::size_t i = members_.size(); i-- > 0;) {
        Outbox& outbox = *members_[i];
        if (behind(outbox) <= outbox_limit_) continue;
        remove(outbox, Outbox::State::dropped);
        outbox.signals_.drop();
    }
}

/// A writer that waits is woken here: leave() has nothing to do for a member that is not open.
void Roster::cut(Outbox& outbox, Outbox::State state, WakeList& to_wake) noexcept {
    if (std::exchange(outbox.waiting_, false)) {
        waiting_.remove(outbox);
        to_wake.add(outbox);
    }
    remove(outbox, state);
}

void Roster::cut_off(Outbox& outbox, WakeList& to_wake) noexcept {
    if (outbox.state_ == Outbox::State::open) cut(outbox, Outbox::State::abandoned, to_wake);
    release_speakers(to_wake);
}

/// Not of those that have left: all that they are owed is there.
void Roster::lose_all(WakeList& to_wake) noexcept {
    for (std::size_t i = members_.size(); i-- > 0;) {
        Outbox& outbox = *members_[i];
        if (outbox.state_ != Outbox::State::open) continue;
        cut(outbox, Outbox::State::lost, to_wake);
        outbox.signals_.drop();
    }
    release_speakers(to_wake);
}

void Roster::remove(Outbox& outbox, Outbox::State state) noexcept {
    outbox.state_ = state;
    transcript_.remove_reader(outbox.sent_);
    members_[outbox.place_] = members_.back();
    members_[outbox.place_]->place_ = outbox.place_;
    members_.pop_back();
}

void Roster::leave(Outbox& outbox, WakeList& to_wake) noexcept {
    if (outbox.state_ != Outbox::State::open) return;
    outbox.state_ = Outbox::State::closing;
    outbox.end_ = transcript_.end();
    if (!std::exchange(outbox.waiting_, false)) return;
    waiting_.remove(outbox);
    to_wake.add(outbox);
}

Roster::Next Roster::next(Outbox& outbox, std::size_t sent, Passage& passage, WakeList& to_wake) {
    const bool closing = outbox.state_ == Outbox::State::closing;
    if (!closing && outbox.state_ != Outbox::State::open) return Next::end;
    const Transcript::Position before = outbox.sent_;
    outbox.sent_ += sent;
    const bool moves = transcript_.move_reader(before, outbox.sent_);
    if (moves) release_speakers(to_wake);
    const Transcript::Position end = closing ? outbox.end_ : transcript_.end();
    transcript_.quote(outbox.sent_, end, passage);
    if (outbox.sent_ < end) return Next::send;
    if (!closing) {
        outbox.waiting_ = true;
        waiting_.add(outbox);
        return Next::wait;
    }
    remove(outbox, Outbox::State::complete);
    release_speakers(to_wake);
    return Next::end;
}

std::uint64_t Roster::state_hash() const noexcept {
    // A sum: in which order the members stand in their list makes no difference.
    std::uint64_t members = 0;
    Transcript::Position slowest = transcript_.end();
    for (const Outbox* outbox : members_) {
        slowest = std::min(slowest, outbox->sent_);
        members += hash_of({outbox->signals_.identity(), static_cast<std::uint64_t>(outbox->state_),
                            outbox->sent_, outbox->end_, outbox->waiting_ ? 1U : 0U,
                            outbox->spoke_ ? 1U : 0U, outbox->share_.state_hash()});
    }
    std::uint64_t hash = hash_of({transcript_.state_hash(slowest), promised_, members});
    const Outbox* waiting = in_order_ ? waiting_.first_ : nullptr;
    for (; waiting != nullptr; waiting = waiting->next_waiting_) {
        hash = hash_of({hash, waiting->signals_.identity()});
    }
    for (const HeldSpeaker* speaker = held_; speaker != nullptr; speaker = speaker->next_) {
        hash = hash_of({hash, speaker->outbox_.signals_.identity(), speaker->outbox_.sent_,
                        speaker->outbox_.share_.state_hash()});
    }
    return hash;
}

void Roster::abandon(Outbox& outbox, WakeList& to_wake) noexcept {
    const bool inside =
        outbox.state_ == Outbox::State::open || outbox.state_ == Outbox::State::closing;
    if (!inside) return;
    remove(outbox, Outbox::State::abandoned);
    release_speakers(to_wake);
}

}  // namespace drydock::chat

// The sound chat server that the broken ones are made from. It knows one worker only, as the
// simulator has it: between two awaits nobody else runs.
#include "tests/zoo/specimens/chat_specimens.hpp"

#include <algorithm>

namespace drydock::zoo {

Task<void> ChatSpecimen::serve(AsyncSocket& socket) {
    Seat seat(world_, socket);
    const auto free = std::find(seats_.begin(), seats_.end(), nullptr);
    seat.handle = static_cast<Handle>(free - seats_.begin());
    if (free == seats_.end()) seats_.push_back(nullptr);
    seats_[seat.handle] = &seat;
    co_await add(seat.handle);
    TaskGroup writing(world_);
    writing.spawn(write(seat));
    co_await listen(seat);
    co_await finish(seat);
    remove(seat.handle);
    seats_[seat.handle] = nullptr;
    co_await release(seat);
    seat.leaving = true;
    seat.changed.set();
    co_await writing.join();
    if (seat.stopped && !seat.cut_off) co_await linger(seat);
    if (ends_abortively(seat)) socket.set_abortive_close();
}

Task<void> ChatSpecimen::listen(Seat& seat) {
    std::vector<std::byte> buffer(options_.buffer_size);
    chat::LineFramer framer(options_.max_line);
    for (;;) {
        co_await pace(seat);
        const Result received = co_await receive(seat.socket, buffer);
        seat.stopped = received.error == Error::canceled && !seat.cut_off;
        if (seat.stopped) co_return;
        if (!received.ok()) {
            co_await take_failure(seat, framer);
            cut_off(seat);
            co_return;
        }
        if (received.bytes == 0) break;
        const std::string_view bytes = as_text(std::span(buffer).first(received.bytes));
        const bool good = co_await take(seat, framer, bytes);
        if (!good) {
            cut_off(seat);
            co_return;
        }
    }
    co_await take_end(seat, framer);
}

/// A close with something unread would be a reset, which may destroy the last lines.
Task<void> ChatSpecimen::linger(Seat& seat) {
    seat.socket.shutdown_send();
    std::vector<std::byte> nowhere(64);
    for (;;) {
        const Result received = co_await receive(seat.socket, nowhere);
        if (!received.ok() || received.bytes == 0) co_return;
    }
}

Task<void> ChatSpecimen::write(Seat& seat) {
    for (;;) {
        while (seat.outbox.empty() && !seat.leaving && !seat.cut_off) {
            co_await seat.changed.wait();
        }
        if (seat.outbox.empty() || seat.cut_off) co_return;
        seat.sending = std::exchange(seat.outbox, {});
        const Result sent = co_await send_all(seat.socket, std::string_view(seat.sending));
        if (!sent.ok()) {
            cut_off(seat);
            co_return;
        }
        seat.sending.clear();
    }
}

void ChatSpecimen::cut_off(Seat& seat) noexcept {
    seat.cut_off = true;
    seat.socket.cancel();
    seat.changed.set();
}

Task<void> ChatSpecimen::add(Handle handle) {
    members_.push_back(handle);
    co_return;
}

void ChatSpecimen::remove(Handle handle) { std::erase(members_, handle); }

Task<void> ChatSpecimen::publish(Seat&, std::string lines) {
    for (const Handle handle : members_) {
        if (Seat* const seat = find(handle); seat != nullptr) put(*seat, lines);
    }
    co_return;
}

void ChatSpecimen::put(Seat& seat, std::string_view lines) {
    const std::size_t behind = seat.outbox.size() + seat.sending.size();
    if (behind > options_.outbox_limit) return cut_off(seat);
    seat.outbox += lines;
    seat.changed.set();
}

Task<bool> ChatSpecimen::take(Seat& seat, chat::LineFramer& framer, std::string_view bytes) {
    const chat::Lines lines = framer.feed(bytes);
    const bool too_long = lines.too_long;
    if (lines.count > 0) {
        std::string whole = std::string(lines.head) + std::string(lines.body);
        note_own(seat, whole.size());
        co_await publish(seat, std::move(whole));
    }
    co_return !too_long;
}

Task<void> ChatSpecimen::take_end(Seat& seat, chat::LineFramer& framer) {
    if (framer.unfinished().empty()) co_return;
    std::string line = std::string(framer.unfinished()) + "\n";
    co_await publish(seat, std::move(line));
}

Task<void> ChatSpecimen::take_failure(Seat&, chat::LineFramer&) { co_return; }

void ChatSpecimen::note_own(Seat& seat, std::size_t size) {
    said_ += size;
    seat.own.emplace_back(said_, size);
    seat.spoke = true;
}

/// Bytes that the member has said and the slowest one has still to take.
std::size_t ChatSpecimen::own_behind(Seat& seat) const {
    std::size_t behind = 0;
    for (const Handle handle : members_) {
        const Seat* const reader = find(handle);
        if (reader == nullptr || reader->cut_off) continue;
        behind = std::max(behind, reader->outbox.size() + reader->sending.size());
    }
    std::size_t own = 0;
    while (!seat.own.empty() && seat.own.front().first + behind <= said_) seat.own.pop_front();
    for (const auto& [end, size] : seat.own) own += size;
    return own;
}

Task<void> ChatSpecimen::pace(Seat& seat) {
    if (!std::exchange(seat.spoke, false)) co_return;
    const std::size_t share = std::min(options_.speaker_share, options_.outbox_limit / 4);
    const Time end = later(world_.now(), std::chrono::milliseconds(1000 * seat.own.back().second /
                                                                   options_.least_rate));
    Timer timer(world_);
    Duration step = std::chrono::milliseconds(1);
    while (own_behind(seat) > share && world_.now() < end && !seat.cut_off && !stopping()) {
        co_await timer.after(step);
        step = std::min<Duration>(2 * step, std::chrono::milliseconds(100));
    }
}

Task<void> ChatSpecimen::finish(Seat&) { co_return; }

Task<void> ChatSpecimen::release(Seat&) { co_return; }

bool ChatSpecimen::ends_abortively(const Seat& seat) const {
    return !seat.outbox.empty() || seat.cut_off;
}

DRYDOCK_CHAT_SPECIMEN(make_sound_chat) {
    return std::make_unique<ChatSpecimen>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

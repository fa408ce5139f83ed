// The sound chat server that the broken ones are made from. It knows one worker only, as the
// simulator has it: between two awaits nobody else runs.
#include "tests/zoo/specimens/chat_specimens.hpp"

#include <algorithm>

#include <drydock/hash.hpp>

namespace drydock::zoo {

Task<void> ChatSpecimen::serve(AsyncSocket& socket) {
    Seat seat(world_, socket);
    sit_down(seat);
    co_await add(seat.handle);
    TaskGroup writing(world_);
    writing.spawn(write(seat));
    co_await listen(seat);
    co_await finish(seat);
    remove(seat.handle);
    stand_up(seat);
    co_await release(seat);
    leave(seat);
    co_await writing.join();
    if (lingers(seat)) co_await linger(seat);
    if (ends_abortively(seat)) socket.set_abortive_close();
}

void ChatSpecimen::sit_down(Seat& seat) {
    const auto shared = use_shared();
    const auto used = use(seat);
    const auto free = std::find(seats_.begin(), seats_.end(), nullptr);
    seat.handle = learn(static_cast<Handle>(free - seats_.begin()));
    if (free == seats_.end()) seats_.push_back(nullptr);
    seats_[seat.handle] = &seat;
}

void ChatSpecimen::stand_up(Seat& seat) {
    const auto shared = use_shared();
    seats_[seat.handle] = nullptr;
}

void ChatSpecimen::leave(Seat& seat) {
    const auto used = use(seat);
    seat.leaving = true;
    seat.changed.set();
}

Task<void> ChatSpecimen::listen(Seat& seat) {
    std::vector<std::byte> buffer(options_.buffer_size);
    chat::LineFramer framer(options_.max_line);
    for (;;) {
        co_await pace(seat);
        const Result received = co_await receive(seat.socket, buffer);
        if (was_stopped(seat, received.error)) co_return;
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

bool ChatSpecimen::was_stopped(Seat& seat, Error error) {
    const auto used = use(seat);
    seat.stopped = error == Error::canceled && !seat.cut_off;
    return learn(seat.stopped);
}

bool ChatSpecimen::lingers(const Seat& seat) const {
    const auto used = use(seat);
    return learn(seat.stopped && !seat.cut_off);
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
        while (has_nothing_to_write(seat)) co_await seat.changed.wait();
        if (!begin_to_write(seat)) co_return;
        const Result sent = co_await send_all(seat.socket, std::string_view(seat.sending));
        if (!sent.ok()) {
            cut_off(seat);
            co_return;
        }
        const auto used = use(seat);
        seat.sending.clear();
    }
}

bool ChatSpecimen::has_nothing_to_write(const Seat& seat) const {
    const auto used = use(seat);
    return learn(seat.outbox.empty() && !seat.leaving && !seat.cut_off);
}

bool ChatSpecimen::begin_to_write(Seat& seat) {
    const auto used = use(seat);
    if (learn(seat.outbox.empty() || seat.cut_off)) return false;
    seat.sending = std::exchange(seat.outbox, {});
    return true;
}

bool ChatSpecimen::is_cut_off(const Seat& seat) const noexcept {
    const auto used = use(seat);
    return learn(seat.cut_off);
}

void ChatSpecimen::cut_off(Seat& seat) noexcept {
    const auto used = use(seat);
    seat.cut_off = true;
    seat.socket.cancel();
    seat.changed.set();
}

Task<void> ChatSpecimen::add(Handle handle) {
    const auto shared = use_shared();
    members_.push_back(handle);
    co_return;
}

void ChatSpecimen::remove(Handle handle) {
    const auto shared = use_shared();
    std::erase(members_, handle);
}

Task<void> ChatSpecimen::publish(Seat&, std::string lines) {
    const auto shared = use_shared();
    for (const Handle handle : members_) {
        if (Seat* const seat = find(handle); seat != nullptr) put(*seat, lines);
    }
    co_return;
}

void ChatSpecimen::put(Seat& seat, std::string_view lines) {
    const auto used = use(seat);
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
    const auto shared = use_shared();
    const auto used = use(seat);
    said_ += size;
    seat.own.emplace_back(said_, size);
    seat.spoke = true;
}

/// How much the member has just said, if it was not paced since; or 0.
std::size_t ChatSpecimen::take_spoken(Seat& seat) {
    const auto used = use(seat);
    const bool spoke = std::exchange(seat.spoke, false);
    return learn(spoke ? seat.own.back().second : 0);
}

/// Bytes that the member has said and the slowest one has still to take.
std::size_t ChatSpecimen::own_behind(Seat& seat) const {
    const auto shared = use_shared();
    const auto used = use(seat);
    std::size_t behind = 0;
    for (const Handle handle : members_) {
        const Seat* const reader = find(handle);
        if (reader == nullptr) continue;
        const auto read = use(*reader);
        if (reader->cut_off) continue;
        behind = std::max(behind, reader->outbox.size() + reader->sending.size());
    }
    std::size_t own = 0;
    while (!seat.own.empty() && seat.own.front().first + behind <= said_) seat.own.pop_front();
    for (const auto& [end, size] : seat.own) own += size;
    return own;
}

/// Whether the room has still to take more than its share of what the member has said.
bool ChatSpecimen::is_behind(Seat& seat) const {
    const std::size_t share = std::min(options_.speaker_share, options_.outbox_limit / 4);
    const bool behind = own_behind(seat) > share;
    const auto used = use(seat);
    return learn(behind && !seat.cut_off);
}

Task<void> ChatSpecimen::pace(Seat& seat) {
    const std::size_t spoken = take_spoken(seat);
    if (spoken == 0) co_return;
    const Time end =
        later(world_.now(), std::chrono::milliseconds(1000 * spoken / options_.least_rate));
    Timer timer(world_);
    Duration step = std::chrono::milliseconds(1);
    while (is_behind(seat) && world_.now() < end && !stopping()) {
        co_await timer.after(step);
        step = std::min<Duration>(2 * step, std::chrono::milliseconds(100));
    }
}

Task<void> ChatSpecimen::finish(Seat&) { co_return; }

Task<void> ChatSpecimen::release(Seat&) { co_return; }

bool ChatSpecimen::ends_abortively(const Seat& seat) const {
    const auto used = use(seat);
    return learn(!seat.outbox.empty() || seat.cut_off);
}

// --- for explorations ----------------------------------------------------------------------------

std::vector<ChatSpecimen::Handle> ChatSpecimen::members_now() const {
    const auto shared = use_shared();
    for (const Handle handle : members_) learn(handle);
    learn(members_.size());
    return members_;
}

ChatSpecimen::Seat* ChatSpecimen::seated_now(Handle handle) const {
    const auto shared = use_shared();
    Seat* const seat = find(handle);
    const bool known = seat != nullptr && !is_cut_off(*seat);
    learn(known ? seat->number() : 0);
    return known ? seat : nullptr;
}

std::uint64_t ChatSpecimen::Seat::state_hash() const {
    std::uint64_t hash = hash_of({handle, hash_of(outbox), hash_of(sending)});
    for (const auto& [end, size] : own) hash = hash_of({hash, end, size});
    for (const bool flag : {spoke, leaving, cut_off, stopped}) {
        hash = hash_with(hash, flag ? 1 : 0);
    }
    return hash;
}

std::uint64_t ChatSpecimen::more_state() const noexcept {
    std::uint64_t hash = said_;
    for (const Handle handle : members_) hash = hash_with(hash, handle);
    for (const Seat* const seat : seats_) {
        hash = hash_with(hash, seat == nullptr ? 0 : seat->number());
    }
    return hash;
}

// --- sending without the writers -----------------------------------------------------------------

void SendingSpecimen::begin_use(Seat* seat) {
    const auto shared = use_shared();
    used_.push_back(seat);
}

void SendingSpecimen::end_use(Seat* seat) {
    const auto shared = use_shared();
    used_.erase(std::find(used_.begin(), used_.end(), seat));
}

Task<void> SendingSpecimen::release(Seat& seat) {
    const auto unused = [this, &seat] {
        return std::count(used_.begin(), used_.end(), &seat) == 0;
    };
    co_await until(unused);
}

std::uint64_t SendingSpecimen::more_state() const noexcept {
    std::uint64_t used = 0;  // in no order
    for (const Seat* const seat : used_) used += hash_of({seat->number()});
    return hash_of({ChatSpecimen::more_state(), used});
}

DRYDOCK_CHAT_SPECIMEN(make_sound_chat) {
    return std::make_unique<ChatSpecimen>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// How a simulated connection behaves. Results are decided here; they come out through the world's
// queue.
#include "sim/connection.hpp"

#include <algorithm>
#include <cstring>

#include <drydock/hash.hpp>

#include "sim/buffers.hpp"
#include "sim/place.hpp"
#include "sim/world.hpp"

namespace drydock::sim {
namespace {

// A program that has seen the end may look again, a few times; one that never stops is stuck.
constexpr std::uint32_t ends_told_max = 8;

/// Calls `use` with the pieces of the gather that lie in [from, from + count).
template <typename Use>
void for_range(const Record& record, std::size_t from, std::size_t count, Use use) {
    for (std::size_t i = 0; i < record.buffer_count && count > 0; ++i) {
        const ConstBuffer& buffer = record.buffers[i];
        if (from >= buffer.size) {
            from -= buffer.size;
            continue;
        }
        const std::size_t run = std::min(buffer.size - from, count);
        use(std::span(buffer.data + from, run));
        count -= run;
        from = 0;
    }
}

// Of a send, so much is watched for change in flight. All of it would cost the square of its size,
// as a large one goes out in many short ones.
constexpr std::size_t watched = 16 * 1024;

std::uint64_t hash_buffers(const Record& record) noexcept {
    std::uint64_t hash = hash_of(std::span<const std::byte>());
    for_range(record, 0, watched,
              [&](std::span<const std::byte> piece) { hash = hash_of(piece, hash); });
    return hash;
}

}  // namespace

Connection::Connection(SimWorld& world, std::uint32_t slot, std::uint64_t serial,
                       std::size_t capacity)
    : world_(world), slot_(slot), serial_(serial), sides_{Side(capacity), Side(capacity)} {
    sides_[1].accepted = true;
    for (const Side& side : sides_) {
        for (const void* part : side.parts()) world_.watch().created(part, Owner::network);
    }
}

/// Something that concerns both directions of both sides.
void Connection::touch_all() {
    for (const Side& side : sides_) {
        for (const void* part : side.parts()) world_.watch().touched(part, Owner::network);
    }
}

/// A receive takes from its pipe and makes room in it; a send has done its work before.
void Connection::touch_delivery(Operation& operation) {
    const Record& record = record_of(operation);
    const Side& own = side(record.side);
    if (operation.kind() == OperationKind::send)
        return world_.watch().touched(&own.send, Owner::network);
    touch_receiving(record.side);
    if (own.accepted) world_.watch().touched(&own.sent, Owner::network);
}

void Connection::touch_receiving(int which) {
    world_.watch().touched(&side(which).receive, Owner::network);
    touch_pipe(which);
}

void Connection::touch_pipe(int to) { world_.watch().touched(&side(to).incoming, Owner::network); }

void Connection::touch_sending(int which) {
    world_.watch().touched(&side(which).send, Owner::network);
    world_.watch().touched(&side(which).sent, Owner::network);
    touch_pipe(1 - which);
}

EndName Connection::end_name(int which) const noexcept {
    return {serial_, side(which).accepted, role_, owner_, side(which).machine->name};
}

std::string EndName::text() const {
    std::string text = "connection " + std::to_string(connection) +
                       (accepted ? " (accepted side)" : " (connecting side)");
    if (role != nullptr) text += " of " + std::string(role) + " " + std::to_string(owner);
    if (!host.empty()) text += " at " + std::string(host);
    return text;
}

bool Connection::over() const noexcept {
    return sides_[0].closed && sides_[1].closed && underway_ == 0;
}

/// Positions, flags, and the bytes that are on their way or wait to be received.
std::uint64_t Connection::state_hash() const noexcept {
    Digest hash;
    hash.mix(number_);
    hash.mix((damaged_ ? 1U : 0U) | (network_has_reset_ ? 2U : 0U));
    for (const Side& side : sides_) {
        const Pipe& pipe = side.incoming;
        hash.mix(pipe.written());
        hash.mix(pipe.arrived());
        hash.mix(pipe.content_hash());
        hash.mix(static_cast<std::uint64_t>(pipe.last_arrival.time_since_epoch().count()));
        hash.mix(side.received);
        hash.mix(side.sent);
        std::uint64_t flags = side.ends_told;
        for (const bool flag : {pipe.end_sent, pipe.end_arrived, side.closed, side.canceling,
                                side.interrupted, side.send_interrupted, side.told_of_bytes,
                                side.shut_down, side.abortive, side.reset_arrived, side.discard,
                                side.cut, side.timed_out, side.vanished, side.unheard}) {
            flags = flags * 2 + (flag ? 1 : 0);
        }
        hash.mix(flags);
        hash.mix(side.rest_size);
    }
    return hash.value();
}

// --- receiving ----------------------------------------------------------------------------------

namespace {

/// "the first one, which is in flight, was started at server.cpp:40".
std::string rival(const Operation& first) {
    return "the first one, which is in flight, was started at " + place(first.where());
}

}  // namespace

void Connection::belongs_here(int which, Operation& operation) noexcept {
    Record& record = record_of(operation);
    record.connection = this;
    record.side = static_cast<std::uint8_t>(which);
}

/// The start breaks a rule: it is an event like other starts, so that the verdict can name it.
void Connection::refuse(int which, Operation& operation, Rule rule, const std::string& first) {
    belongs_here(which, operation);
    world_.chronicle().started(operation);
    world_.judge().violated({rule, operation.kind(), operation.where()}, {}, first, &operation);
}

bool Connection::check_receive(int which, Operation& operation) {
    const Side& side = this->side(which);
    Rule rule;
    std::string first;
    if (side.receive != nullptr) {
        rule = Rule::second_receive;
        first = rival(*side.receive);
    } else if (side.ends_told >= ends_told_max) {
        rule = Rule::receive_past_end;
    } else {
        return true;
    }
    refuse(which, operation, rule, first);
    return false;
}

Record* Connection::begin_receive(int which, Operation& operation) {
    touch_receiving(which);
    Side& side = this->side(which);
    if (!check_receive(which, operation)) return nullptr;
    belongs_here(which, operation);
    side.receive = &operation;
    return &record_of(operation);
}

void Connection::start_receive(int which, Operation& operation, MutableBuffer buffer) {
    Record* const record = begin_receive(which, operation);
    if (record == nullptr) return;
    record->data = buffer.data();
    record->size = buffer.size();
    world_.chronicle().started(operation);
    if (!buffer.empty()) std::memset(buffer.data(), static_cast<int>(poison), buffer.size());
    go_on_receiving(which);
}

void Connection::start_receive(int which, ReceiveOperation& operation, std::size_t most) {
    Record* const record = begin_receive(which, operation);
    if (record == nullptr) return;
    record->provided = true;
    record->size = std::max<std::size_t>(most, 1);
    world_.chronicle().started(operation);
    go_on_receiving(which);
}

void Connection::go_on_receiving(int which) {
    Side& side = this->side(which);
    if (side.canceling) return finish_receive(which, Result::failure(Error::canceled));
    if (std::exchange(side.interrupted, false)) {
        return finish_receive(which, Result::failure(Error::canceled));
    }
    if (world_.swarm().fires(Fault::no_buffers, "receive: no buffers")) {
        damage();
        return finish_receive(which, Result::failure(Error::no_buffers));
    }
    maybe_network_reset();
    match_receive(which);
}

void Connection::match_receive(int which) {
    Side& side = this->side(which);
    if (side.receive == nullptr || record_of(*side.receive).decided) return;
    if (side.ends_told > 0) return finish_receive(which, Result::success(0));  // it repeats
    const std::size_t wanted = record_of(*side.receive).size;
    const std::size_t arrived = side.discard ? 0 : side.incoming.arrived();
    if (arrived > 0) {
        std::size_t count = std::min(arrived, wanted);
        count -= world_.swarm().part(Fault::partial_receive, count, "receive: partial",
                                     "receive: bytes held back");
        finish_receive(which, Result::success(count));
    } else if (side.incoming.end_arrived && !side.discard) {
        finish_receive(which, Result::success(0));  // all that was sent has come: a reset is late
    } else if (side.reset_arrived) {
        finish_receive(which, Result::failure(reset_error(side)));
    }
}

Error Connection::reset_error(const Side& side) noexcept {
    return side.timed_out ? Error::timed_out : Error::reset;
}

void Connection::finish_receive(int which, const Result& result) {
    world_.decide(*side(which).receive, result);
}

std::uint64_t Connection::deliver_receive(Operation& operation, const Result& result) {
    Record& record = record_of(operation);
    Side& side = this->side(record.side);
    side.receive = nullptr;
    if (!record.provided && !all_poison({record.data, record.size})) {
        world_.judge().violated(
            {Rule::receive_buffer_touched, OperationKind::receive, operation.where()}, {}, {},
            &operation);
        return 0;
    }
    if (!result.ok()) side.failed(OperationKind::receive, result.error);
    if (result.ok() && record.size == 0) side.told_of_bytes = true;
    if (!result.ok() || record.size == 0) return 0;
    if (result.bytes == 0) {
        ++side.ends_told;
        return 0;
    }
    if (record.provided) {
        ProvidedBuffer buffer = world_.provide(result.bytes, operation.where());
        record.data = buffer.bytes().data();
        static_cast<ReceiveOperation&>(operation).deliver(std::move(buffer));
    }
    record.progress = result.bytes;
    return take(record.side, record.data, result.bytes);
}

/// Moves bytes that have arrived to the program. Gives their hash.
std::uint64_t Connection::take(int which, std::byte* to, std::size_t count) {
    Side& side = this->side(which);
    side.incoming.take(to, count);
    side.told_of_bytes = false;
    side.received += count;
    side.moved(world_.now());
    const bool held = side.accepted && !side.shut_down && side.received > side.sent;
    if (held) world_.network().held(side.received - side.sent);
    try_send(1 - which);  // there is room now
    return hash_of(std::span<const std::byte>(to, count));
}

// --- receiving without waiting ------------------------------------------------------------------

bool Connection::check_try(Side& side) {
    if (side.receive != nullptr) {
        world_.judge().violated(
            {Rule::second_receive, OperationKind::receive, side.receive->where()}, {},
            "try_receive() was called while it was in flight", side.receive);
        return false;
    }
    if (side.ends_told < ends_told_max) return true;
    world_.judge().violated({Rule::receive_past_end, OperationKind::none, side.opened}, {},
                            "the socket was opened there, and the last of them is a try_receive()");
    return false;
}

Result Connection::try_receive(int which, MutableBuffer buffer) {
    constexpr const char* label = "try_receive";
    touch_receiving(which);
    Side& side = this->side(which);
    if (side.accepted) world_.watch().touched(&side.sent, Owner::network);
    if (!check_try(side)) return Result::failure(Error::canceled);
    world_.choices().pick(1, label);  // counts as a choice: a step that tries for ever is stopped
    if (!buffer.empty()) std::memset(buffer.data(), static_cast<int>(poison), buffer.size());
    const Result result = found_now(side, buffer.size());
    std::uint64_t data_hash = 0;
    if (result.bytes > 0) {
        data_hash = take(which, buffer.data(), result.bytes);
    } else if (result.ok() && !buffer.empty()) {
        ++side.ends_told;
    } else if (!result.ok() && result.error != Error::would_block) {
        side.failed(OperationKind::receive, result.error);
    }
    world_.chronicle().tried_receive(*this, which, buffer.size(), result, data_hash,
                                     buffer.first(result.bytes));
    world_.watch().learned(static_cast<std::uint64_t>(result.error));
    world_.watch().learned(result.bytes ^ data_hash);
    return result;
}

/// What there is to receive at this moment, for a buffer of this size.
Result Connection::found_now(Side& side, std::size_t wanted) {
    if (side.canceling) return Result::failure(Error::canceled);
    if (world_.swarm().fires(Fault::no_buffers, "try_receive: no buffers")) {
        damage();
        return Result::failure(Error::no_buffers);
    }
    maybe_network_reset();
    if (side.ends_told > 0) return Result::success(0);
    const std::size_t arrived = side.discard ? 0 : side.incoming.arrived();
    if (arrived > 0) {
        std::size_t count = std::min(arrived, wanted);
        if (count == 0) {
            side.told_of_bytes = true;
            return Result::success(0);
        }
        // They may arrive a moment later, unless the program knows already that they are there.
        if (!side.told_of_bytes &&
            world_.swarm().fires(Fault::partial_receive, "try_receive: nothing yet")) {
            return Result::failure(Error::would_block);
        }
        count -= world_.swarm().part(Fault::partial_receive, count, "try_receive: partial",
                                     "try_receive: bytes held back");
        return Result::success(count);
    }
    if (side.incoming.end_arrived && !side.discard) return Result::success(0);
    return Result::failure(side.reset_arrived ? reset_error(side) : Error::would_block);
}

// --- sending ------------------------------------------------------------------------------------

bool Connection::check_send(int which, Operation& operation, std::span<const ConstBuffer> buffers) {
    const Side& side = this->side(which);
    Rule rule;
    std::string first;
    if (side.send != nullptr) {
        rule = Rule::second_send;
        first = rival(*side.send);
    } else if (side.shut_down) {
        rule = Rule::send_after_shutdown;
    } else {
        // What a short send left must come first now.
        Record view;
        view.buffers = buffers.data();
        view.buffer_count = buffers.size();
        std::size_t matched = 0;
        for_range(view, 0, side.rest_size, [&](std::span<const std::byte> piece) {
            if (!std::equal(piece.begin(), piece.end(), side.rest.data() + matched)) return;
            matched += piece.size();
        });
        if (matched >= std::min(side.rest_size, total_size(buffers))) return true;
        rule = Rule::short_send_ignored;
    }
    record_of(operation).size = total_size(buffers);
    refuse(which, operation, rule, first);
    return false;
}

void Connection::start_send(int which, Operation& operation, std::span<const ConstBuffer> buffers) {
    touch_sending(which);
    Side& side = this->side(which);
    if (!check_send(which, operation, buffers)) return;
    belongs_here(which, operation);
    Record& record = record_of(operation);
    record.buffers = buffers.data();
    record.buffer_count = buffers.size();
    record.size = total_size(buffers);
    record.send_hash = hash_buffers(record);
    side.send = &operation;
    world_.chronicle().started(operation);
    if (side.canceling || std::exchange(side.send_interrupted, false)) {
        return finish_send(which, Result::failure(Error::canceled));
    }
    if (record.size == 0) return finish_send(which, Result::success());
    if (side.reset_arrived) return finish_send(which, Result::failure(send_error(side)));
    if (world_.swarm().fires(Fault::no_buffers, "send: no buffers")) {
        damage();
        return finish_send(which, Result::failure(Error::no_buffers));
    }
    try_send(which);
}

void Connection::try_send(int which) {
    Side& side = this->side(which);
    if (side.send == nullptr || record_of(*side.send).decided) return;
    Operation& operation = *side.send;
    Record& record = record_of(operation);
    std::size_t count =
        std::min(this->side(1 - which).incoming.space(), record.size - record.progress);
    if (count == 0) return;
    const bool whole = world_.swarm().active(Fault::whole_send);
    if (!whole) {
        count -=
            world_.swarm().part(Fault::short_send, count, "send: short", "send: bytes left out");
    }
    push(which, operation, count);
    // Before the bytes fly: where they meet a closed side, its reset is back at once, and is for
    // the next send. The system has taken these.
    if (!whole || record.progress == record.size) {
        finish_send(which, Result::success(record.progress));
    } else {
        world_.swarm().hit(Fault::whole_send);
    }
    fly_bytes(which);
    maybe_network_reset();
}

void Connection::push(int which, Operation& operation, std::size_t count) {
    Record& record = record_of(operation);
    Pipe& pipe = side(1 - which).incoming;
    for_range(record, record.progress, count,
              [&](std::span<const std::byte> piece) { pipe.write(piece); });
    record.progress += count;
    side(which).sent += count;
    world_.chronicle().moved(RunEventKind::bytes_sent, *this, which, pipe, pipe.written() - count,
                             pipe.written());
}

void Connection::fly_bytes(int which) {
    Event event;
    event.kind = EventKind::bytes;
    event.upto = side(1 - which).incoming.written();
    fly(1 - which, event);
}

/// As Linux has it, a reset that follows the end of the stream breaks sending; Windows knows one
/// word for both. The same each time.
Error Connection::send_error(const Side& side) const noexcept {
    if (side.timed_out) return Error::timed_out;
    const bool broken = side.incoming.end_arrived && !world_.swarm().active(Fault::reset_discards);
    return broken ? Error::broken : Error::reset;
}

void Connection::finish_send(int which, const Result& result) {
    Result full = result;
    full.bytes = record_of(*side(which).send).progress;
    world_.decide(*side(which).send, full);
}

void Connection::deliver_send(Operation& operation, const Result& result) {
    const Record& record = record_of(operation);
    Side& side = this->side(record.side);
    side.send = nullptr;
    if (hash_buffers(record) != record.send_hash) {
        world_.judge().violated({Rule::send_buffer_changed, OperationKind::send, operation.where()},
                                {}, {}, &operation);
        return;
    }
    side.rest_size = 0;
    side.unsent = record.size - result.bytes;
    side.send_error = result.error;
    if (result.bytes > 0) side.moved(world_.now());
    if (!result.ok()) return side.failed(OperationKind::send, result.error);
    const std::size_t left = std::min(record.size - result.bytes, Side::remembered_rest);
    for_range(record, result.bytes, left, [&](std::span<const std::byte> piece) {
        std::copy(piece.begin(), piece.end(),
                  side.rest.begin() + static_cast<std::ptrdiff_t>(side.rest_size));
        side.rest_size += piece.size();
    });
}

std::uint64_t Connection::deliver(Operation& operation, const Result& result) {
    if (operation.kind() == OperationKind::receive) return deliver_receive(operation, result);
    deliver_send(operation, result);
    return 0;
}

// --- ending -------------------------------------------------------------------------------------

void Connection::shutdown_send(int which) {
    touch_sending(which);
    Side& side = this->side(which);
    if (side.send != nullptr) {
        world_.judge().violated(
            {Rule::send_after_shutdown, OperationKind::send, side.send->where()}, {}, {},
            side.send);
        return;
    }
    if (std::exchange(side.shut_down, true)) return;
    send_end(which);
}

void Connection::cancel(int which) {
    touch_all();
    Side& side = this->side(which);
    if (std::exchange(side.canceling, true)) return;
    side.canceled_at = world_.now();
    cancel_receive(which);
    if (side.send != nullptr && !record_of(*side.send).decided) {
        finish_send(which, Result::failure(Error::canceled));
    }
}

void Connection::interrupt_receive(int which) {
    touch_receiving(which);
    Side& side = this->side(which);
    if (side.canceling) return;
    const bool pending = side.receive != nullptr && !record_of(*side.receive).decided;
    if (!pending) {
        side.interrupted = true;
        return;
    }
    cancel_receive(which);
    const Result& result = record_of(*side.receive).result;
    side.interrupted = result.ok();  // it won the race: the next one is for the interrupt
}

/// A send whose result is decided has finished first: then the next one is meant. One that is not
/// waits for room in the pipe.
void Connection::interrupt_send(int which) {
    touch_sending(which);
    Side& side = this->side(which);
    if (side.canceling) return;
    if (side.send == nullptr || record_of(*side.send).decided) {
        side.send_interrupted = true;
        return;
    }
    finish_send(which, Result::failure(Error::canceled));
}

/// The bytes up to this position of the stream can be received.
void Connection::arrive(int which, std::uint64_t upto) {
    Pipe& pipe = side(which).incoming;
    const std::uint64_t before = pipe.written() - pipe.underway();
    pipe.arrive(upto);
    world_.chronicle().moved(RunEventKind::bytes_arrived, *this, which, pipe, before,
                             std::max(before, upto));
}

void Connection::cancel_receive(int which) {
    Side& side = this->side(which);
    if (side.receive == nullptr || record_of(*side.receive).decided) return;
    if (side.incoming.underway() > 0 && !side.reset_arrived && !side.cut &&
        world_.swarm().fires(Fault::cancel_loses, "cancel: receive wins")) {
        arrive(which, side.incoming.written());
        return match_receive(which);
    }
    finish_receive(which, Result::failure(Error::canceled));
}

/// The program has closed this side. As TCP has it: bytes that nobody will read mean a reset.
void Connection::close(int which) {
    touch_all();
    Side& side = this->side(which);
    side.closed = true;
    side.socket = nullptr;
    side.moved(world_.now());
    const bool unread = side.incoming.arrived() > 0 && !side.reset_arrived;
    if (side.abortive || unread) return send_reset(which);
    if (!std::exchange(side.shut_down, true)) send_end(which);
}

void Connection::send_end(int which) {
    Pipe& pipe = side(1 - which).incoming;
    if (side(which).reset_arrived || std::exchange(pipe.end_sent, true)) return;
    world_.chronicle().moved(RunEventKind::end_sent, *this, which);
    Event event;
    event.kind = EventKind::end;
    fly(1 - which, event);
}

void Connection::send_reset(int which) {
    if (side(1 - which).closed || side(which).reset_arrived) return;
    fly_reset(1 - which);
}

/// A system that resets does not send what it has not sent yet.
void Connection::fly_reset(int to) {
    Side& side = this->side(to);
    if (world_.swarm().active(Fault::reset_discards) && side.incoming.underway() > 0) {
        world_.swarm().hit(Fault::reset_discards);
        side.cut = true;
    }
    world_.chronicle().moved(RunEventKind::reset_sent, *this, 1 - to);
    Event event;
    event.kind = EventKind::reset;
    fly(to, event);
}

/// Puts something on its way to a side; what is faster than light happens at once. Nothing
/// overtakes what was sent before it.
void Connection::fly(int to, Event event) {
    Side& side = this->side(to);
    const bool far = sides_[0].machine != sides_[1].machine;
    const Time start = far ? passage(to, event) : world_.now();
    const Time arrival =
        std::max(side.incoming.last_arrival, start + world_.network().flight_time());
    side.incoming.last_arrival = arrival;
    event.connection = this;
    event.side = static_cast<std::uint8_t>(to);
    event.at = arrival;
    ++underway_;
    if (arrival > world_.now()) {
        world_.timeline().add(event);
    } else {
        happen(event);
    }
}

// --- between machines ---------------------------------------------------------------------------

namespace {

// A system that gets no answer repeats what it has sent, for so long.
constexpr Duration patience_of_systems = std::chrono::seconds(30);

}  // namespace

/// When something that is sent now gets through between the two machines. TCP repeats what does
/// not; where that takes too long, the sender's system gives the connection up.
Time Connection::passage(int to, const Event& event) {
    const Time passes = world_.hosts().passes(*side(1 - to).machine, *side(to).machine);
    const bool told = event.kind == EventKind::bytes || event.kind == EventKind::end;
    if (told && passes > world_.now() + patience_of_systems) {
        give_up_later(1 - to, world_.now() + patience_of_systems);
    }
    return passes;
}

void Connection::give_up_later(int which, Time at) {
    if (std::exchange(giving_up_[static_cast<std::size_t>(which)], true)) return;
    Event event;
    event.kind = EventKind::lost;
    event.connection = this;
    event.side = static_cast<std::uint8_t>(which);
    event.at = at;
    ++underway_;
    world_.timeline().add(event);
}

/// The system of this side gives the connection up. The other side learns it when it is reached.
void Connection::lose(int which) {
    Side& side = this->side(which);
    if (side.closed || side.reset_arrived) return;
    touch_all();
    damage();
    Side& other = this->side(1 - which);
    other.cut = true;
    if (!other.closed) fly_reset(1 - which);
    side.timed_out = true;
    side.reset_arrived = true;
    world_.chronicle().moved(RunEventKind::reset_arrived, *this, which);
    end_pending(which);
}

/// The connection is over for this side: its receive takes what is left, and its send fails.
void Connection::end_pending(int which) {
    const Side& side = this->side(which);
    match_receive(which);
    if (side.send == nullptr || record_of(*side.send).decided) return;
    finish_send(which, Result::failure(send_error(side)));
}

void Connection::vanish(int which) {
    Side& side = this->side(which);
    side.closed = side.vanished = true;
    side.socket = nullptr;
    side.shut_down = true;
    side.moved(world_.now());
}

void Connection::answer(int which) {
    const Side& side = this->side(which);
    if (side.vanished && side.unheard) tell_of_the_end(which);
}

void Connection::tell_of_the_end(int which) {
    if (!std::exchange(side(which).vanished, false)) return;
    send_reset(which);
}

void Connection::happen(const Event& event) {
    touch_pipe(event.side);
    --underway_;
    const int which = event.side;
    Side& side = this->side(which);
    if (event.kind == EventKind::lost) return lose(which);
    if (event.kind == EventKind::reset) {
        touch_all();
        if (side.reset_arrived || side.closed) return;
        side.reset_arrived = true;
        world_.chronicle().moved(RunEventKind::reset_arrived, *this, which);
        const bool untold = side.incoming.arrived() > 0 || side.incoming.end_arrived;
        if (world_.swarm().active(Fault::reset_discards) && untold &&
            !(side.receive != nullptr && record_of(*side.receive).decided)) {
            world_.swarm().hit(Fault::reset_discards);
            side.discard = true;
        }
        return end_pending(which);
    }
    if (side.closed && side.vanished) {
        side.unheard = true;
        world_.watch().touched(side.machine, Owner::network);
        if (!side.machine->silent) return tell_of_the_end(which);
        return give_up_later(1 - which, world_.now() + patience_of_systems);
    }
    if (side.closed) {
        // Nobody is there to read: TCP answers bytes with a reset. The end of the stream harms
        // nobody.
        if (event.kind == EventKind::bytes) send_reset(which);
        return;
    }
    if (side.reset_arrived || side.cut) return;
    if (event.kind == EventKind::bytes) {
        arrive(which, event.upto);
    } else {
        side.incoming.end_arrived = true;
        world_.chronicle().moved(RunEventKind::end_arrived, *this, which);
    }
    match_receive(which);
}

void Connection::maybe_network_reset() {
    if (network_has_reset_ || !world_.network().may_reset()) return;
    if (!world_.swarm().fires(Fault::network_reset, "network: reset")) return;
    network_has_reset_ = true;
    reset_both();
}

void Connection::reset_both() {
    touch_all();
    damage();
    for (const int which : {0, 1}) {
        if (!side(which).closed) fly_reset(which);
    }
}

std::string Connection::suspicion(int which) const {
    const Side& peer = side(1 - which);
    if (peer.rest_size > 0 && peer.send == nullptr) {
        return "the last send of the other side was short and was never gone on with, so " +
               std::to_string(peer.rest_size) + " bytes or more are missing";
    }
    if (peer.closed && peer.unsent > 0) {
        return "the other side closed with a send unfinished: " + std::to_string(peer.unsent) +
               " bytes of it were not sent (" + std::string(sentence(peer.send_error)) + ")";
    }
    for (const int end : {1 - which, which}) {
        const Side& failed = side(end);
        if (failed.failure == Error::ok) continue;
        return "a " + std::string(drydock::name(failed.failed_kind)) + " on " + name(end) +
               " had failed with " + std::string(drydock::name(failed.failure));
    }
    return {};
}

}  // namespace drydock::sim

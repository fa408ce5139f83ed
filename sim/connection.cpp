// How a simulated connection behaves. Results are decided here; they come out through the world's
// queue.
#include "sim/connection.hpp"

#include <algorithm>
#include <cstring>

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
    std::uint64_t hash = hash_bytes({});
    for_range(record, 0, watched,
              [&](std::span<const std::byte> piece) { hash = hash_bytes(piece, hash); });
    return hash;
}

}  // namespace

Connection::Connection(SimWorld& world, std::uint32_t slot, std::uint64_t serial,
                       std::size_t capacity)
    : world_(world), slot_(slot), serial_(serial), sides_{Side(capacity), Side(capacity)} {
    sides_[1].accepted = true;
}

std::string Connection::name(int which) const {
    return "connection " + std::to_string(serial_) +
           (side(which).accepted ? " (accepted side)" : " (connecting side)");
}

bool Connection::over() const noexcept {
    return sides_[0].closed && sides_[1].closed && underway_ == 0;
}

// --- receiving ----------------------------------------------------------------------------------

bool Connection::check_receive(Side& side, Operation& operation) {
    Rule rule;
    if (side.receive != nullptr) {
        rule = Rule::second_receive;
    } else if (side.ends_told >= ends_told_max) {
        rule = Rule::receive_past_end;
    } else {
        return true;
    }
    world_.violated({rule, OperationKind::receive, operation.where()});
    return false;
}

void Connection::start_receive(int which, Operation& operation, MutableBuffer buffer) {
    Side& side = this->side(which);
    if (!check_receive(side, operation)) return;
    Record& record = record_of(operation);
    record.connection = this;
    record.side = static_cast<std::uint8_t>(which);
    record.data = buffer.data();
    record.size = buffer.size();
    if (!buffer.empty()) std::memset(buffer.data(), static_cast<int>(poison), buffer.size());
    side.receive = &operation;
    if (side.canceling) return finish_receive(which, Result::failure(Error::canceled));
    if (std::exchange(side.interrupted, false)) {
        return finish_receive(which, Result::failure(Error::canceled));
    }
    if (world_.fires(Fault::no_buffers, "receive: no buffers")) {
        damage();
        return finish_receive(which, Result::failure(Error::no_buffers));
    }
    try_receive(which);
}

void Connection::try_receive(int which) {
    Side& side = this->side(which);
    if (side.receive == nullptr || record_of(*side.receive).decided) return;
    const std::size_t wanted = record_of(*side.receive).size;
    const std::size_t arrived = side.discard ? 0 : side.incoming.arrived();
    if (arrived > 0) {
        std::size_t count = std::min(arrived, wanted);
        if (count > 1 && world_.fires(Fault::partial_receive, "receive: partial")) {
            count -= world_.choose(static_cast<std::uint32_t>(count), "receive: bytes held back");
        }
        finish_receive(which, Result::success(count));
    } else if (side.reset_arrived) {
        finish_receive(which, Result::failure(Error::reset));
    } else if (side.incoming.end_arrived) {
        finish_receive(which, Result::success(0));
    }
}

void Connection::finish_receive(int which, const Result& result) {
    world_.decide(*side(which).receive, result);
}

std::uint64_t Connection::deliver_receive(Operation& operation, const Result& result) {
    const Record& record = record_of(operation);
    Side& side = this->side(record.side);
    side.receive = nullptr;
    for (std::size_t i = 0; i < record.size; ++i) {
        if (record.data[i] == poison) continue;
        world_.violated({Rule::receive_buffer_touched, OperationKind::receive, operation.where()});
        return 0;
    }
    if (!result.ok() || record.size == 0) return 0;
    if (result.bytes == 0) {
        ++side.ends_told;
        return 0;
    }
    side.incoming.take(record.data, result.bytes);
    side.received += result.bytes;
    const bool held = side.accepted && !side.shut_down && side.received > side.sent;
    if (held) world_.held(side.received - side.sent);
    try_send(1 - record.side);  // there is room now
    return hash_bytes({record.data, result.bytes});
}

// --- sending ------------------------------------------------------------------------------------

bool Connection::check_send(Side& side, Operation& operation,
                            std::span<const ConstBuffer> buffers) {
    Rule rule;
    if (side.send != nullptr) {
        rule = Rule::second_send;
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
    world_.violated({rule, OperationKind::send, operation.where()});
    return false;
}

void Connection::start_send(int which, Operation& operation, std::span<const ConstBuffer> buffers) {
    Side& side = this->side(which);
    if (!check_send(side, operation, buffers)) return;
    Record& record = record_of(operation);
    record.connection = this;
    record.side = static_cast<std::uint8_t>(which);
    record.buffers = buffers.data();
    record.buffer_count = buffers.size();
    record.size = total_size(buffers);
    record.send_hash = hash_buffers(record);
    side.send = &operation;
    if (side.canceling) return finish_send(which, Result::failure(Error::canceled));
    if (side.reset_arrived) {
        const bool told = std::exchange(side.reset_told, true);
        return finish_send(which, Result::failure(told ? Error::broken : Error::reset));
    }
    if (world_.fires(Fault::no_buffers, "send: no buffers")) {
        damage();
        return finish_send(which, Result::failure(Error::no_buffers));
    }
    if (record.size == 0) return finish_send(which, Result::success());
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
    const bool whole = world_.active(Fault::whole_send);
    if (!whole && count > 1 && world_.fires(Fault::short_send, "send: short")) {
        count -= world_.choose(static_cast<std::uint32_t>(count), "send: bytes left out");
    }
    push(which, operation, count);
    if (record.decided) return;  // the bytes met a closed side, and its reset was back at once
    if (!whole || record.progress == record.size) {
        finish_send(which, Result::success(record.progress));
    } else {
        world_.hit(Fault::whole_send);
    }
    maybe_network_reset();
}

void Connection::push(int which, Operation& operation, std::size_t count) {
    Record& record = record_of(operation);
    Pipe& pipe = side(1 - which).incoming;
    for_range(record, record.progress, count,
              [&](std::span<const std::byte> piece) { pipe.write(piece); });
    record.progress += count;
    side(which).sent += count;
    Event event;
    event.kind = EventKind::bytes;
    event.upto = pipe.written();
    fly(1 - which, event);
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
        world_.violated({Rule::send_buffer_changed, OperationKind::send, operation.where()});
        return;
    }
    side.rest_size = 0;
    if (!result.ok()) return;
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
    Side& side = this->side(which);
    if (side.send != nullptr) {
        world_.violated({Rule::send_after_shutdown, OperationKind::send, side.send->where()});
        return;
    }
    if (std::exchange(side.shut_down, true)) return;
    send_end(which);
}

void Connection::cancel(int which) {
    Side& side = this->side(which);
    if (std::exchange(side.canceling, true)) return;
    cancel_receive(which);
    if (side.send != nullptr && !record_of(*side.send).decided) {
        finish_send(which, Result::failure(Error::canceled));
    }
}

void Connection::interrupt_receive(int which) {
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

void Connection::cancel_receive(int which) {
    Side& side = this->side(which);
    if (side.receive == nullptr || record_of(*side.receive).decided) return;
    if (side.incoming.underway() > 0 && !side.reset_arrived &&
        world_.fires(Fault::cancel_loses, "cancel: receive wins")) {
        side.incoming.arrive(side.incoming.written());
        return try_receive(which);
    }
    finish_receive(which, Result::failure(Error::canceled));
}

/// The program has closed this side. As TCP has it: bytes that nobody will read mean a reset.
void Connection::close(int which) {
    Side& side = this->side(which);
    side.closed = true;
    side.socket = nullptr;
    const bool unread = side.incoming.arrived() > 0 && !side.reset_arrived;
    if (side.abortive || unread) return send_reset(which);
    if (!std::exchange(side.shut_down, true)) send_end(which);
}

void Connection::send_end(int which) {
    Pipe& pipe = side(1 - which).incoming;
    if (side(which).reset_arrived || std::exchange(pipe.end_sent, true)) return;
    Event event;
    event.kind = EventKind::end;
    fly(1 - which, event);
}

void Connection::send_reset(int which) {
    if (side(1 - which).closed || side(which).reset_arrived) return;
    Event event;
    event.kind = EventKind::reset;
    fly(1 - which, event);
}

/// Puts something on its way to a side; what is faster than light happens at once. Nothing
/// overtakes what was sent before it.
void Connection::fly(int to, Event event) {
    Side& side = this->side(to);
    const Time arrival = std::max(side.incoming.last_arrival, world_.now() + world_.flight_time());
    side.incoming.last_arrival = arrival;
    event.connection = this;
    event.side = static_cast<std::uint8_t>(to);
    event.at = arrival;
    ++underway_;
    if (arrival > world_.now()) {
        world_.schedule(event);
    } else {
        happen(event);
    }
}

void Connection::happen(const Event& event) {
    --underway_;
    const int which = event.side;
    Side& side = this->side(which);
    if (event.kind == EventKind::reset) {
        if (side.reset_arrived || side.closed) return;
        side.reset_arrived = true;
        if (world_.active(Fault::reset_discards) && side.incoming.arrived() > 0 &&
            !(side.receive != nullptr && record_of(*side.receive).decided)) {
            world_.hit(Fault::reset_discards);
            side.discard = true;
        }
        try_receive(which);
        if (side.send != nullptr && !record_of(*side.send).decided) {
            finish_send(which, Result::failure(Error::reset));
        }
        return;
    }
    if (side.closed) {
        // Nobody is there to read: TCP answers bytes with a reset. The end of the stream harms
        // nobody.
        if (event.kind == EventKind::bytes) send_reset(which);
        return;
    }
    if (side.reset_arrived) return;
    if (event.kind == EventKind::bytes) {
        side.incoming.arrive(event.upto);
    } else {
        side.incoming.end_arrived = true;
    }
    try_receive(which);
}

void Connection::maybe_network_reset() {
    if (world_.fires(Fault::network_reset, "network: reset")) reset_both();
}

void Connection::reset_both() {
    damage();
    for (const int which : {0, 1}) {
        if (side(which).closed) continue;
        Event event;
        event.kind = EventKind::reset;
        fly(which, event);
    }
}

std::string Connection::suspicion(int which) const {
    const Side& peer = side(1 - which);
    if (peer.rest_size > 0 && peer.send == nullptr) {
        return "; the last send of the other side was short and was never gone on with, so " +
               std::to_string(peer.rest_size) + " bytes or more are missing";
    }
    if (peer.closed && peer.received > peer.sent) {
        return "; the other side closed with " + std::to_string(peer.received - peer.sent) +
               " bytes received and not sent back";
    }
    return {};
}

}  // namespace drydock::sim

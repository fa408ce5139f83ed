// A member's life: join, listen and write side by side, leave.
#include "src/chat/server.hpp"

#include <algorithm>
#include <ratio>
#include <string>
#include <utility>

#include <drydock/hash.hpp>

#include "src/chat/member.hpp"
#include "src/chat/probes.hpp"

namespace drydock::chat {

using server::Connection;
using server::Ending;

namespace {

// How long a held member takes at most to see that the server stops.
constexpr Duration held_step = std::chrono::milliseconds(100);

/// How long `bytes` take at `rate` bytes a second; a day is as good as for ever.
Duration time_for(std::uint64_t bytes, std::uint64_t rate) noexcept {
    constexpr std::uint64_t most_seconds = 24 * 60 * 60;
    const std::chrono::seconds whole(std::min(bytes / rate, most_seconds));
    return whole + std::chrono::nanoseconds(bytes % rate * std::nano::den / rate);
}

}  // namespace

ServerOptions with_defaults(ServerOptions options) noexcept {
    if (options.speaker_share == 0) options.speaker_share = options.outbox_limit / 8;
    if (options.least_rate == 0) {
        options.least_rate = std::max<std::size_t>(options.outbox_limit / 4, 1);
    }
    return options;
}

Server::Server(CompletionQueue& queue, server::Listeners listeners, const ServerOptions& options,
               Log& log, Relay* relay)
    : queue_(queue),
      options_(with_defaults(options)),
      log_(log),
      relay_(relay),
      server_(queue, std::move(listeners), options, *this, log),
      room_(options_, queue.counts_overtakings()),
      relay_outbox_(nobody_) {}

void Server::request_stop() noexcept {
    if (relay_ != nullptr) {
        Time none = never;
        stopped_at_.compare_exchange_strong(none, queue_.now(), std::memory_order_acq_rel);
    }
    server_.request_stop();
}

std::uint64_t Server::Room::state_hash() const noexcept {
    return hash_of({roster.state_hash(), joined, totals.lines, totals.bytes_received,
                    totals.bytes_sent, totals.dropped_slow, totals.dropped_too_long, totals.holds,
                    totals.dropped_lost});
}

Task<Ending> Server::serve(Connection& connection) {
    Member member(queue_, connection);
    co_await join(member);
    TaskGroup writing(queue_);
    writing.spawn(write(member));
    const Parting parting = co_await listen(member);
    // Only who ended its stream, and whom the stop has interrupted, is sent what it is still owed.
    const bool cut = parting == Parting::failure || parting == Parting::too_long;
    if (cut) member.socket().cancel();
    if (relay_ != nullptr && !cut) co_await see_off(member, parting);
    co_await leave(member);
    co_await writing.join();
    co_return co_await account(member, parting);
}

Task<void> Server::join(Member& member) {
    std::size_t members = 0;
    {
        auto room = co_await room_.enter();
        room->roster.join(member.outbox);
        member.number = ++room->joined;  // for the log alone: no step depends on it
        members = room->roster.size();
    }
    if (!log_.wants(Severity::info)) co_return;
    const std::string peer = member.socket().peer_endpoint().to_string();
    log_.write(Severity::info, "member joined",
               {{"member", static_cast<std::int64_t>(member.number)},
                {"peer", peer},
                {"members", static_cast<std::int64_t>(members)}});
}

Task<Server::Parting> Server::listen(Member& member) {
    LineFramer framer(options_.max_line);
    for (;;) {
        if (queue_.explores()) {
            queue_.settled(hash_of({member.listened(), hash_of(framer.unfinished())}));
        }
        ReceiveResult received = co_await receive(member.socket(), options_.buffer_size);
        if (!received.ok()) {
            member.error = received.error;
            if (received.error == Error::canceled) co_return Parting::canceled;
            queue_.probe(probes::receive_failed);
            co_return Parting::failure;
        }
        if (received.end_of_stream()) break;
        member.bytes_received += received.bytes().size();
        member.connection.moved();
        const Lines lines = framer.feed(as_text(received.bytes()));
        if (lines.count > 0) co_await publish(member, lines, received.buffer);
        if (lines.too_long) {
            queue_.probe(probes::line_too_long);
            co_return Parting::too_long;
        }
    }
    queue_.probe(probes::end_of_stream);
    if (!framer.unfinished().empty()) {
        queue_.probe(probes::unfinished_line);
        co_await publish_unfinished(member, framer.unfinished());
    }
    co_return Parting::end_of_stream;
}

Task<void> Server::publish_unfinished(Member& member, std::string_view line) {
    Lines last;
    last.head = line;
    last.body = "\n";
    last.count = 1;
    ProvidedBuffer none;
    co_await publish(member, last, none);
}

/// Publishes the lines, and holds the member where it has to be. The lines are in `bytes`, which go
/// back to the queue before that.
Task<void> Server::publish(Member& member, const Lines& lines, ProvidedBuffer& bytes) {
    if (relay_ != nullptr) {
        co_await relay(member, lines, bytes);
        co_return;
    }
    const ConstBuffer parts[] = {lines.head, lines.body};
    const std::size_t size = total_size(parts);
    Published published = co_await try_publish(member.outbox, parts, false);
    if (published == Published::too_soon) {
        const std::string kept = std::string(lines.head) + std::string(lines.body);
        bytes = ProvidedBuffer();
        queue_.probe(probes::too_soon);
        co_await hold(member, size);
        const ConstBuffer again[] = {std::string_view(kept)};
        published = co_await try_publish(member.outbox, again, true);
    }
    member.lines += lines.count;
    bytes = ProvidedBuffer();
    if (published == Published::too_much && !lines.too_long) co_await hold(member, size);
}

Task<Server::Published> Server::try_publish(Outbox& speaker, std::span<const ConstBuffer> lines,
                                            bool has_waited) {
    WakeList woken;
    Published published = Published::well;
    {
        auto room = co_await room_.enter();
        if (!has_waited && room->roster.comes_too_soon(speaker)) {
            published = Published::too_soon;
        } else if (room->roster.publish(speaker, lines, woken)) {
            published = Published::too_much;
        }
        room.takes({static_cast<std::uint64_t>(published)});
    }
    woken.wake_all();
    co_return published;
}

/// Until the room has taken enough of the member's lines, or its turn at the least rate has come,
/// which all held members share, or the server interrupts it.
Task<void> Server::hold(Member& member, std::size_t bytes) {
    Held held(queue_, member.outbox);
    const Time end = co_await begin_hold(held, bytes);
    if (end == never) co_return;
    ++member.holds;
    member.connection.excuse_until(end);  // while it is held, silence is not its own
    TaskGroup helpers(queue_);
    Timer timer(queue_);
    helpers.spawn(end_hold(&member.connection, held, timer, end));
    co_await held.over.wait();
    timer.cancel();
    co_await helpers.join();
    member.connection.end_excuse();
}

/// When the holding ends at the latest; `never` if there is none, as the room has taken enough.
Task<Time> Server::begin_hold(Held& held, std::size_t bytes) {
    auto room = co_await room_.enter();
    const bool is_held = room->roster.hold(held);
    const std::size_t count = room->roster.held_speakers();
    room.takes({is_held ? count : 0});
    if (!is_held) co_return never;
    co_return later(queue_.now(), time_for(bytes * count, options_.least_rate));
}

/// Of a member, with its connection, or of the relay.
Task<void> Server::end_hold(const Connection* connection, Held& held, Timer& timer, Time end) {
    do {
        const bool elapsed = co_await timer.until(std::min(end, later(queue_.now(), held_step)));
        if (!elapsed) co_return;
    } while (queue_.now() < end && !(connection != nullptr && connection->interrupted()));
    bool still_held = false;
    {
        auto room = co_await room_.enter();
        still_held = room->roster.let_go(held);
        room.takes({still_held ? 1U : 0U});
    }
    if (!still_held) co_return;
    queue_.probe(probes::let_go);
    held.over.set();
}

/// Most of the time it waits: what sending needs, and giving up, is in a frame of its own, which is
/// there meanwhile.
Task<void> Server::write(Member& member) {
    for (;;) {
        const Roster::Next next = co_await send_owed(member);
        if (queue_.explores()) queue_.settled(member.written());
        if (next == Roster::Next::end) co_return;
        co_await member.writable.wait();
    }
}

/// The one who listens must not wait for a connection that nothing can be sent on.
Task<void> Server::give_up(Member& member) {
    if (member.send_error != Error::canceled) queue_.probe(probes::send_failed);
    member.socket().cancel();
    WakeList woken;
    {
        auto room = co_await room_.enter();
        room->roster.abandon(member.outbox, woken);
    }
    woken.wake_all();
}

/// Until nothing is owed (then it is to wait), or the end: also when a send fails.
Task<Roster::Next> Server::send_owed(Member& member) {
    Passage passage;
    std::size_t sent = 0;
    for (;;) {
        if (queue_.explores()) queue_.settled(hash_of({member.written(), sent}));
        Roster::Next next;
        WakeList woken;
        {
            auto room = co_await room_.enter();
            next = room->roster.next(member.outbox, sent, passage, woken);
            room.takes({static_cast<std::uint64_t>(next)});
        }
        if (!woken.empty()) queue_.probe(probes::go_on);
        woken.wake_all();
        if (next != Roster::Next::send) co_return next;
        if (queue_.explores()) {
            queue_.settled(hash_of({member.written(), passage.state_hash()}));
        }
        const Result result = co_await send_some(member.socket(), passage.buffers());
        sent = result.bytes;
        member.bytes_sent += sent;
        if (!result.ok()) {
            member.send_error = result.error;
            co_await give_up(member);
            co_return Roster::Next::end;
        }
        if (sent < passage.size()) queue_.probe(probes::short_send);
        member.connection.moved();
    }
}

Task<void> Server::leave(Member& member) {
    WakeList woken;
    {
        auto room = co_await room_.enter();
        room->roster.leave(member.outbox, woken);
    }
    if (!woken.empty()) queue_.probe(probes::woken_by_leave);
    woken.wake_all();
}

/// The member has nothing in flight any more.
Task<Ending> Server::account(Member& member, Parting parting) {
    bool slow = false;
    bool lost = false;
    bool complete = false;
    {
        auto room = co_await room_.enter();
        slow = room->roster.is_dropped(member.outbox);
        lost = room->roster.is_lost(member.outbox);
        complete = room->roster.is_complete(member.outbox);
        room.takes({slow ? 1U : 0U, lost ? 1U : 0U, complete ? 1U : 0U});
        Totals& totals = room->totals;
        totals.lines += member.lines;
        totals.bytes_received += member.bytes_received;
        totals.bytes_sent += member.bytes_sent;
        totals.dropped_slow += slow ? 1 : 0;
        totals.holds += member.holds;
        totals.dropped_lost += lost ? 1 : 0;
        totals.dropped_too_long += !slow && parting == Parting::too_long ? 1 : 0;
    }
    // An end of stream in the middle of a line would look like the line's end.
    if (!complete) member.socket().set_abortive_close();
    if (slow) {
        queue_.probe(probes::dropped);
        log_leave(member, Severity::warning, "member dropped", "too slow: outbox over its limit");
        co_return Ending::dropped;
    }
    if (lost) {
        queue_.probe(probes::lost);
        log_leave(member, Severity::warning, "member dropped", "lines of the relay are lost");
        co_return Ending::dropped;
    }
    if (parting == Parting::too_long) {
        log_leave(member, Severity::warning, "member dropped", "line over the limit");
        co_return Ending::dropped;
    }
    if (member.connection.idle()) {
        log_leave(member, Severity::warning, "member dropped", "idle");
        co_return Ending::cut_off;
    }
    if (member.send_error != Error::ok && member.send_error != Error::canceled) {
        log_leave(member, Severity::info, "member left", sentence(member.send_error));
        co_return Ending::failure;
    }
    if (parting == Parting::failure) {
        log_leave(member, Severity::info, "member left", sentence(member.error));
        co_return Ending::failure;
    }
    if (!complete) {
        queue_.probe(probes::cut_off);
        log_leave(member, Severity::info, "member left", "cut off by the stop");
        co_return Ending::cut_off;
    }
    if (parting == Parting::canceled) {
        log_leave(member, Severity::info, "member left", "the server stops");
        co_return Ending::stopped;
    }
    queue_.probe(probes::drained_after_leave);
    log_leave(member, Severity::info, "member left", "end of stream");
    co_return Ending::end_of_stream;
}

void Server::log_leave(const Member& member, Severity severity, std::string_view event,
                       std::string_view reason) const noexcept {
    if (!log_.wants(severity)) return;
    const std::string peer = member.socket().peer_endpoint().to_string();
    log_.write(severity, event,
               {{"member", static_cast<std::int64_t>(member.number)},
                {"peer", peer},
                {"reason", reason},
                {"lines", static_cast<std::int64_t>(member.lines)},
                {"holds", static_cast<std::int64_t>(member.holds)},
                {"bytes_sent", static_cast<std::int64_t>(member.bytes_sent)}});
}

}  // namespace drydock::chat

// The chat server with a relay: its members' lines go out, all servers' lines come back.
#include <algorithm>
#include <string>
#include <utility>

#include "src/chat/member.hpp"
#include "src/chat/probes.hpp"
#include "src/chat/server.hpp"

namespace drydock::chat {

/// The relay serves as long as members do, and a little longer for lines of members that are gone.
Task<void> Server::run_relayed() {
    TaskGroup group(queue_);
    group.spawn(relay_->run(*this));
    co_await server_.run();
    const Time stopped_at = stopped_at_.load(std::memory_order_acquire);
    co_await relay_->finish(later(stopped_at, options_.grace));
    co_await group.join();
}

/// publish() for a server with a relay.
Task<void> Server::relay(Member& member, const Lines& lines, ProvidedBuffer& bytes) {
    const ConstBuffer parts[] = {lines.head, lines.body};
    const std::size_t size = total_size(parts);
    std::string kept;
    const bool too_soon = co_await comes_too_soon(member);
    if (too_soon) {
        kept = std::string(lines.head) + std::string(lines.body);
        bytes = ProvidedBuffer();
        queue_.probe(probes::too_soon);
        co_await hold(member, size);
        const ConstBuffer again[] = {std::string_view(kept)};
        member.receipt = co_await relay_->take(again);
    } else {
        member.receipt = co_await relay_->take(parts);
    }
    member.lines += lines.count;
    bytes = ProvidedBuffer();
    member.on_their_way += static_cast<std::uint32_t>(size);
    if (lines.too_long) co_return;
    if (member.receipt.full) queue_.probe(probes::relay_full);
    const bool enough = member.receipt.full || member.on_their_way > options_.speaker_share;
    if (enough) co_await wait_for_return(member);
    const bool too_much = co_await has_too_much(member, size);
    if (too_much) co_await hold(member, size);
}

Task<bool> Server::comes_too_soon(Member& member) {
    auto room = co_await room_.enter();
    const bool too_soon = room->roster.comes_too_soon(member.outbox);
    room.takes({too_soon ? 1U : 0U});
    co_return too_soon;
}

Task<bool> Server::has_too_much(Member& member, std::size_t bytes) {
    auto room = co_await room_.enter();
    const bool too_much = room->roster.has_spoken(member.outbox, bytes);
    room.takes({too_much ? 1U : 0U});
    co_return too_much;
}

/// Until the lines are delivered, or the server cancels the connection. While they are on their
/// way, the member's silence is not its own. False: they have not come back.
Task<bool> Server::wait_for_return(Member& member) {
    queue_.probe(probes::awaited_return);
    Return wait(queue_);
    const server::CanceledTogether together(member.connection, wait);
    member.connection.excuse_until(never);
    const bool delivered = co_await relay_->returned(member.receipt, wait);
    member.connection.end_excuse();
    if (delivered) member.on_their_way = 0;
    co_return delivered;
}

/// A member that leaves in order is owed its own last lines, and so leaves when they are back. When
/// the server stops, it is owed all that members of this server have said. If that does not come
/// back in time, the member's leaving is no orderly one.
Task<void> Server::see_off(Member& member, Parting parting) {
    bool is_open = false;
    {
        auto room = co_await room_.enter();
        is_open = room->roster.is_open(member.outbox);
        room.takes({is_open ? 1U : 0U});
    }
    const bool stops = parting == Parting::canceled;
    if (!is_open || (!stops && member.on_their_way == 0)) co_return;
    if (stops) member.receipt = co_await relay_->newest();
    const bool delivered = co_await wait_for_return(member);
    if (delivered) co_return;
    member.socket().cancel();
    WakeList woken;
    {
        auto room = co_await room_.enter();
        room->roster.cut_off(member.outbox, woken);
    }
    woken.wake_all();
}

Task<void> Server::deliver(std::span<const ConstBuffer> lines, bool behind) {
    const Published published = co_await try_publish(relay_outbox_, lines, behind);
    if (published != Published::too_soon) co_return;
    queue_.probe(probes::relay_held);
    co_await hold_relay(total_size(lines));
    co_await try_publish(relay_outbox_, lines, true);
}

/// As hold() does it with a member: until the slowest member has taken enough, or the relay's turn
/// at the least rate has come.
Task<void> Server::hold_relay(std::size_t bytes) {
    Held held(queue_, relay_outbox_);
    const Time end = co_await begin_hold(held, bytes);
    if (end == never) co_return;
    TaskGroup helpers(queue_);
    Timer timer(queue_);
    helpers.spawn(end_hold(nullptr, held, timer, end));
    co_await held.over.wait();
    timer.cancel();
    co_await helpers.join();
}

Task<void> Server::lose(std::string_view reason) {
    WakeList woken;
    std::size_t members = 0;
    {
        auto room = co_await room_.enter();
        members = room->roster.size();
        room.takes({members});
        room->roster.lose_all(woken);
    }
    woken.wake_all();
    log_.write(Severity::error, "lines lost",
               {{"reason", reason}, {"members_reset", static_cast<std::int64_t>(members)}});
}

}  // namespace drydock::chat

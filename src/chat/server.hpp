// The chat server: every line to everybody, once, whole and in one order.
//
// Per member two coroutines: one receives, cuts the bytes into lines and publishes them; the other
// sends what the member is owed, one gather send at a time. They meet in the roster. A member that
// ends its stream leaves: it is still sent all that was published until then, its own last lines
// included, and is closed after that.
//
// A member that talks faster than the room can listen is held: the server does not receive from it
// until the slowest member has taken enough of its lines. TCP then slows the sender itself. The
// holding has an end, after which the member may publish at `least_rate`: otherwise one member that
// does not read could silence the others. So a member that reads at least at that rate is never
// dropped for what others say, and one that does not is dropped at its outbox limit. The system is
// asked to keep little unsent (unsent_limit), as all that it keeps is ahead of the next line.
//
// With a relay (relay.hpp) the server is one of several that share a room. A member's lines go to
// the relay, and the relay brings back all servers' lines in their one order. A member that leaves
// in order is first sent its own last lines, so its leaving waits for their return. A member with
// too many lines on their way is not received from until they are back. Where the slowest member is
// far behind, the relay waits as a speaker does.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include <drydock/event.hpp>
#include <drydock/server.hpp>
#include <drydock/timer.hpp>

#include "src/chat/framing.hpp"
#include "src/chat/relay.hpp"
#include "src/chat/roster.hpp"

namespace drydock::chat {

struct ServerOptions : server::Options {
    ServerOptions() { unsent_limit = 64 * 1024; }

    /// The most bytes of a line, without its newline. A longer one ends its sender's connection.
    std::size_t max_line = 8 * 1024;
    /// When a line comes and a member is behind by more than this many bytes, it is dropped.
    std::size_t outbox_limit = 1024 * 1024;
    /// How many bytes of one member's lines the slowest member may have left to take, before the
    /// server stops to receive from the first. At most a quarter of the outbox limit counts. 0: an
    /// eighth of the outbox limit.
    std::size_t speaker_share = 0;
    /// Bytes a second, of all held members together, that go on nevertheless. 0: a quarter of the
    /// outbox limit, so that a member which reads nothing is dropped within four seconds of flood.
    std::size_t least_rate = 0;
    /// The most that is received at once.
    std::size_t buffer_size = 4 * 1024;
};

/// The same, with numbers in place of the zeros that stand for a part of the outbox limit.
ServerOptions with_defaults(ServerOptions options) noexcept;

/// A member's counts are added when it has gone.
struct Totals {
    std::uint64_t lines = 0;  ///< published
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t dropped_slow = 0;
    std::uint64_t dropped_too_long = 0;
    std::uint64_t holds = 0;         ///< times that a member which talks too fast was held
    std::uint64_t dropped_lost = 0;  ///< reset because the relay has lost lines
};

struct ServerStats : server::Stats, Totals {};

class Server final : private server::Service, private Audience {
public:
    /// The queue, the log and the relay outlive the server. Without a relay the server has the room
    /// to itself.
    Server(CompletionQueue& queue, server::Listeners listeners, const ServerOptions& options,
           Log& log, Relay* relay = nullptr);

    /// Serves until request_stop(), then drains: each member is sent what it is owed.
    Task<void> run() { return relay_ == nullptr ? server_.run() : run_relayed(); }

    /// From any thread; repeating it does nothing.
    void request_stop() noexcept;

    /// Once run() has returned.
    ServerStats stats() noexcept { return {server_.stats(), room_.unguarded().totals}; }

private:
    struct Member;
    struct Held;

    struct Room {
        /// `in_order`: state_hash() covers the order in which members wait.
        Room(const ServerOptions& options, bool in_order)
            : roster(options.outbox_limit, options.speaker_share, in_order) {}
        Roster roster;
        std::uint64_t joined = 0;
        Totals totals;

        std::uint64_t state_hash() const noexcept;
    };

    /// Why a member's receiving ended.
    enum class Parting : std::uint8_t { end_of_stream, failure, canceled, too_long };

    Task<server::Ending> serve(server::Connection& connection) override;
    Task<void> deliver(std::span<const ConstBuffer> lines, bool behind) override;
    Task<void> lose(std::string_view reason) override;
    Task<void> run_relayed();
    Task<void> join(Member& member);
    Task<Parting> listen(Member& member);
    /// What became of lines that were to be published.
    enum class Published : std::uint8_t {
        well,
        too_much,  ///< and their speaker is to be held
        too_soon   ///< they were not: their speaker is to be held first
    };

    Task<Published> try_publish(Outbox& speaker, std::span<const ConstBuffer> lines,
                                bool has_waited);
    Task<void> publish(Member& member, const Lines& lines, ProvidedBuffer& bytes);
    Task<void> hold(Member& member, std::size_t bytes);
    Task<void> hold_relay(std::size_t bytes);
    Task<Time> begin_hold(Held& held, std::size_t bytes);
    Task<void> end_hold(const server::Connection* connection, Held& held, Timer& timer, Time end);
    Task<void> relay(Member& member, const Lines& lines, ProvidedBuffer& bytes);
    Task<bool> comes_too_soon(Member& member);
    Task<bool> has_too_much(Member& member, std::size_t bytes);
    Task<bool> wait_for_return(Member& member);
    Task<void> see_off(Member& member, Parting parting);
    Task<void> publish_unfinished(Member& member, std::string_view line);
    Task<void> write(Member& member);
    Task<void> give_up(Member& member);
    Task<Roster::Next> send_owed(Member& member);
    Task<void> leave(Member& member);
    Task<server::Ending> account(Member& member, Parting parting);
    void log_leave(const Member& member, Severity severity, std::string_view event,
                   std::string_view reason) const noexcept;

    CompletionQueue& queue_;
    const ServerOptions options_;
    Log& log_;
    Relay* const relay_;
    server::Server server_;
    Monitor<Room> room_;
    // The relay's part of the room: a speaker that never joins.
    NobodySignals nobody_;
    Outbox relay_outbox_;
    std::atomic<Time> stopped_at_{never};  // with a relay
};

}  // namespace drydock::chat

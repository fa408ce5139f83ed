// Peers: ready-made clients for scenarios, from polite ones to those that reset in mid-message.
//
// A scenario derives a class from Peer. The class knows the protocol: which messages to send, when
// they are answered, and whether the answers are right. The peer does the rest, as its PeerPlan
// says: it connects, sends in pieces of any size, reads fast, slowly or not at all, half-closes,
// closes, resets or vanishes. It makes no fault of its own: it sends and reads at the same time,
// ends its reading when a send fails and its sending when the reading ends, goes on when the world
// turns calm, and joins its tasks.
//
//     class Visitor final : public sim::Peer {
//         using Peer::Peer;
//         std::string_view next_message() override { return asked_++ == 0 ? "hello\n" : ""; }
//         bool received(std::string_view bytes) override { answer_ += bytes; return true; }
//         bool answered() const override { return answer_.ends_with('\n'); }
//         void ended() override {
//             if (!complete() && !excused()) fail("greeting", name() + " got no answer");
//         }
//         int asked_ = 0;
//         std::string answer_;
//     };
//
//     Visitor visitor(world, "visitor", 1, sim::choose_peer_plan(world));
//     co_await visitor.run(endpoint);
//
// docs/YOUR-OWN-SERVER.md has a complete example.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <drydock/endpoint.hpp>
#include <drydock/error.hpp>
#include <drydock/sim/world.hpp>
#include <drydock/socket.hpp>
#include <drydock/task.hpp>
#include <drydock/time.hpp>

namespace drydock {
struct SocketResult;
}

namespace drydock::sim {

/// A named way to behave. plan_of() says what it means for a PeerPlan. The first is the benign one.
enum class PeerManner : std::uint8_t {
    polite,        ///< sends a message, reads until it is answered, sends the next; half-closes
    pipelined,     ///< sends all at once, and reads meanwhile; half-closes when all is answered
    half_closing,  ///< the same, but half-closes as soon as all is sent
    closing,       ///< polite, but closes after the last answer and does not wait for the end
    bytewise,      ///< pipelined, with one byte for each send and each receive
    slow,          ///< pipelined, with a pause before each receive until the world is calm
    stalling,      ///< pipelined, but at some byte it stops reading until the world is calm
    staying,       ///< pipelined, but half-closes only when the world is calm
    resetting,     ///< pipelined; leaves by a reset, at some byte
    vanishing,     ///< pipelined; leaves by a plain close, at some byte
};

/// How many manners there are: the values of PeerManner are 0 to peer_manner_count - 1.
inline constexpr std::uint32_t peer_manner_count = 10;
/// The name of the enumerator: "half_closing". It lives as long as the program.
std::string_view name(PeerManner manner) noexcept;

/// How a peer ends its connection when all of its messages are sent, unless it leaves before.
enum class PeerEnding : std::uint8_t {
    half_close,           ///< half-closes at once, and reads to the end of the stream
    half_close_answered,  ///< the same, when all is answered and Peer::wants_more() is false
    half_close_late,      ///< the same, when Peer::stay() has ended
    close,                ///< closes when all is answered and Peer::wants_more() is false
    by_server,            ///< does not: the server has to end the stream
};

/// How a peer leaves in the middle.
enum class PeerLeave : std::uint8_t {
    never,  ///< it does not: it ends as PeerEnding says
    close,  ///< by a plain close: the server sees the end of the stream, or a reset
    reset   ///< by a reset
};

/// How a peer behaves. The default is polite. A plan is data: a scenario draws it from the world
/// (choose_peer_plan), or fixes it.
struct PeerPlan {
    /// A number of bytes that no peer comes to.
    static constexpr std::uint64_t no_limit = ~std::uint64_t{0};

    PeerManner manner = PeerManner::polite;  ///< what it is called in text()
    Duration start_after{0};                 ///< the time before it connects
    /// How long it tries again when its connect fails, with longer and longer pauses: a server that
    /// is a program may not listen yet.
    Duration patience{0};

    /// Waits after each message until it is answered. False: sends all without waiting.
    bool in_turns = true;
    /// Without in_turns: sends all first and then reads. Only for messages that fit into the pipes
    /// of a connection with their answers. It has fewer orders of completions: for `explore`.
    bool in_sequence = false;
    /// Bytes for each send. Without in_turns, one send may have the end of one message and the
    /// beginning of the next. 0: one send for each message.
    std::size_t chunk = 0;
    Duration pause{0};  ///< between two sends, until the world is calm

    std::size_t receive = 256;             ///< size of the receive buffer; at least 1
    Duration read_pause{0};                ///< before each receive, until the world is calm
    std::uint64_t stall_at = no_limit;     ///< after so many bytes received, it stalls once
    Duration stall_for = Duration::max();  ///< how long it stalls; at most until the world is calm

    /// How it ends its connection when all is sent.
    PeerEnding ending = PeerEnding::half_close_answered;
    Duration stay_open{0};  ///< after the end of the stream, before it closes its own side
    PeerLeave leave = PeerLeave::never;       ///< whether, and how, it leaves in the middle
    std::uint64_t leave_received = no_limit;  ///< leaves after so many bytes received,
    std::uint64_t leave_sent = no_limit;      ///< or after so many bytes sent
};

/// The plan of this manner, with the default sizes and without pauses. `stalling` stalls from the
/// beginning; `resetting` and `vanishing` leave after the first byte that they receive.
PeerPlan plan_of(PeerManner manner) noexcept;

/// The plan for exploration: sends everything, half-closes, and then reads to the end.
PeerPlan explored_peer_plan() noexcept;

/// What choose_peer_plan() may choose from.
struct PeerChoices {
    /// The manners. If empty: all. The first one should be the plainest.
    std::vector<PeerManner> manners = {};
    /// About how many bytes the peer sends. The byte at which it leaves is among these.
    std::uint32_t sends = 100;
    /// About how many bytes it should receive. The byte at which it stalls or leaves is among
    /// these.
    std::uint32_t receives = 100;
    /// The peer starts at once and makes no pauses between its sends. Peers that are to meet in
    /// state that their connections share do so far more often.
    bool together = false;
};

/// Chooses in `world` how a peer behaves, in a span "peer" of its own. All choices benign: a polite
/// peer that starts at once.
PeerPlan choose_peer_plan(World& world, const PeerChoices& choices = {});

/// The manner of `plan`, and what is not its default: "resetting(chunk=7 leave_received=12)". For
/// Scenario::options().
std::string text(const PeerPlan& plan);

/// A client of a scenario: one connection. The derived class says what it sends and judges what it
/// receives. It is used once, in one world, and must exist until run() has ended.
///
/// For exploration: the peer reports its own members to the explorer, together with those of the
/// derived class. State that several peers share needs `Inside` or World::touched().
class Peer {
public:
    /// A client in `world`, which must outlive it. `role` and `number` name the peer in traces and
    /// messages: "client", 3. `plan` is copied.
    Peer(World& world, Label role, std::uint32_t number, const PeerPlan& plan);
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    virtual ~Peer();

    /// The whole life of the peer: it connects to `server`, talks, and closes. Nothing of it is
    /// left when it ends. Called once.
    Task<void> run(Endpoint server);

    // --- What happened. Valid at any time; complete when ended() is called. ---

    /// The world that it is in.
    World& world() const noexcept { return world_; }
    /// How it behaves.
    const PeerPlan& plan() const noexcept { return plan_; }
    /// The number that it was given.
    std::uint32_t number() const noexcept { return number_; }
    /// The role and the number, for messages: "client 3".
    std::string name() const;

    /// Whether the connect has succeeded.
    bool connected() const noexcept { return connected_; }
    /// Why it has not; ok before the connect has completed.
    Error connect_error() const noexcept { return connect_error_; }
    /// Bytes sent. The bytes of a send count from its start, because their answer may be faster
    /// than its completion; those that a failed send did not send are taken off again.
    std::uint64_t sent() const noexcept { return sent_; }
    /// Bytes received. In received(): the position of its first byte in the stream.
    std::uint64_t received_bytes() const noexcept { return received_; }
    /// The error of the send that has failed; ok if none has.
    Error send_error() const noexcept { return send_error_; }
    /// The error of the receive that has failed; ok if none has.
    Error receive_error() const noexcept { return receive_error_; }
    /// Whether all messages are sent.
    bool all_sent() const noexcept { return all_sent_; }
    /// Whether the end of the stream has come: the server has ended its side.
    bool end_seen() const noexcept { return end_seen_; }
    /// Whether the peer has left in the middle, as its plan says.
    bool left() const noexcept { return left_; }
    /// Whether it reads no more, for any reason.
    bool over() const noexcept { return over_; }

    /// Whether all messages are sent and answered, wants_more() is false, and the stream has ended
    /// (PeerEnding::close: or the peer has closed it). For ended() and later.
    bool complete() const;
    /// Whether the connection may be incomplete for a reason other than the server: the peer has
    /// left in the middle, or a fault has refused or damaged the connection.
    bool excused() const noexcept;

    /// "client 3: sent 16, got 16, then the end of the stream". For Scenario::outcome().
    std::string outcome() const;
    /// "the end of the stream", "its own close", "an error (...)", "no connection".
    std::string ending() const;

protected:
    // --- The protocol, from the client's side. ---

    /// The next message to send; empty: there are no more. The bytes stay valid until the next
    /// call. It is called when the message is about to be sent, and with `chunk` also earlier.
    virtual std::string_view next_message() = 0;

    /// Bytes have come, at least one, cut anywhere. False: the peer stops reading, because the
    /// bytes are wrong and the scenario has called World::fail().
    virtual bool received(std::string_view bytes) = 0;

    /// Whether all messages that next_message() has returned are answered. A protocol without
    /// answers leaves it: then a message counts as answered when it is sent.
    virtual bool answered() const { return true; }

    /// Whether there is something to wait for although all is answered: a subscriber that is still
    /// owed messages. Asked when all is sent, and after each received().
    virtual bool wants_more() const { return false; }

    /// The end: what the peer saw can be judged. Its socket is open, if it was connected().
    virtual void ended() {}

    /// Ends the run with a failure of `property`, as World::fail(). If there is a connection, the
    /// message `sentence` ends with its likely cause, if the world knows one.
    void fail(std::string_view property, std::string sentence) const noexcept;

    /// The connection, for World::damaged() and other_end(). Only if connected(), up to ended().
    AsyncSocket& socket() const noexcept { return *socket_; }

    // --- Moments, for a judge that needs their order. ---

    /// The connect is about to be started. For all of these functions: the default does nothing.
    virtual void connecting() {}
    /// The bytes of the stream from sent() on, so many, are about to be sent.
    virtual void sending(std::size_t) {}
    /// All messages are sent.
    virtual void sent_all() {}
    /// The half close is about to happen. False: it shall not.
    virtual bool half_closing() { return true; }
    /// A receive has found the end of the stream (end_seen()), or has failed.
    virtual void stream_ended() {}
    /// The peer leaves in the middle, as its plan says.
    virtual void leaving() {}

    // --- For exploration. ---

    /// A hash of the members of the derived class that influence what the peer does or tells after
    /// it has received something, beside those that the other functions of Peer give. With it,
    /// peers that have received the same in other pieces count as equal; only for a class whose
    /// received() does not depend on how the bytes are cut. Without it: by all that it has seen.
    virtual std::optional<std::uint64_t> state_hash() const { return std::nullopt; }

    // --- Waiting that a scenario may want to do in its own way. It must end in a calm world. ---

    /// PeerPlan::stall_at has come. Returns when the peer shall go on reading.
    virtual Task<void> stall();
    /// PeerEnding::half_close_late. Returns when the peer shall half-close; it must return when
    /// over().
    virtual Task<void> stay();
    /// How the socket is closed in the end: true, by a reset.
    virtual bool closes_abortively() const { return plan_.leave == PeerLeave::reset; }

    /// One receive, handed to received(). False: the end of the stream, an error, or received() was
    /// false. For stall().
    Task<bool> read_some();

    /// Everything between the connect and ended(). A class may do something before or after it, in
    /// the same task.
    virtual Task<void> talk();

private:
    enum class Until : std::uint8_t { end, answered, turn_sent };

    Task<void> connect_again(Endpoint server, SocketResult& result);
    Task<void> talk_in_turns();
    Task<void> talk_at_once();
    Task<void> send_turn(std::string_view message);
    Task<void> send_everything();
    Task<void> conclude_late();
    Task<bool> read_until(Until until);
    Task<void> sleep(Duration span);
    bool reached(Until until) const;
    bool pauses_before_send() const noexcept;
    std::string_view begin_send(std::string_view piece);
    bool end_send(std::size_t size, const Result& result);
    std::string_view next_text();
    bool satisfied() const;
    bool leaves_now() const noexcept;
    void conclude();
    void half_close();
    void leave();
    bool take(const Result& result);
    void used() noexcept;
    void settle();
    std::uint64_t hash_of_all(std::uint64_t own) const noexcept;
    Task<void> wait_until_calm(Duration most, bool until_over);

    World& world_;
    Label role_;
    std::uint32_t number_;
    PeerPlan plan_;
    std::unique_ptr<AsyncSocket> socket_;
    std::vector<std::byte> buffer_;
    std::string_view rest_;  // of the messages that are cut into pieces of `chunk` bytes
    std::string joined_;     // the end of one and the beginning of others, if a piece has both
    std::uint64_t sent_ = 0;
    std::uint64_t received_ = 0;
    Error connect_error_ = Error::ok;
    Error send_error_ = Error::ok;
    Error receive_error_ = Error::ok;
    bool connected_ = false;
    bool no_more_ = false;  // messages
    bool all_sent_ = false;
    bool concluding_ = false;  // all is sent, and the ending may come
    bool half_closed_ = false;
    bool end_seen_ = false;
    bool left_ = false;
    bool over_ = false;
    bool damaged_ = false;  // when the socket was closed
    bool stalled_ = false;
    bool turn_underway_ = false;
    bool reads_until_turn_is_sent_ = false;
    bool interrupted_ = false;  // one receive of ours completes with canceled
};

}  // namespace drydock::sim

// Chat servers that are broken in one way each, and the sound one that they are made from.
//
// They keep their members as the textbook does: in a list of handles, small numbers that are used
// again at once when a connection has gone. What a handle stands for is looked up when it is used,
// so a stale one leads to nobody, or to somebody else, and never into freed memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "src/chat/framing.hpp"
#include "tests/scenarios/chat.hpp"
#include "tests/zoo/specimens/specimen_server.hpp"

namespace drydock::zoo {

class ChatSpecimen : public SpecimenServer {
public:
    ChatSpecimen(sim::World& world, Listener listener, const chat::ServerOptions& options)
        : SpecimenServer(world, std::move(listener)), options_(options) {}

protected:
    using Handle = std::size_t;

    /// A connection while it is served. Its writer reads nothing but the seat when it is woken.
    struct Seat {
        Seat(sim::World& its_world, AsyncSocket& its_socket) noexcept
            : world(its_world), socket(its_socket), changed(its_world, wakes_only) {
            world.created_open(this);
        }
        Seat(const Seat&) = delete;
        Seat& operator=(const Seat&) = delete;
        ~Seat() { world.gone(this); }
        /// A number that is no other connection's.
        std::uint64_t number() const { return socket.peer_endpoint().port(); }
        std::uint64_t state_hash() const;

        sim::World& world;
        AsyncSocket& socket;
        AutoResetEvent changed;
        Handle handle = 0;
        std::string outbox;
        std::string sending;
        /// Where in all that was said its own lines end, and their sizes: those that some member
        /// has still to take.
        std::deque<std::pair<std::uint64_t, std::size_t>> own;
        bool spoke = false;  // since it was paced
        bool leaving = false;
        bool cut_off = false;
        bool stopped = false;
    };

    Task<void> serve(AsyncSocket& socket) final;
    void end(AsyncSocket& socket) override { socket.interrupt_receive(); }
    /// The lists and what was said; each seat tells of itself.
    std::uint64_t more_state() const noexcept override;

    // What the broken ones replace:
    virtual Task<void> add(Handle handle);
    virtual void remove(Handle handle);
    /// Whole lines, for all members.
    virtual Task<void> publish(Seat& from, std::string lines);
    /// Bytes from a member. False: it has to go.
    virtual Task<bool> take(Seat& seat, chat::LineFramer& framer, std::string_view bytes);
    virtual Task<void> take_end(Seat& seat, chat::LineFramer& framer);
    /// The member's connection has failed.
    virtual Task<void> take_failure(Seat& seat, chat::LineFramer& framer);
    /// Lines for one member.
    virtual void put(Seat& seat, std::string_view lines);
    /// Before it receives from the member again: returns when the room has taken enough of what
    /// the member has said, or after a while.
    virtual Task<void> pace(Seat& seat);
    /// The member is leaving: returns when all that it has said is given to all.
    virtual Task<void> finish(Seat& seat);
    /// It is off the list: returns when nobody uses its socket any more.
    virtual Task<void> release(Seat& seat);
    /// Whether it is told by a reset that it was not told everything.
    virtual bool ends_abortively(const Seat& seat) const;

    Seat* find(Handle handle) const noexcept {
        const auto shared = use_shared();
        return seats_[handle];
    }
    Seat* find(const AsyncSocket& socket) const noexcept {
        const auto shared = use_shared();
        for (Seat* const seat : seats_) {
            if (seat != nullptr && &seat->socket == &socket) return seat;
        }
        return nullptr;
    }
    void cut_off(Seat& seat) noexcept;
    bool is_cut_off(const Seat& seat) const noexcept;
    /// The use of a seat, as that of what all share.
    [[nodiscard]] sim::Inside<Seat> use(const Seat& seat) const noexcept { return {world_, seat}; }
    /// A list of the members of now, for later steps.
    std::vector<Handle> members_now() const;
    /// Who has this handle now, for later steps. Null: nobody, or somebody who is cut off.
    Seat* seated_now(Handle handle) const;

    chat::ServerOptions options_;
    std::vector<Handle> members_;

private:
    void sit_down(Seat& seat);
    void stand_up(Seat& seat);
    void leave(Seat& seat);
    bool was_stopped(Seat& seat, Error error);
    bool lingers(const Seat& seat) const;
    void note_own(Seat& seat, std::size_t size);
    std::size_t own_behind(Seat& seat) const;
    std::size_t take_spoken(Seat& seat);
    bool is_behind(Seat& seat) const;
    bool has_nothing_to_write(const Seat& seat) const;
    bool begin_to_write(Seat& seat);
    Task<void> listen(Seat& seat);
    Task<void> write(Seat& seat);
    Task<void> linger(Seat& seat);

    std::vector<Seat*> seats_;  // by handle; null: free
    std::uint64_t said_ = 0;    // bytes, by all
};

/// For those that send to members' sockets without their writers: a seat stays until nobody sends
/// to it any more.
class SendingSpecimen : public ChatSpecimen {
protected:
    using ChatSpecimen::ChatSpecimen;

    void begin_use(Seat* seat);
    void end_use(Seat* seat);
    Task<void> release(Seat& seat) override;
    std::uint64_t more_state() const noexcept override;

private:
    std::vector<Seat*> used_;  // a seat once for each that sends to it
};

#define DRYDOCK_CHAT_SPECIMEN(make) \
    Made make(sim::World& world, Listener listener, const chat::ServerOptions& options)

/// No defect: so what is found in the others is their defects' doing.
DRYDOCK_CHAT_SPECIMEN(make_sound_chat);
DRYDOCK_CHAT_SPECIMEN(make_removes_the_neighbour);
DRYDOCK_CHAT_SPECIMEN(make_has_room_for_three);
DRYDOCK_CHAT_SPECIMEN(make_waits_for_slow_readers);
DRYDOCK_CHAT_SPECIMEN(make_lets_two_write_at_once);
DRYDOCK_CHAT_SPECIMEN(make_relays_chunks);
DRYDOCK_CHAT_SPECIMEN(make_sends_to_reused_handles);
DRYDOCK_CHAT_SPECIMEN(make_keeps_everything_for_everybody);
DRYDOCK_CHAT_SPECIMEN(make_answers_the_sender_first);
DRYDOCK_CHAT_SPECIMEN(make_forgets_the_unfinished_line);
DRYDOCK_CHAT_SPECIMEN(make_sets_long_lines_aside);
DRYDOCK_CHAT_SPECIMEN(make_stops_at_once);
DRYDOCK_CHAT_SPECIMEN(make_sends_inside_a_monitor);
DRYDOCK_CHAT_SPECIMEN(make_publishes_torn_lines);
DRYDOCK_CHAT_SPECIMEN(make_keeps_who_has_failed);
DRYDOCK_CHAT_SPECIMEN(make_counts_without_a_lock);
DRYDOCK_CHAT_SPECIMEN(make_drops_with_a_plain_close);
DRYDOCK_CHAT_SPECIMEN(make_recycles_without_clearing);
DRYDOCK_CHAT_SPECIMEN(make_closes_a_handle_twice);
DRYDOCK_CHAT_SPECIMEN(make_lets_one_flood);
DRYDOCK_CHAT_SPECIMEN(make_takes_listeners_for_idle);

}  // namespace drydock::zoo

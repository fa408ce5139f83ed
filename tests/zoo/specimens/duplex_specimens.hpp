// Echo servers that receive and send at the same time and serve one client or two at a time, and
// are broken in one way each; and the sound ones that they are made from.
#pragma once

#include <deque>

#include <drydock/monitor.hpp>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {

/// The clients wait in a line. The server receives from a client that waits as far as its buffer
/// goes, so it sees one that goes away; and it begins to send when the client's turn has come.
class DuplexSpecimen : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

protected:
    /// A connection while it is served. The buffer has two parts: while one is sent, the other is
    /// received into.
    struct Visit {
        Visit(sim::World& world, AsyncSocket& its_socket, std::size_t size)
            : socket(its_socket),
              changed(world),
              room(world),
              parts(size > 1 ? 2 : 1, std::vector<std::byte>(size > 1 ? size / 2 : size)),
              filled(parts.size()) {}
        /// Nothing is left to do for it.
        bool gone() const noexcept { return ended && (failed || filled[sending] == 0); }

        AsyncSocket& socket;
        AutoResetEvent changed;  // for the writer
        AutoResetEvent room;     // for the reader
        std::vector<std::vector<std::byte>> parts;
        std::vector<std::size_t> filled;  // by part: bytes that are not sent yet
        std::size_t receiving = 0;        // the part that is received into next
        std::size_t sending = 0;          // the part that is sent next
        bool ended = false;               // nothing more is received
        bool failed = false;
        bool written = false;  // nothing more is sent
        bool has_turn = false;
        bool has_left = false;  // and its turn is over
    };

    struct Turns {
        std::size_t taken = 0;
        std::deque<Visit*> line;
    };

    Task<void> serve(AsyncSocket& socket) final;

    // What the broken ones replace:

    /// Nothing is left to do for the client. True: its turn has come meanwhile, and is to be ended.
    virtual Task<bool> leave_line(Visit& visit);
    /// Takes a turn if one is free, or takes a place in the line.
    virtual Task<void> join_line(Visit& visit);
    /// Ends the client's turn, if it has one that is not ended yet. The reader calls it when the
    /// connection fails, and the writer when all is sent.
    virtual Task<void> end_turn(Visit& visit);
    /// A turn is over: it is the next one's in the line.
    virtual void pass_on(Turns& turns);

    /// So many clients have a turn at a time.
    virtual std::size_t at_a_time() const { return 1; }

    Monitor<Turns> turns_;

private:
    Task<bool> wait_for_turn(Visit& visit);
    Task<void> read(Visit& visit);
    Task<void> write(Visit& visit);
    Task<void> write_all(Visit& visit);
};

/// No defect: so what is found in the others is their defects' doing.
DRYDOCK_ECHO_SPECIMEN(make_sound_duplex);
DRYDOCK_ECHO_SPECIMEN(make_sound_duplex_of_two);
DRYDOCK_ECHO_SPECIMEN(make_keeps_a_turn_that_it_declines);
DRYDOCK_ECHO_SPECIMEN(make_declines_without_a_second_look);
DRYDOCK_ECHO_SPECIMEN(make_stops_at_one_that_has_gone);
DRYDOCK_ECHO_SPECIMEN(make_frees_a_turn_after_a_look);
DRYDOCK_ECHO_SPECIMEN(make_joins_the_line_after_a_look);

}  // namespace drydock::zoo

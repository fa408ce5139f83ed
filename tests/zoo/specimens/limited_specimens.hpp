// Echo servers that serve a limited number of clients at a time and stop accepting while all places
// are taken, broken in one way each, and the sound one that they are made from.
#pragma once

#include <cstddef>
#include <cstdint>

#include <drydock/hash.hpp>
#include <drydock/monitor.hpp>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {

/// Whoever accepts takes a place first, for the connection to come. A connection that ends gives
/// its place back, and wakes the acceptor if this one has said that it pauses.
class LimitedSpecimen : public EchoSpecimen {
public:
    LimitedSpecimen(sim::World& world, Listener listener, const echo::ServerOptions& options)
        : EchoSpecimen(world, std::move(listener), options), free_(world, wakes_only) {}

protected:
    struct Places {
        std::size_t taken = 0;
        bool paused = false;  // the acceptor is to be woken
        std::uint64_t state_hash() const noexcept { return hash_of({taken, paused ? 1U : 0U}); }
    };

    Task<void> serve(AsyncSocket& socket) final;
    Task<void> accept_connections(TaskGroup& connections) final;
    void end_accepting() noexcept final;

    // What the broken ones replace:

    /// Takes a place, or says that the acceptor pauses. True: it has taken one.
    virtual Task<bool> take_place();

    static constexpr std::size_t most = 2;  // places
    Monitor<Places> places_;

private:
    Task<void> give_back();

    AutoResetEvent free_;
};

/// No defect: so what is found in the others is their defects' doing.
DRYDOCK_ECHO_SPECIMEN(make_sound_limited);
DRYDOCK_ECHO_SPECIMEN(make_pauses_after_a_look);

}  // namespace drydock::zoo

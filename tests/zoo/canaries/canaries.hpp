// The canaries: small broken servers, each with one defect of the textbook's programs or of the
// field.
//
// A server is broken on purpose in exactly one way, which its file's head comment describes. The
// harness must find each one within a stated budget and name the cause: that is what its power is
// measured by.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <drydock/event.hpp>
#include <drydock/io.hpp>
#include <drydock/task_group.hpp>
#include <drydock/timer.hpp>

#include "sim/scenarios/echo.hpp"

namespace drydock::zoo {

using Made = std::unique_ptr<sim::ServerUnderTest>;
using Listener = std::unique_ptr<AsyncListener>;

/// What all canaries share and none of them has its defect in: they accept one connection after the
/// other, and a stop cancels the listener and all sockets, joins and ends.
class Canary : public sim::ServerUnderTest {
public:
    Canary(sim::World& world, Listener listener);
    Task<void> run() override;
    void request_stop() noexcept override { stop_.set(); }

protected:
    /// Serves one connection: `socket` stays alive until the task has ended.
    virtual Task<void> serve(AsyncSocket& socket) = 0;
    /// What to do about a failed accept that is no cancel. False: accept no more.
    virtual Task<bool> accept_failed(Error error);
    /// The server stops: the connection is to end.
    virtual void end(AsyncSocket& socket) { socket.cancel(); }
    /// All connections have ended: what else runs is to end.
    virtual Task<void> stopped();

    sim::World& world_;

private:
    Task<void> accept_connections(TaskGroup& connections);
    Task<void> hold(std::unique_ptr<AsyncSocket> socket);

    Listener listener_;
    AsyncEvent stop_;
    Timer pause_;
    std::vector<AsyncSocket*> open_;
    bool stopping_ = false;
};

class EchoCanary : public Canary {
public:
    EchoCanary(sim::World& world, Listener listener, const echo::ServerOptions& options)
        : Canary(world, std::move(listener)), options_(options) {}

protected:
    echo::ServerOptions options_;
};

// One function a canary, each in a file of its own, as EchoScenario wants them.
#define DRYDOCK_CANARY(make) \
    Made make(sim::World& world, Listener listener, const echo::ServerOptions& options)

/// No defect: so what is found in the others is their defects' doing.
DRYDOCK_CANARY(make_sound);
DRYDOCK_CANARY(make_ignores_short_sends);
DRYDOCK_CANARY(make_reads_past_the_end);
DRYDOCK_CANARY(make_frees_with_a_send_in_flight);
DRYDOCK_CANARY(make_receives_before_it_has_sent);
DRYDOCK_CANARY(make_closes_before_it_has_sent);
DRYDOCK_CANARY(make_keeps_the_last_length);
DRYDOCK_CANARY(make_stops_accepting_after_a_failure);

}  // namespace drydock::zoo

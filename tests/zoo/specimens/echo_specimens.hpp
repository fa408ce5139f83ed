// Echo servers that are broken in one way each, and the sound one.
#pragma once

#include "tests/scenarios/echo.hpp"
#include "tests/zoo/specimens/specimen_server.hpp"

namespace drydock::zoo {

/// Answers what it receives, one message after the other, and has no defect.
class EchoSpecimen : public SpecimenServer {
public:
    EchoSpecimen(sim::World& world, Listener listener, const echo::ServerOptions& options)
        : SpecimenServer(world, std::move(listener)), options_(options) {}

protected:
    Task<void> serve(AsyncSocket& socket) override;

    echo::ServerOptions options_;
};

// One function a specimen, each in a file of its own, as EchoScenario wants them.
#define DRYDOCK_ECHO_SPECIMEN(make) \
    Made make(sim::World& world, Listener listener, const echo::ServerOptions& options)

/// No defect: so what is found in the others is their defects' doing.
DRYDOCK_ECHO_SPECIMEN(make_sound);
DRYDOCK_ECHO_SPECIMEN(make_ignores_short_sends);
DRYDOCK_ECHO_SPECIMEN(make_reads_past_the_end);
DRYDOCK_ECHO_SPECIMEN(make_frees_with_a_send_in_flight);
DRYDOCK_ECHO_SPECIMEN(make_receives_before_it_has_sent);
DRYDOCK_ECHO_SPECIMEN(make_closes_before_it_has_sent);
DRYDOCK_ECHO_SPECIMEN(make_keeps_the_last_length);
DRYDOCK_ECHO_SPECIMEN(make_stops_accepting_after_a_failure);
DRYDOCK_ECHO_SPECIMEN(make_closes_its_listener_on_a_failure);
DRYDOCK_ECHO_SPECIMEN(make_closes_its_listener_undrained);
DRYDOCK_ECHO_SPECIMEN(make_loses_accept_slots);
DRYDOCK_ECHO_SPECIMEN(make_never_gives_a_place_back);
DRYDOCK_ECHO_SPECIMEN(make_leaks_what_has_failed);
DRYDOCK_ECHO_SPECIMEN(make_closes_when_time_is_up);
DRYDOCK_ECHO_SPECIMEN(make_wipes_buffers_too_soon);
DRYDOCK_ECHO_SPECIMEN(make_gives_buffers_back_too_soon);
DRYDOCK_ECHO_SPECIMEN(make_gives_up_waiting_for_a_send);
DRYDOCK_ECHO_SPECIMEN(make_shares_one_descriptor);
DRYDOCK_ECHO_SPECIMEN(make_shares_one_operation);
DRYDOCK_ECHO_SPECIMEN(make_receives_again_after_a_timeout);
DRYDOCK_ECHO_SPECIMEN(make_trusts_a_cancel);
DRYDOCK_ECHO_SPECIMEN(make_sends_again_from_the_start);
DRYDOCK_ECHO_SPECIMEN(make_half_closes_on_a_stop);
DRYDOCK_ECHO_SPECIMEN(make_leaves_its_watchdog_behind);
DRYDOCK_ECHO_SPECIMEN(make_waits_for_a_failed_send);
DRYDOCK_ECHO_SPECIMEN(make_forgets_parts_of_a_send);

}  // namespace drydock::zoo

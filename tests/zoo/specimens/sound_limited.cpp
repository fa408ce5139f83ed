// The sound echo server that accepts as long as it has a free place.
#include "tests/zoo/specimens/limited_specimens.hpp"

namespace drydock::zoo {

Task<void> LimitedSpecimen::accept_connections(TaskGroup& connections) {
    for (;;) {
        const bool has_place = co_await take_place();
        if (has_place) {
            SocketResult accepted = co_await accept(*listener_);
            if (accepted.ok()) {
                connections.spawn(hold(std::move(accepted.socket)));
                continue;
            }
            if (accepted.error != Error::canceled) co_await accept_failed(accepted.error);
            co_await give_back();
        } else {
            co_await free_.wait();
        }
        if (stopping()) co_return;
    }
}

Task<void> LimitedSpecimen::serve(AsyncSocket& socket) {
    co_await EchoSpecimen::serve(socket);
    co_await give_back();
}

Task<bool> LimitedSpecimen::take_place() {
    auto places = co_await places_.enter();
    places->paused = places->taken == most;
    if (!places->paused) ++places->taken;
    const bool has_place = !places->paused;
    places.takes({has_place ? 1U : 0U});
    co_return has_place;
}

Task<void> LimitedSpecimen::give_back() {
    bool wakes = false;
    {
        auto places = co_await places_.enter();
        --places->taken;
        wakes = std::exchange(places->paused, false);
        places.takes({wakes ? 1U : 0U});
    }
    if (wakes) free_.set();
}

/// The acceptor may pause, or be about to.
void LimitedSpecimen::end_accepting() noexcept {
    EchoSpecimen::end_accepting();
    free_.set();
}

DRYDOCK_ECHO_SPECIMEN(make_sound_limited) {
    return std::make_unique<LimitedSpecimen>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: a connection has so much time, and is closed when it is over, whatever is in flight.
//
// A defect of the field (libuv #3034): a socket that is closed while a receive is pending on it
// makes Windows send a reset, so that a peer loses what it was just being sent; and the handle may
// be another connection's before the old receive has come back. Whoever is quick never meets the
// timer.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ClosesWhenTimeIsUp final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve_owned(std::unique_ptr<AsyncSocket>& socket) override {
        Timer timer(world_);
        TaskGroup watching(world_);
        if (options_.idle_timeout > Duration::zero()) watching.spawn(watch(timer, socket));
        co_await serve(*socket);
        timer.cancel();
        co_await watching.join();
    }

    Task<void> watch(Timer& timer, std::unique_ptr<AsyncSocket>& socket) {
        const bool time_is_up = co_await timer.after(options_.idle_timeout);
        if (time_is_up) socket.reset();  // instead of socket->cancel()
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_closes_when_time_is_up) {
    return std::make_unique<ClosesWhenTimeIsUp>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

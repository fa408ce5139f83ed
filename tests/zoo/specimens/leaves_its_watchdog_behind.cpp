// Specimen: the way out of an error leads past the join of a connection's watchdog.
//
// A defect of the field (ponyc, pull request #5046): the owner of what is still to complete is gone
// when it completes. A connection that ends as it should cancels its timer and waits for it; one
// whose send fails ends its life under it.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class LeavesItsWatchdogBehind final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        Timer timer(world_);
        TaskGroup watching(world_);
        const Time bedtime = later(world_.now(), std::chrono::hours(1));
        watching.spawn(cancel_at(timer, bedtime, socket));
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) break;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;  // and the watchdog?
        }
        timer.cancel();
        co_await watching.join();
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_leaves_its_watchdog_behind) {
    return std::make_unique<LeavesItsWatchdogBehind>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

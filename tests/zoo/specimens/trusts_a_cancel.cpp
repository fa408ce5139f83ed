// Specimen: what it has canceled it takes for canceled, and throws away what came instead.
//
// A defect of the field (Ladybird, pull request #5045; asyncio's proactor before it): data that
// arrives between the receive and its cancel is in the buffer, the operation has succeeded, and
// whoever does not look loses it. This server interrupts its receives now and then, to see whether
// all is well.
#include <algorithm>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class TrustsACancel final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    /// A connection and its housekeeping.
    struct Visit {
        Visit(sim::World& world, AsyncSocket& its_socket) noexcept
            : socket(its_socket), timer(world) {}
        AsyncSocket& socket;
        Timer timer;
        bool canceled = false;
        bool over = false;
    };

    Task<void> serve(AsyncSocket& socket) override {
        Visit visit(world_, socket);
        TaskGroup housekeeping(world_);
        housekeeping.spawn(keep_house(visit));
        co_await answer(visit);
        visit.over = true;
        visit.timer.cancel();
        co_await housekeeping.join();
    }

    Task<void> answer(Visit& visit) {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(visit.socket, buffer);
            const bool all_is_well = !stopping();
            // It was canceled, so nothing has come.
            if (std::exchange(visit.canceled, false) && all_is_well) continue;
            if (received.error == Error::canceled && all_is_well) continue;
            if (!received.ok() || received.bytes == 0) co_return;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(visit.socket, answer);
            if (!sent.ok()) co_return;
        }
    }

    static Task<void> keep_house(Visit& visit) {
        Duration pause = std::chrono::milliseconds(5);
        while (!visit.over) {
            const bool elapsed = co_await visit.timer.after(pause);
            if (!elapsed) co_return;
            visit.canceled = true;
            visit.socket.interrupt_receive();
            pause = std::min<Duration>(2 * pause, std::chrono::seconds(1));
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_trusts_a_cancel) {
    return std::make_unique<TrustsACancel>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

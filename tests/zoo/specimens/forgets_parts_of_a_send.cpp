// Specimen: only whole answers keep a connection from being idle.
//
// A defect of drydock's own echo server, before each part of a send counted: a client that read
// steadily, and slowly, was closed while its answer was on its way.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ForgetsPartsOfASend final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    /// In its connection's frame.
    struct Watched {
        AsyncSocket& socket;
        Time moved;
    };

    Task<void> serve(AsyncSocket& socket) override {
        Watched watched{socket, world_.now()};
        Timer timer(world_);
        TaskGroup watching(world_);
        if (options_.idle_timeout > Duration::zero()) watching.spawn(watch(timer, watched));
        co_await answer(watched);
        timer.cancel();
        co_await watching.join();
    }

    Task<void> answer(Watched& watched) {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(watched.socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(watched.socket, answer);
            if (!sent.ok()) co_return;
            watched.moved = world_.now();
        }
    }

    Task<void> watch(Timer& timer, Watched& watched) {
        for (;;) {
            const bool elapsed = co_await timer.after(options_.idle_timeout / 4);
            if (!elapsed) co_return;
            if (world_.now() - watched.moved >= options_.idle_timeout) watched.socket.cancel();
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_forgets_parts_of_a_send) {
    return std::make_unique<ForgetsPartsOfASend>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

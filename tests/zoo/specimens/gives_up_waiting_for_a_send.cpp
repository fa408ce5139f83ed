// Specimen: it waits ten milliseconds for a send and then goes on with the buffer that is being
// sent.
//
// A time limit that only stops the waiting: the send is not canceled by it, and still reads the
// buffer into which the next message is received. So it is with every wait for an OVERLAPPED that
// may time out, and with the buffers of canceled sends (Reseau, pull request #134). In a
// demonstration no send takes any time.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class GivesUpWaitingForASend final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        Timer patience(world_);
        TaskGroup sending(world_);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) break;
            co_await sending.join();
            const ConstBuffer answer(buffer.data(), received.bytes);
            sending.spawn(send(socket, answer, patience));
            co_await patience.after(std::chrono::milliseconds(10));
        }
        co_await sending.join();
    }

    static Task<void> send(AsyncSocket& socket, ConstBuffer answer, Timer& patience) {
        const Result sent = co_await send_all(socket, answer);
        if (!sent.ok()) socket.cancel();
        patience.cancel();
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_gives_up_waiting_for_a_send) {
    return std::make_unique<GivesUpWaitingForASend>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

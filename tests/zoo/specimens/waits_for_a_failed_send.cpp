// Specimen: a send that fails tells nobody, and whoever waits for it waits for ever.
//
// A defect of the field (nng #1598): an operation whose cancel went another way than was thought is
// never finished, and closing the server hangs. Success is what everybody tests.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class WaitsForAFailedSend final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        AutoResetEvent sent(world_);
        TaskGroup sending(world_);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) break;
            const ConstBuffer answer(buffer.data(), received.bytes);
            sending.spawn(send(socket, answer, sent));
            co_await sent.wait();
        }
        co_await sending.join();
    }

    static Task<void> send(AsyncSocket& socket, ConstBuffer answer, AutoResetEvent& sent) {
        const Result result = co_await send_all(socket, answer);
        if (result.ok()) sent.set();
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_waits_for_a_failed_send) {
    return std::make_unique<WaitsForAFailedSend>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

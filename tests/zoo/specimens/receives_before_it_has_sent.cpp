// Specimen: it receives on and on while its sends are underway, without a limit.
//
// IOCPEchoServ_win 4: a new receive is posted with a new buffer before the send has finished, so
// that a client that sends and never reads grows the server without bound.
#include <drydock/async_queue.hpp>

#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ReceivesBeforeItHasSent final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    using Outbox = AsyncQueue<std::vector<std::byte>>;

    Task<void> serve(AsyncSocket& socket) override {
        Outbox outbox(world_);
        TaskGroup sending(world_);
        sending.spawn(send_outbox(socket, outbox));
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) break;
            const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(received.bytes);
            outbox.push({buffer.begin(), end});  // and on, however long the outbox is
        }
        outbox.close();
        co_await sending.join();
    }

    static Task<void> send_outbox(AsyncSocket& socket, Outbox& outbox) {
        for (;;) {
            const std::optional<std::vector<std::byte>> message = co_await outbox.pop();
            if (!message) co_return;
            const Result sent = co_await send_all(socket, ConstBuffer(*message));
            if (!sent.ok()) {
                socket.cancel();
                co_return;
            }
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_receives_before_it_has_sent) {
    return std::make_unique<ReceivesBeforeItHasSent>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

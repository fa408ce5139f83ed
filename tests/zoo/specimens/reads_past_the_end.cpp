// Specimen: 0 bytes are taken for "nothing yet", and it receives again.
//
// StableEchoClnt_win 2 (recv returning 0: endless loop), in a server. The end of the stream
// repeats, so this loop burns a processor for each client that has gone, and never closes its
// socket.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ReadsPastTheEnd final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok()) co_return;
            if (received.bytes == 0) continue;  // "nothing yet"
            const ConstBuffer answer(buffer.data(), received.bytes);
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_reads_past_the_end) {
    return std::make_unique<ReadsPastTheEnd>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

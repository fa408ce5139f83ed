// Specimen: after a short send the whole message is sent again.
//
// A defect of the field (EternalTerminal, pull request #815): the bytes that were taken before the
// send fell short are on their way, and a retry that begins from the start sends them twice. It
// needs a full window, which no demonstration has.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class SendsAgainFromTheStart final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            const ConstBuffer answer(buffer.data(), received.bytes);
            Result sent;
            while (sent.bytes < answer.size) {
                sent = co_await send_some(socket, answer);  // until one send has taken all
                if (!sent.ok()) co_return;
            }
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_sends_again_from_the_start) {
    return std::make_unique<SendsAgainFromTheStart>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

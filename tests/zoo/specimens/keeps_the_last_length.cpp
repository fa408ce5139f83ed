// Specimen: an answer goes out with the length of the message before it.
//
// CmplRouEchoServ_win 3 turned round: there the WSABUF keeps the length of the last message for the
// next receive; here it keeps it for the next send. A client whose messages are all of one size, as
// in a demonstration, never notices.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class KeepsTheLastLength final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<void> serve(AsyncSocket& socket) override {
        std::vector<std::byte> buffer(options_.buffer_size);
        ConstBuffer answer(buffer.data(), 0);
        for (;;) {
            const Result received = co_await receive(socket, buffer);
            if (!received.ok() || received.bytes == 0) co_return;
            if (answer.size == 0) answer.size = received.bytes;
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) co_return;
            answer.size = received.bytes;  // one send too late
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_keeps_the_last_length) {
    return std::make_unique<KeepsTheLastLength>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

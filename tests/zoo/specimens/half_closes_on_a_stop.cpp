// Specimen: a stop half-closes every connection, while answers are still being sent.
//
// The textbook's servers have no stop. One that calls shutdown(SD_SEND) on all its sockets from
// another thread meets WSAESHUTDOWN (10058) in the next send, and a client gets half an answer and
// a clean end of the stream.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class HalfClosesOnAStop final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    void end(AsyncSocket& socket) override {
        socket.shutdown_send();
        socket.interrupt_receive();
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_half_closes_on_a_stop) {
    return std::make_unique<HalfClosesOnAStop>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

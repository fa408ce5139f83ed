// Specimen: an accept that fails closes the listening socket.
//
// A defect of the field (cpython #93821): asyncio on Windows takes what AcceptEx says of one
// connection, that its peer has reset it before it was accepted, for the end of the listener. The
// program runs on, its open connections are served, and every new client is refused.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ClosesItsListenerOnAFailure final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<bool> accept_failed(Error) override {
        close_listener();  // by the rules: no other accept is in flight
        co_return false;
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_closes_its_listener_on_a_failure) {
    return std::make_unique<ClosesItsListenerOnAFailure>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// Specimen: a stop closes the listener as it stands, with an accept in flight.
//
// A defect of the field (libuv, pull request #3036): the callbacks of accepts that the close has
// canceled may run after the memory that they belong to was freed. It shows in the first stop of a
// server whose accepts are checked; by luck it passes in one whose are not.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ClosesItsListenerUndrained final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    void request_stop() noexcept override {
        close_listener();  // no cancel, no wait for the accept that is in flight
        EchoSpecimen::request_stop();
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_closes_its_listener_undrained) {
    return std::make_unique<ClosesItsListenerUndrained>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

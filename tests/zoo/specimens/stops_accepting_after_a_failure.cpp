// Specimen: the first accept that fails ends the accept loop.
//
// A defect of the field (capnproto #2773): one peer that resets before it is accepted, or one
// moment without handles, and the server never accepts again, while the system goes on taking
// connections into its backlog.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class StopsAcceptingAfterAFailure final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    Task<bool> accept_failed(Error) override { co_return false; }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_stops_accepting_after_a_failure) {
    return std::make_unique<StopsAcceptingAfterAFailure>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

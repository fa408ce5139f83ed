// Specimen: a turn is not passed on if the connection of the first client in the line has failed
// and the client has not left the line yet.
//
// A defect of the field (anyio, pull request #1145): the end of a turn leaves the clearing up to
// the client that has gone, and this client only takes itself out of the line. A client behind it
// is never woken. Two clients are served at a time, so the end of the other turn nearly always
// helps.
#include "tests/zoo/specimens/duplex_specimens.hpp"

namespace drydock::zoo {
namespace {

class StopsAtOneThatHasGone final : public DuplexSpecimen {
public:
    using DuplexSpecimen::DuplexSpecimen;

private:
    std::size_t at_a_time() const override { return 2; }

    void pass_on(Turns& turns) override {
        const bool is_clearing_up = !turns.line.empty() && turns.line.front()->failed;
        if (is_clearing_up) {
            --turns.taken;
        } else {
            DuplexSpecimen::pass_on(turns);
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_stops_at_one_that_has_gone) {
    return std::make_unique<StopsAtOneThatHasGone>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

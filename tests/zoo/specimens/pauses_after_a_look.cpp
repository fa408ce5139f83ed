// Specimen: the acceptor looks in one critical section whether a place is free, and says in the
// next that it pauses.
//
// A defect of the field (kpipe, pull request #228: a consumer that pauses when too much is in
// flight, and is only woken by completions that see the pause): all connections have ended between
// the two, and none of them has seen a pause. The acceptor then waits for a place, and all places
// are free. As long as one connection is left, its end helps.
#include "tests/zoo/specimens/limited_specimens.hpp"

namespace drydock::zoo {
namespace {

class PausesAfterALook final : public LimitedSpecimen {
public:
    using LimitedSpecimen::LimitedSpecimen;

private:
    Task<bool> take_place() override {
        {
            auto places = co_await places_.enter();
            const bool has_place = places->taken < most;
            if (has_place) ++places->taken;
            places.takes({has_place ? 1U : 0U});
            if (has_place) co_return true;
        }
        auto places = co_await places_.enter();
        places->paused = true;
        co_return false;
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_pauses_after_a_look) {
    return std::make_unique<PausesAfterALook>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

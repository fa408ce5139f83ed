// Specimen: a keeper that has started anew waits half as long again as a worker uses a lease, by
// its own clock.
//
// A defect of the field (tikv, pull request #1127: a lease without a bound for the drift of
// clocks): most clocks are no problem. A keeper whose clock runs at double speed grants the lock
// too early, and only after a restart: otherwise the whole lease is its margin.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class WaitsOutALeaseByItsOwnClock final : public Keeper {
public:
    using Keeper::Keeper;

private:
    State recovered() override {
        State state = Keeper::recovered();
        state.until = later(host_.now(), Worker::usable_lease * 3 / 2);
        return state;
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_waits_out_a_lease_by_its_own_clock) {
    return lock_parts<WaitsOutALeaseByItsOwnClock, Ledger, Worker>();
}

}  // namespace drydock::zoo

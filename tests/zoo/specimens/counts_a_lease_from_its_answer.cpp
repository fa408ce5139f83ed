// Specimen: a worker counts its lease from the moment in which it hears of it.
//
// A defect of the field (golem, pull request #3834): the answer was on its way for some time, and
// the lease has run since the keeper sent it. This one leaves a margin for the speed of clocks:
// only what the answer's way takes is missing.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class CountsALeaseFromItsAnswer final : public Worker {
public:
    using Worker::Worker;

private:
    Duration patience() const override { return std::chrono::seconds(20); }
    Time lease_end(Time, LockWords) const override { return later(host_.now(), usable_lease); }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_counts_a_lease_from_its_answer) {
    return lock_parts<Keeper, Ledger, CountsALeaseFromItsAnswer>();
}

}  // namespace drydock::zoo

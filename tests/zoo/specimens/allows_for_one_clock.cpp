// Specimen: a worker uses half of its lease, since no clock runs at more than twice its speed.
//
// A defect of the field (reddb, issue #1835, which asks for the drift between two nodes as the
// least margin): the bound is for each clock, and a lease is measured by two. If the keeper's
// clock is as fast as is allowed and the worker's is a little slow, the lease ends before the
// worker's half of it.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class AllowsForOneClock final : public Worker {
public:
    using Worker::Worker;

private:
    Time lease_end(Time asked, LockWords) const override { return later(asked, Keeper::lease / 2); }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_allows_for_one_clock) {
    return lock_parts<Keeper, Ledger, AllowsForOneClock>();
}

}  // namespace drydock::zoo

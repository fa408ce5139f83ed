// Specimen: a worker uses the whole of its lease, by its own clock.
//
// A defect of the field (etcd, pull request #11490; noobaa-core, pull request #9765): two clocks
// do not run at the same speed, so the lease ends at the keeper before it ends at the worker.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class LeasesWithoutAMargin final : public Worker {
public:
    using Worker::Worker;

private:
    Time lease_end(Time asked, LockWords) const override { return later(asked, Keeper::lease); }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_leases_without_a_margin) {
    return lock_parts<Keeper, Ledger, LeasesWithoutAMargin>();
}

}  // namespace drydock::zoo

// Specimen: the ledger does not look at the token, and counts what a former holder of the lock
// sends.
//
// A defect of the field (Kleppmann, "How to do distributed locking", 2016; etcd, issue #11456):
// the worker had the lock when it sent the add. By the time it arrives, another has it: a lease
// ends by the clock, and bytes on their way do not know.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class LetsTheDeposedWrite final : public Ledger {
public:
    using Ledger::Ledger;

private:
    bool is_stale(const State&, const Record&) const override { return false; }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_lets_the_deposed_write) {
    return lock_parts<Keeper, LetsTheDeposedWrite, Worker>();
}

}  // namespace drydock::zoo

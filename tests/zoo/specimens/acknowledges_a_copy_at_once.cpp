// Specimen: an add that the ledger knows already is acknowledged at once.
//
// A defect of the field (pulsar, issue #5218): the numbers by which copies are known are noted
// before the write lasts. A copy that comes in between is acknowledged, the power fails, and
// neither the first nor the copy is in the log.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class AcknowledgesACopyAtOnce final : public Ledger {
public:
    using Ledger::Ledger;

private:
    Task<void> settle_known() override { co_return; }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_acknowledges_a_copy_at_once) {
    return lock_parts<Keeper, AcknowledgesACopyAtOnce, Worker>();
}

}  // namespace drydock::zoo

// Specimen: a keeper that has started anew takes the lock for free.
//
// A defect of the field (Gray and Cheriton, "Leases", 1989, who warn of it): the leases that a
// server has granted bind it beyond its own end. It must remember them, or wait until the longest
// has ended.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class ForgetsItsLeases final : public Keeper {
public:
    using Keeper::Keeper;

private:
    State recovered() override {
        State state = Keeper::recovered();
        state.holder = 0;
        return state;
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_forgets_its_leases) {
    return lock_parts<ForgetsItsLeases, Ledger, Worker>();
}

}  // namespace drydock::zoo

// Specimen: a keeper that has started anew numbers its grants from 1 again.
//
// A defect of the field (wippyai/runtime, pull request #343): the counter was in memory only. What
// compares the new numbers with the old takes the new holder for a former one, and the former one
// for the holder.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class NumbersItsGrantsAnew final : public Keeper {
public:
    using Keeper::Keeper;

private:
    State recovered() override {
        State state = Keeper::recovered();
        state.token = 0;
        return state;
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_numbers_its_grants_anew) {
    return lock_parts<NumbersItsGrantsAnew, Ledger, Worker>();
}

}  // namespace drydock::zoo

// Specimen: the keeper frees the lock for each worker that asks for it, whether it holds it or
// not.
//
// A defect of the field (nexspence, issue #223; twenty, issue #25661): the lock in Redis that is
// released by DEL, without a look at its value. The lease of the first holder has ended, the
// second has the lock, the first releases it, and a third gets it.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class FreesWhatAnotherHolds final : public Keeper {
public:
    using Keeper::Keeper;

private:
    std::string release(State& state, std::uint64_t, std::uint64_t) override {
        state.holder = 0;
        return "free";
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_frees_what_another_holds) {
    return lock_parts<FreesWhatAnotherHolds, Ledger, Worker>();
}

}  // namespace drydock::zoo

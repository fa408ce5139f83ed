// Specimen: the keeper takes a worker that has started anew for the one before, and confirms its
// grant.
//
// A defect of the field (yugabyte-db, issue #24700, which asks that it be handled): the name is
// the same, the worker is not. It counts a whole lease from its question, while that of its
// forerunner has been running for some time.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class TakesANewcomerForTheOld final : public Keeper {
public:
    using Keeper::Keeper;

private:
    std::string lock(State& state, std::uint64_t worker) override {
        const bool is_known = state.holder == worker && host_.now() < state.until;
        if (is_known) return "token " + std::to_string(state.token);
        return Keeper::lock(state, worker);
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_takes_a_newcomer_for_the_old) {
    return lock_parts<TakesANewcomerForTheOld, Ledger, Worker>();
}

}  // namespace drydock::zoo

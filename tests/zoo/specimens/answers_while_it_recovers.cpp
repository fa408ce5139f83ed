// Specimen: the ledger answers from its memory before it has read its log to the end.
//
// A defect of the field (matrixcube, issue #409; zestdb, issue #26): the server listens while it
// recovers. What it says then is true of some earlier moment, or of none: an add that it has not
// read yet, and gets again, is new to it.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class AnswersWhileItRecovers final : public Ledger {
public:
    using Ledger::Ledger;

private:
    bool answers(const State&) const override { return true; }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_answers_while_it_recovers) {
    return lock_parts<Keeper, AnswersWhileItRecovers, Worker>();
}

}  // namespace drydock::zoo

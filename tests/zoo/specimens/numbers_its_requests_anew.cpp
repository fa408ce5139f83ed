// Specimen: a worker that has started anew numbers its adds from 1 again.
//
// A defect of the field (actor-ts, issue #726): the producer counts in its memory, and the consumer
// remembers. After a restart of the producer its next requests look like those that were answered
// before: they are acknowledged, and not carried out.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class NumbersItsRequestsAnew final : public Worker {
public:
    using Worker::Worker;

private:
    std::uint64_t add_number() override {
        if (done_ != last_done_) ++number_;
        last_done_ = done_;
        return number_;
    }

    std::uint64_t last_done_ = ~std::uint64_t{0};
    std::uint64_t number_ = 0;
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_numbers_its_requests_anew) {
    return lock_parts<Keeper, Ledger, NumbersItsRequestsAnew>();
}

}  // namespace drydock::zoo

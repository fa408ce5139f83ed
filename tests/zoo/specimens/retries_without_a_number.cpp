// Specimen: the ledger does not know an add that it gets again.
//
// A defect of the field (brpc, issue #1406; anthropic-sdk-java, issue #370): no answer does not
// mean that the request was not carried out. A client that sends it again, without a number by
// which the server knows it, has it carried out twice.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class RetriesWithoutANumber final : public Ledger {
public:
    using Ledger::Ledger;

private:
    std::uint64_t place_of(const State&, const Record&) const override { return 0; }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_retries_without_a_number) {
    return lock_parts<Keeper, RetriesWithoutANumber, Worker>();
}

}  // namespace drydock::zoo

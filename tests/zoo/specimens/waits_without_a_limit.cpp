// Specimen: a worker waits for an answer without a limit.
//
// A defect of the field (goobs, pull request #256; pravega, issue #5218): a machine that has lost
// its power says nothing, and TCP asks nothing of a peer to which there is nothing to send. So a
// client that has sent its request, and only receives, never learns that nobody is there.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class WaitsWithoutALimit final : public Worker {
public:
    using Worker::Worker;

private:
    Duration patience() const override { return Duration::max(); }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_waits_without_a_limit) {
    return lock_parts<Keeper, Ledger, WaitsWithoutALimit>();
}

}  // namespace drydock::zoo

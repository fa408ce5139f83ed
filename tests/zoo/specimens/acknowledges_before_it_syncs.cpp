// Specimen: the ledger acknowledges an add before its log is synced.
//
// A defect of the field (nats-server, issue #7564): the acknowledgement says that the write lasts,
// but the log is synced once a second. A program that is killed loses nothing by it; a machine
// that loses its power does.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

class AcknowledgesBeforeItSyncs final : public Ledger {
public:
    using Ledger::Ledger;

private:
    Task<void> settle() override { co_return; }

    Task<void> recover() override {
        co_await Ledger::recover();
        for (Timer timer(host_);;) {
            co_await timer.after(std::chrono::seconds(1));
            host_.store().sync();
        }
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_acknowledges_before_it_syncs) {
    return lock_parts<Keeper, AcknowledgesBeforeItSyncs, Worker>();
}

}  // namespace drydock::zoo

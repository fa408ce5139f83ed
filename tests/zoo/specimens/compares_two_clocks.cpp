// Specimen: the keeper tells a worker until which time the lease lasts, and the worker looks at
// its own clock.
//
// A defect of the field (occurrent, issue #659; fdb-kubernetes-operator, issue #241): the time
// comes from one machine and is compared with that of another, as if both showed the same.
#include "tests/zoo/specimens/lock_specimens.hpp"

namespace drydock::zoo {
namespace {

std::int64_t in_ms_since_start(Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

class TellsTheTime final : public Keeper {
public:
    using Keeper::Keeper;

private:
    std::string lock(State& state, std::uint64_t worker) override {
        const std::string told = Keeper::lock(state, worker);
        if (told == "held") return told;
        return told + " " + std::to_string(in_ms_since_start(state.until));
    }
};

class ReadsTheTime final : public Worker {
public:
    using Worker::Worker;

private:
    Time lease_end(Time, LockWords rest) const override {
        return Time(std::chrono::milliseconds(rest.number()));
    }
};

}  // namespace

DRYDOCK_LOCK_SPECIMEN(make_compares_two_clocks) {
    return lock_parts<TellsTheTime, Ledger, ReadsTheTime>();
}

}  // namespace drydock::zoo

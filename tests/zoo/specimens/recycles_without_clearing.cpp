// Specimen: what a connection has left behind is found by the next one that gets its handle.
//
// A defect of the field (vermell #15): the state of a connection is kept by its descriptor, for the
// next one to use again, and one way out does not clear it. Here it is the outbox of a member who
// was cut off: the newcomer is told what was meant for somebody else.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class RecyclesWithoutClearing final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    Task<void> add(Handle handle) override {
        outboxes_.resize(std::max(outboxes_.size(), handle + 1));
        find(handle)->outbox = std::exchange(outboxes_[handle], {});
        co_await ChatSpecimen::add(handle);
    }

    Task<void> release(Seat& seat) override {
        if (seat.cut_off) outboxes_[seat.handle] = seat.outbox;
        co_return;
    }

    std::vector<std::string> outboxes_;  // by handle
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_recycles_without_clearing) {
    return std::make_unique<RecyclesWithoutClearing>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

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
        recycle(*find(handle));
        co_await ChatSpecimen::add(handle);
    }

    void recycle(Seat& seat) {
        const auto shared = use_shared();
        const auto used = use(seat);
        outboxes_.resize(std::max(outboxes_.size(), seat.handle + 1));
        seat.outbox = std::exchange(outboxes_[seat.handle], {});
    }

    Task<void> release(Seat& seat) override {
        const auto shared = use_shared();
        const auto used = use(seat);
        if (seat.cut_off) outboxes_[seat.handle] = seat.outbox;
        co_return;
    }

    std::uint64_t more_state() const noexcept override {
        std::uint64_t hash = ChatSpecimen::more_state();
        for (const std::string& outbox : outboxes_) hash = hash_of({hash, hash_of(outbox)});
        return hash;
    }

    std::vector<std::string> outboxes_;  // by handle
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_recycles_without_clearing) {
    return std::make_unique<RecyclesWithoutClearing>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

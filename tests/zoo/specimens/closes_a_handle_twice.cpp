// Specimen: a connection that has failed is closed twice, by whoever notices first and by whoever
// notices later.
//
// A defect of the field (zio #530): the second close comes when the handle is another connection's
// already, which is cut off and knows not why. What is seen is a server that sometimes drops
// somebody.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class ClosesAHandleTwice final : public ChatSpecimen {
public:
    ClosesAHandleTwice(sim::World& world, Listener listener, const chat::ServerOptions& options)
        : ChatSpecimen(world, std::move(listener), options), noticing_(world) {}

private:
    Task<void> release(Seat& seat) override {
        if (is_cut_off(seat)) noticing_.spawn(close_again(seat.handle));
        co_return;
    }

    Task<void> close_again(Handle handle) {
        Timer timer(world_);
        co_await timer.after(std::chrono::milliseconds(1));
        if (Seat* const seat = find(handle); seat != nullptr) cut_off(*seat);
    }

    Task<void> stopped() override { co_await noticing_.join(); }

    TaskGroup noticing_;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_closes_a_handle_twice) {
    return std::make_unique<ClosesAHandleTwice>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

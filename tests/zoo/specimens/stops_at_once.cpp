// Specimen: when the server stops, all connections are cut off as they stand.
//
// The textbook's servers have no stop at all; the first one that is written cancels everything, and
// with it what the members are still owed.
#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class StopsAtOnce final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

private:
    void end(AsyncSocket& socket) override {
        if (Seat* const seat = find(socket); seat != nullptr) cut_off(*seat);
        socket.cancel();
    }
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_stops_at_once) {
    return std::make_unique<StopsAtOnce>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

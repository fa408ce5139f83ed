// Canary: when the server stops, all connections are cut off as they stand.
//
// The textbook's servers have no stop at all; the first one that is written cancels everything, and
// with it what the members are still owed.
#include "tests/zoo/canaries/chat_canaries.hpp"

namespace drydock::zoo {
namespace {

class StopsAtOnce final : public ChatCanary {
public:
    using ChatCanary::ChatCanary;

private:
    void end(AsyncSocket& socket) override {
        if (Seat* const seat = find(socket); seat != nullptr) cut_off(*seat);
        socket.cancel();
    }
};

}  // namespace

DRYDOCK_CHAT_CANARY(make_stops_at_once) {
    return std::make_unique<StopsAtOnce>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

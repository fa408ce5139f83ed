// Specimen: a broadcast enters the room's monitor and sends from inside, one member after the
// other.
//
// IOCPchatserv_win 1, mended as everybody mends it first: the list has a lock now, and it is held
// over each send. On real workers one member who does not read holds the lock, and with it the
// room; and a worker that has gone on to something else holds it, too.
#include <drydock/monitor.hpp>

#include "tests/zoo/specimens/chat_specimens.hpp"

namespace drydock::zoo {
namespace {

class SendsInsideAMonitor final : public SendingSpecimen {
public:
    using SendingSpecimen::SendingSpecimen;

private:
    Task<void> publish(Seat&, std::string lines) override {
        const auto inside = co_await room_.enter();
        const std::vector<Handle> members = members_now();
        for (const Handle handle : members) {
            Seat* const seat = seated_now(handle);
            if (seat == nullptr) continue;
            begin_use(seat);
            const Result sent = co_await send_all(seat->socket, std::string_view(lines));
            if (!sent.ok()) cut_off(*seat);
            end_use(seat);
        }
    }

    struct Room {};
    Monitor<Room> room_;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_sends_inside_a_monitor) {
    return std::make_unique<SendsInsideAMonitor>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

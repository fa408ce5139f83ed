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

class SendsInsideAMonitor final : public ChatSpecimen {
public:
    using ChatSpecimen::ChatSpecimen;

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

    void begin_use(Seat* seat) {
        const auto shared = use_shared();
        used_.push_back(seat);
    }

    void end_use(Seat* seat) {
        const auto shared = use_shared();
        used_.erase(std::find(used_.begin(), used_.end(), seat));
    }

    Task<void> release(Seat& seat) override {
        const auto unused = [this, &seat] {
            return std::count(used_.begin(), used_.end(), &seat) == 0;
        };
        co_await until(unused);
    }

    std::uint64_t more_state() const noexcept override {
        std::uint64_t used = 0;  // in no order
        for (const Seat* const seat : used_) used += hash_of({seat->number()});
        return hash_of({ChatSpecimen::more_state(), used});
    }

    struct Room {};
    Monitor<Room> room_;
    std::vector<Seat*> used_;
};

}  // namespace

DRYDOCK_CHAT_SPECIMEN(make_sends_inside_a_monitor) {
    return std::make_unique<SendsInsideAMonitor>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

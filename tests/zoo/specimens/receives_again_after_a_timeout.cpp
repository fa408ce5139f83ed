// Specimen: when nothing has come for a while, it receives again, without a thought for the
// receive that is still in flight.
//
// A defect of the field (beast #1528): with two reads outstanding on one connection it is chance
// which of them gets which bytes, and parts of messages go missing. A client that answers quickly
// never meets it.
#include "tests/zoo/specimens/echo_specimens.hpp"

namespace drydock::zoo {
namespace {

class ReceivesAgainAfterATimeout final : public EchoSpecimen {
public:
    using EchoSpecimen::EchoSpecimen;

private:
    struct Visit {
        Visit(sim::World& world, AsyncSocket& its_socket, std::size_t size)
            : socket(its_socket), timer(world), buffer(size) {}
        AsyncSocket& socket;
        Timer timer;
        std::vector<std::byte> buffer;
        Result received;
        bool receiving = false;
        bool looked_at = false;  // and it was receiving then, already
    };

    Task<void> serve(AsyncSocket& socket) override {
        Visit visit(world_, socket, options_.buffer_size);
        TaskGroup watching(world_);
        watching.spawn(watch(visit));
        for (;;) {
            co_await receive_one(visit);
            if (!visit.received.ok() || visit.received.bytes == 0) break;
            const ConstBuffer answer(visit.buffer.data(), visit.received.bytes);
            const Result sent = co_await send_all(socket, answer);
            if (!sent.ok()) break;
        }
        visit.timer.cancel();
        co_await watching.join();
    }

    static Task<void> receive_one(Visit& visit) {
        visit.receiving = true;
        visit.looked_at = false;
        visit.received = co_await receive(visit.socket, visit.buffer);
        visit.receiving = false;
    }

    static Task<void> watch(Visit& visit) {
        for (;;) {
            const bool elapsed = co_await visit.timer.after(std::chrono::milliseconds(50));
            if (!elapsed) co_return;
            const bool late = visit.receiving && std::exchange(visit.looked_at, true);
            if (late) co_await receive_one(visit);  // the one before must have got lost
        }
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_receives_again_after_a_timeout) {
    return std::make_unique<ReceivesAgainAfterATimeout>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

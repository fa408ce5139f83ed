// Specimen: the end of a turn looks in one critical section whether somebody waits, and frees the
// turn in the next.
//
// A defect of the field (osv, pull request #1480: a condition variable that looks whether its queue
// is empty before it takes the lock): a client has joined the line between the two. The turn is
// free, and nobody tells the client. Two clients are served at a time, so the end of the other turn
// nearly always helps.
#include "tests/zoo/specimens/duplex_specimens.hpp"

namespace drydock::zoo {
namespace {

class FreesATurnAfterALook final : public DuplexSpecimen {
public:
    using DuplexSpecimen::DuplexSpecimen;

private:
    std::size_t at_a_time() const override { return 2; }

    Task<void> end_turn(Visit& visit) override {
        bool somebody_waits = false;
        {
            auto turns = co_await turns_.enter();
            if (!visit.has_turn || std::exchange(visit.has_left, true)) co_return;
            somebody_waits = !turns->line.empty();
            if (somebody_waits) pass_on(*turns);
        }
        if (somebody_waits) co_return;
        auto turns = co_await turns_.enter();
        --turns->taken;
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_frees_a_turn_after_a_look) {
    return std::make_unique<FreesATurnAfterALook>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

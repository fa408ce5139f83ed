// Specimen: a client looks in one critical section whether it may begin, and takes its place in the
// line in the next.
//
// A defect of the field (CyanOS, issue #5: a race between acquire() and release()): a turn ends
// between the two, and its end finds nobody in the line. The client then waits for a turn that is
// free. Two clients are served at a time, so the end of the other turn nearly always helps.
#include "tests/zoo/specimens/duplex_specimens.hpp"

namespace drydock::zoo {
namespace {

class JoinsTheLineAfterALook final : public DuplexSpecimen {
public:
    using DuplexSpecimen::DuplexSpecimen;

private:
    std::size_t at_a_time() const override { return 2; }

    Task<void> join_line(Visit& visit) override {
        {
            auto turns = co_await turns_.enter();
            visit.has_turn = turns->taken < at_a_time();
            if (visit.has_turn) {
                ++turns->taken;
                co_return;
            }
        }
        auto turns = co_await turns_.enter();
        turns->line.push_back(&visit);
    }
};

}  // namespace

DRYDOCK_ECHO_SPECIMEN(make_joins_the_line_after_a_look) {
    return std::make_unique<JoinsTheLineAfterALook>(world, std::move(listener), options);
}

}  // namespace drydock::zoo

// The line server in simulated worlds, as ordinary tests.
#include <drydock/sim/gtest.hpp>

#include "line_scenario.hpp"

namespace {

namespace sim = drydock::sim;

TEST(LineServer, AnswersEveryLine) { DRYDOCK_EXPECT_HOLDS(lines, sim::seeds(1, 20'000)); }

TEST(LineServer, AnswersALineInEverySchedule) {
    DRYDOCK_EXPECT_EXPLORED(lines, {{"clients", 1}, {"lines", 1}});
}

// server::Server keeps its connections in a monitor: others may run before one enters it.
TEST(LineServer, AnswersALineInEveryScheduleOfItsMonitors) {
    DRYDOCK_EXPECT_EXPLORED(lines, {{"clients", 1}, {"lines", 1}},
                            {.faults = sim::FaultSet().with(sim::Fault::interleave)});
}

// A failure of last week, now a regression test.
TEST(LineServer, SendsTheRestAfterAShortSend) {
    DRYDOCK_EXPECT_REPLAY_HOLDS(lines, "short_send.schedule");
}

// A listener: it counts the short sends of the runs.
class ShortSends final : public sim::RunListener {
public:
    void happened(const sim::RunEvent& event) noexcept override {
        if (event.kind != sim::RunEventKind::fault) return;
        if (event.fault == sim::Fault::short_send) ++count;
    }
    int count = 0;
};

TEST(LineServer, MeetsShortSends) {
    ShortSends short_sends;
    sim::RunOptions options;
    options.listener = &short_sends;
    for (std::uint64_t seed = 1; seed <= 100; ++seed) sim::run(lines, seed, options);
    EXPECT_GT(short_sends.count, 0);
}

}  // namespace

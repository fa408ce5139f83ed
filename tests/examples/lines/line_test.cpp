// The line server in simulated worlds, as ordinary tests.
#include <drydock/sim/gtest.hpp>

#include "line_scenario.hpp"

namespace {

namespace sim = drydock::sim;

TEST(LineServer, AnswersEveryLine) { DRYDOCK_EXPECT_HOLDS(lines, sim::seeds(1, 20'000)); }

TEST(LineServer, AnswersALineInEverySchedule) {
    DRYDOCK_EXPECT_EXPLORED(lines, {{"clients", 1}, {"lines", 1}});
}

// A failure of last week, now a regression test.
TEST(LineServer, SendsTheRestAfterAShortSend) {
    DRYDOCK_EXPECT_REPLAY_HOLDS(lines, "short_send.schedule");
}

class ShortSends final : public sim::RunListener {
public:
    void happened(const sim::RunEvent& event) noexcept override {
        if (event.kind == sim::RunEventKind::fault && event.fault == sim::Fault::short_send)
            ++count;
    }
    int count = 0;
};

TEST(LineServer, MeetsShortSends) {
    ShortSends short_sends;
    sim::RunOptions options;
    options.listener = &short_sends;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        EXPECT_TRUE(sim::run(lines, seed, options).passed);
    EXPECT_GT(short_sends.count, 0);
}

}  // namespace

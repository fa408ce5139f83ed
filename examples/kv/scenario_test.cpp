// The key-value server in simulated worlds, as ordinary tests.
#include "scenario.hpp"

#include <drydock/sim/gtest.hpp>

namespace {

namespace sim = drydock::sim;

TEST(KvServer, HoldsItsProperties) { DRYDOCK_EXPECT_HOLDS(kv::scenario, sim::seeds(1, 20'000)); }

// Clients that do nothing but increment the shared counter meet in it far more often.
TEST(KvServer, LosesNoIncrement) {
    sim::RunOptions options;
    options.always = sim::FaultSet().with(sim::Fault::interleave);
    DRYDOCK_EXPECT_HOLDS(kv::scenario, sim::seeds(1, 5'000), {{"clients", 4}, {"commands", 4}},
                         options);
}

TEST(KvServer, LosesNoIncrementInAnySchedule) {
    DRYDOCK_EXPECT_EXPLORED(kv::scenario, {{"clients", 2}, {"commands", 1}});
}

// An INCR that read the counter in one monitor entry and wrote it in another has failed here.
TEST(KvServer, ExecutesAnIncrementInOneStep) {
    DRYDOCK_EXPECT_REPLAY_HOLDS(kv::scenario, "two_increments.schedule");
}

}  // namespace
